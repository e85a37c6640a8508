package dev.proffer.features.spec;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One declared feature.
 *
 * @param name unique in its contract
 * @param version counts changes of meaning; part of the contract's hash
 * @param transformation what computes it
 * @param parameters the transformation's parameters as written
 * @param unit what the number counts; empty when it counts nothing
 * @param description one sentence for people
 * @param reason what a person is told when this feature spoke most for a proposition; empty to
 *     never name it
 */
public record FeatureSpec(
    String name,
    int version,
    String transformation,
    SortedMap<String, String> parameters,
    String unit,
    String description,
    String reason) {

  public FeatureSpec {
    parameters = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /**
   * The part of the declaration that decides the value, in one line; what the contract's hash is
   * taken over.
   */
  String canonical() {
    StringBuilder line =
        new StringBuilder(name).append('@').append(version).append('=').append(transformation);
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      line.append(' ').append(parameter.getKey()).append('=').append(parameter.getValue());
    }
    return line.toString();
  }
}
