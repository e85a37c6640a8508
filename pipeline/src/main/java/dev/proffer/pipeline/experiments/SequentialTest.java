package dev.proffer.pipeline.experiments;

/**
 * A test of a mean difference that may be looked at as often as one likes: the mixture sequential
 * probability ratio test with a normal mixture (Robbins, "Statistical methods related to the law of
 * the iterated logarithm", 1970; Johari, Koomen, Pekelis and Walsh, "Always valid inference:
 * continuous monitoring of A/B tests", Operations Research 2022), with variances that are
 * estimated, which makes it asymptotic (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
 * "Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics
 * 2024).
 *
 * <p>The chance that it ever rejects what is true is at most {@code alpha}, whenever one looks.
 * Stateless and immutable.
 *
 * @param alpha the chance of a false alarm, over all looks
 * @param mixture the variance of the mixture, in units of the variance of one unit's difference:
 *     decides after how many units the test is sharpest, not whether it holds
 */
public record SequentialTest(double alpha, double mixture) {
  public SequentialTest {
    if (!(alpha > 0 && alpha < 1) || !(mixture > 0)) {
      throw new IllegalArgumentException(
          "alpha=" + alpha + " mixture=" + mixture + ", expected 0 to 1 and above 0");
    }
  }

  /** The test whose interval is narrowest after so many units. */
  public static SequentialTest sharpestAt(double alpha, double units) {
    double odds = -2 * Math.log(alpha);
    return new SequentialTest(alpha, (odds + Math.log(odds) + 1) / units);
  }

  /** How many units a comparison of two groups is worth. */
  public static double units(double one, double other) {
    return one * other / (one + other);
  }

  /**
   * The logarithm of the likelihood ratio of any difference against none.
   *
   * @param difference that was seen
   * @param variance of the difference
   * @param units by {@link #units}
   */
  public double logLikelihoodRatio(double difference, double variance, double units) {
    if (!(variance > 0) || !(units > 0)) {
      return 0;
    }
    double grown = 1 + mixture * units;
    double z2 = difference / variance * difference;
    return (mixture * units / grown * z2 - Math.log(grown)) / 2;
  }

  /** The p-value of one look; over several, the least of them holds. */
  public double pValue(double difference, double variance, double units) {
    return Math.min(1, Math.exp(-logLikelihoodRatio(difference, variance, units)));
  }

  /** Whether no difference is out of the question. */
  public boolean rejects(double difference, double variance, double units) {
    return logLikelihoodRatio(difference, variance, units) >= -Math.log(alpha);
  }

  /**
   * Half the width of the confidence sequence at this look: the true difference lies within it at
   * all looks at once, but for a chance of {@code alpha}.
   */
  public double halfWidth(double variance, double units) {
    if (!(units > 0)) {
      return Double.POSITIVE_INFINITY;
    }
    double grown = 1 + mixture * units;
    return Math.sqrt(
        variance * grown / (mixture * units) * (Math.log(grown) - 2 * Math.log(alpha)));
  }
}
