package dev.proffer.pipeline;

import java.util.Locale;

/**
 * A rung of the fallback ladder, best first. The word is wire code and metric tag, never renamed.
 */
public enum Rung {
  ML_RANKER,
  PREVIOUS_MODEL,
  RULE_BASED,
  STATIC,
  /** Not a rung: the whole answer was given a moment before. */
  CACHE;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word on the wire. */
  public String word() {
    return word;
  }
}
