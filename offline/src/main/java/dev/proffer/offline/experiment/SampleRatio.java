package dev.proffer.offline.experiment;

import java.util.List;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * Whether the units are divided as declared: Pearson's chi-square test. A ratio that is off says
 * that units got lost on the way, and that no figure of the experiment is to be believed (Fabijan
 * and others, "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019).
 *
 * @param mismatch whether it is off, at {@link #ALARM}
 */
public record SampleRatio(double chiSquare, double pValue, boolean mismatch) {
  /** Below this p-value the ratio is off. */
  public static final double ALARM = 0.001;

  /**
   * Tests counts.
   *
   * @param shares of each, summing to 1
   */
  public static SampleRatio of(List<Long> counts, List<Double> shares) {
    long all = counts.stream().mapToLong(Long::longValue).sum();
    double sum = 0;
    for (int at = 0; at < counts.size(); at++) {
      double expected = all * shares.get(at);
      double off = counts.get(at) - expected;
      sum += all == 0 ? 0 : off * off / expected;
    }
    double pValue = ChiSquaredDistribution.of(counts.size() - 1).survivalProbability(sum);
    return new SampleRatio(sum, pValue, pValue < ALARM);
  }
}
