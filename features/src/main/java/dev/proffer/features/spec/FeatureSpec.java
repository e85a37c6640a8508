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
 * @param entity whom or what the value belongs to
 * @param type what kind of value it is
 * @param otherwise the value when there is none; NaN for missing
 * @param livesMillis missing when the user's latest event is older than this; 0 for never
 * @param owner who answers for it; empty when nobody says so
 * @param unit what the number counts; empty when it counts nothing
 * @param description one sentence for people
 */
public record FeatureSpec(
    String name,
    int version,
    String transformation,
    SortedMap<String, String> parameters,
    String entity,
    Type type,
    float otherwise,
    long livesMillis,
    String owner,
    String unit,
    String description) {

  /** Kinds of values; all are held as floats. */
  public enum Type {
    /** A quantity. */
    NUMBER,
    /** 0 or 1. */
    BOOLEAN,
    /** A number that names one of several and has no order. */
    CATEGORY
  }

  public FeatureSpec {
    parameters = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /**
   * The part of the declaration that decides the value, in one line; what the contract's hash is
   * taken over.
   */
  public String canonical() {
    StringBuilder line =
        new StringBuilder(name).append('@').append(version).append('=').append(transformation);
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      line.append(' ').append(parameter.getKey()).append('=').append(parameter.getValue());
    }
    if (type != Type.NUMBER) {
      line.append(" type=").append(type);
    }
    if (!Float.isNaN(otherwise)) {
      line.append(" default=").append(otherwise);
    }
    if (livesMillis > 0) {
      line.append(" lives-ms=").append(livesMillis);
    }
    return line.toString();
  }
}
