package dev.proffer.ranker.artifact;

import java.time.Instant;
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
    notes = Map.copyOf(notes);
  }
}
