package dev.proffer.pipeline.experiments;

import dev.proffer.pipeline.experiments.Guardrail.Metric;
import org.jspecify.annotations.Nullable;

/**
 * A variant beside the control, by the sums of a running gateway. Immutable.
 *
 * @param difference the variant's figure less the control's; NaN while either has none
 * @param halfWidth of the confidence sequence of the difference
 * @param pValue that may be looked at at any time
 */
public record Comparison(
    Metric metric,
    Tally.Figure control,
    Tally.Figure variant,
    double difference,
    double halfWidth,
    double pValue) {

  /** The comparison of an arm with the control's. */
  public static Comparison of(Metric metric, Tally control, Tally variant, SequentialTest test) {
    Tally.Figure one = control.figure(metric);
    Tally.Figure other = variant.figure(metric);
    double variance = one.variance() + other.variance();
    double units = SequentialTest.units(one.answers(), other.answers());
    double difference = other.value() - one.value();
    return new Comparison(
        metric,
        one,
        other,
        difference,
        Double.isNaN(variance) ? Double.NaN : test.halfWidth(variance, units),
        Double.isNaN(difference) ? 1 : test.pValue(difference, variance, units));
  }

  /**
   * Why a guardrail stops a variant, in words; null while it does not. Judged is whether the loss
   * is surely greater than allowed: a variant that is exactly at the bound is stopped with a chance
   * of alpha at most, however often this is asked.
   */
  public static @Nullable String breach(Guardrail guardrail, Tally control, Tally variant) {
    Tally.Figure one = control.figure(guardrail.metric());
    Tally.Figure other = variant.figure(guardrail.metric());
    if (one.answers() < guardrail.minAnswers() || other.answers() < guardrail.minAnswers()) {
      return null;
    }
    boolean moreIsBetter = guardrail.metric().moreIsBetter();
    double bound = moreIsBetter ? 1 - guardrail.maxLoss() : 1 + guardrail.maxLoss();
    double worse = other.value() - bound * one.value();
    if (moreIsBetter ? !(worse < 0) : !(worse > 0)) {
      return null;
    }
    double variance = other.variance() + bound * bound * one.variance();
    SequentialTest test =
        SequentialTest.sharpestAt(guardrail.alpha(), guardrail.minAnswers() / 2.0);
    double units = SequentialTest.units(one.answers(), other.answers());
    if (!test.rejects(worse, variance, units)) {
      return null;
    }
    return String.format(
        java.util.Locale.ROOT,
        "guardrail %s: %.5g against the control's %.5g, more than %.1f %% worse; p %.2g after %.0f"
            + " answers",
        guardrail.metric().word(),
        other.value(),
        one.value(),
        100 * guardrail.maxLoss(),
        test.pValue(worse, variance, units),
        other.answers());
  }
}
