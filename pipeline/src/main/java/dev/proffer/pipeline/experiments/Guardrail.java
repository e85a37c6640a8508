package dev.proffer.pipeline.experiments;

import java.util.Locale;

/**
 * A bound on how much worse than the control a variant may be before it is stopped. Immutable.
 *
 * @param maxLoss relative to the control's figure: 0.05 for five per cent worse
 * @param minAnswers so many answers of either arm before anything is judged
 * @param alpha the chance, at most, that a variant within the bound is ever stopped by this rule
 */
public record Guardrail(Metric metric, double maxLoss, int minAnswers, double alpha) {
  /** The figures a running gateway has of an arm, each a ratio of two sums. */
  public enum Metric {
    /** Clicks per proposition shown. */
    CTR(true),
    /** Answers that at least one click answered. */
    ACCEPTANCE(true),
    /** Conversions per answer. */
    CONVERSIONS(true),
    /** The value of conversions per answer. */
    VALUE(true),
    /** Answers that something was missing for. */
    DEGRADED(false),
    /** Milliseconds from a request's head to its page. */
    LATENCY(false);

    private final boolean moreIsBetter;

    Metric(boolean moreIsBetter) {
      this.moreIsBetter = moreIsBetter;
    }

    /** Whether a greater figure is a better one. */
    public boolean moreIsBetter() {
      return moreIsBetter;
    }

    /** The word in files and answers. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
