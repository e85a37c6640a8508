package dev.proffer.pipeline.rules;

/**
 * A declared step after scoring. Immutable, so that pipelines share it; what it works on is the
 * {@link Slate}.
 */
public sealed interface Rule permits SlateRule, Pin, CategoryCap, Diversity, Exploration {
  /** What metrics and explanations call it; unique among the rules of a file. */
  String name();

  /** Whether it also works when the caller named the items to rank. */
  boolean givenItems();

  /**
   * Whether it works on the static list too, which has no scores: true of what leaves out, caps,
   * pins and buries.
   */
  boolean withoutScores();
}
