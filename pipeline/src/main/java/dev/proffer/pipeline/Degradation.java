package dev.proffer.pipeline;

import java.util.Locale;

/**
 * What was missing when an answer was made. The word is wire code and metric tag, never renamed.
 */
public enum Degradation {
  /** No model could be loaded. */
  NO_MODEL,
  /** The champion threw while it scored. */
  CHAMPION_FAILED,
  /** The previous model threw while it scored. */
  PREVIOUS_FAILED,
  /** There were no statistics to rank by. */
  NO_STATISTICS,
  /** The user's sequence could not be read: the answer is for a person never seen. */
  FEATURES_FAILED,
  /** The user's sequence did not come in time: the answer is over what this gateway knows. */
  FEATURES_LATE,
  /**
   * The user's sequence did not come in time, and the one at hand is older than it may be; or a
   * burst of events was acknowledged that is not all in it yet.
   */
  FEATURES_STALE,
  /** A source of candidates threw: what it would have found is not among them. */
  SOURCE_FAILED,
  /** A source that asks an index took too long: what it would have found is not there. */
  SOURCE_LATE,
  /** A model that is not compiled took too long: the next rung answered. */
  MODEL_LATE,
  /** Some of the items to rank are not in the catalog: they were ranked on defaults. */
  UNKNOWN_ITEMS,
  /** Too many waited, or too little time was left: rules ranked, whatever models there are. */
  OVERLOADED,
  /**
   * The model of an experiment's variant was missing or threw: the default answered in its place.
   */
  VARIANT_FAILED,
  /** The log's queue was full: this answer leaves no impression. */
  IMPRESSION_LOST;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word on the wire. */
  public String word() {
    return word;
  }
}
