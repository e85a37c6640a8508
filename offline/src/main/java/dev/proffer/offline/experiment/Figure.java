package dev.proffer.offline.experiment;

import java.util.Locale;

/**
 * A figure of a variant: a sum over its units divided by another. The word is the name in reports.
 */
public enum Figure {
  /** Clicks per proposition shown. */
  CTR("clicks", "propositions", "clicks_before"),
  /** Answers that at least one click answered. */
  ACCEPTANCE("accepted", "answers", "clicks_before"),
  /** Units that converted after they were first answered. */
  CONVERSION("converted", "1", "least(conversions_before, 1)"),
  /** Value of conversions per unit. */
  VALUE("value", "1", "value_before"),
  /** Milliseconds from a request's head to its page. */
  LATENCY("millis", "timed", "0"),
  /** Answers that something was missing for. */
  DEGRADED("degraded", "answers", "0");

  private final String numerator;
  private final String denominator;
  private final String covariate;

  Figure(String numerator, String denominator, String covariate) {
    this.numerator = numerator;
    this.denominator = denominator;
    this.covariate = covariate;
  }

  /** The name in reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The sums of {@link Moments}, in its order, over rows of units. */
  String sums() {
    return "count(*), fsum(y), fsum(x), fsum(y * y), fsum(x * x), fsum(x * y), fsum(z), fsum(z * z),"
        + " fsum(y * z), fsum(x * z)";
  }

  /** What the sums are of, in columns of units. */
  String columns() {
    return "CAST("
        + numerator
        + " AS DOUBLE) AS y, CAST("
        + denominator
        + " AS DOUBLE) AS x, CAST("
        + covariate
        + " AS DOUBLE) AS z";
  }
}
