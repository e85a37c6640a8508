package dev.proffer.pipeline.rules;

/** A rule that works on all rows at once, before any slot is chosen: leaves out, lifts, lowers. */
sealed interface SlateRule extends Rule permits Eligibility, Already, FrequencyCap, Boost, Bury {
  /** Works on the rows that are left, by {@link Slate#remove} and the like. */
  void apply(Slate slate);
}
