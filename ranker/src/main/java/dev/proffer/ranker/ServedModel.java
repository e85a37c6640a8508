package dev.proffer.ranker;

/**
 * A model ready to serve. Immutable; safe to share.
 *
 * @param version its name in the registry
 * @param task what it answers
 * @param contract the name of its feature contract
 * @param contractSha the contract's SHA-256; rows of another are never scored with it
 * @param scorer the model, compiled where a compiler knows its kind
 * @param calibration from the scorer's scores to probabilities
 */
public record ServedModel(
    String version,
    String task,
    String contract,
    String contractSha,
    Scorer scorer,
    Calibration calibration) {
  /** Whether it scores slower than an event loop may wait. */
  public boolean takesLong() {
    return !scorer.isCompiled();
  }
}
