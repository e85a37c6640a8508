package dev.proffer.ranker.artifact;

import dev.proffer.features.spec.FeatureContract;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a model is and how it came to be. {@code offline} writes it beside the model; {@code
 * gateway} refuses to serve the model unless {@code contractSha256} equals that of the features it
 * computes.
 *
 * @param version its name in the registry
 * @param task what it answers
 * @param trainer what trained it, with its parameters
 * @param contract the name of its feature contract
 * @param features the features in row order
 * @param declarations what decided each feature's value, in row order, then what they read; empty
 *     in manifests of before these were kept
 * @param trainedThrough the instant before which all its training events lie; nothing earlier may
 *     be used to evaluate it
 * @param createdAt when training ended
 * @param rows how many rows it was trained on
 * @param logEntries how many log entries were read
 * @param logSha256 digest of the entries it learned from
 * @param commit the code's commit, or "unknown"
 * @param seed the random seed of sampling and training
 * @param slope of the calibration
 * @param intercept of the calibration
 * @param tribuoProvenance Tribuo's own birth certificate of the model
 * @param notes further facts of the training, such as rows by origin
 */
public record ModelManifest(
    String version,
    String task,
    String trainer,
    String contract,
    String contractSha256,
    List<String> features,
    List<String> declarations,
    Instant trainedThrough,
    Instant createdAt,
    long rows,
    long logEntries,
    String logSha256,
    String commit,
    long seed,
    double slope,
    double intercept,
    String tribuoProvenance,
    Map<String, String> notes) {

  public ModelManifest {
    for (Object required : new Object[] {version, task, contract, contractSha256}) {
      Objects.requireNonNull(required, "version, task, contract and contractSha256 are required");
    }
    features = List.copyOf(features);
    if (features.isEmpty()) {
      throw new IllegalArgumentException("features=[], expected at least one");
    }
    declarations = List.copyOf(Objects.requireNonNullElse(declarations, List.of()));
    if (!declarations.isEmpty() && declarations.size() < features.size()) {
      throw new IllegalArgumentException(
          declarations.size() + " declarations, expected one for each of " + features.size());
    }
    notes = Map.copyOf(notes);
  }

  /** The {@link #declarations} of a contract. */
  public static List<String> declarationsOf(FeatureContract contract) {
    List<String> lines = new ArrayList<>();
    contract.features().forEach(feature -> lines.add(feature.canonical()));
    lines.addAll(contract.reads());
    return List.copyOf(lines);
  }
}
