package dev.proffer.pipeline.experiments;

import dev.proffer.ranker.Calibration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How far two models agree on the rows of one page. Immutable.
 *
 * @param correlation of their ranks (Spearman's, ties at their middle rank); NaN when either gives
 *     every row the same score
 * @param overlap the share of the best rows by one that are among the best by the other
 * @param difference the mean of how far their probabilities lie apart
 */
public record Agreement(double correlation, double overlap, double difference) {
  /**
   * Compares two models' scores of the same rows.
   *
   * @param limit how many rows make a page
   */
  public static Agreement of(
      float[] one, Calibration ofOne, float[] other, Calibration ofOther, int limit) {
    int[] bestOfOne = order(one);
    int[] bestOfOther = order(other);
    int size = Math.min(limit, one.length);
    boolean[] among = new boolean[one.length];
    for (int place = 0; place < size; place++) {
      among[bestOfOne[place]] = true;
    }
    int both = 0;
    for (int place = 0; place < size; place++) {
      both += among[bestOfOther[place]] ? 1 : 0;
    }
    double apart = 0;
    for (int row = 0; row < one.length; row++) {
      apart += Math.abs(ofOne.probability(one[row]) - ofOther.probability(other[row]));
    }
    return new Agreement(
        correlation(ranks(one, bestOfOne), ranks(other, bestOfOther)),
        size == 0 ? Double.NaN : (double) both / size,
        apart / one.length);
  }

  /** The rows, best first; equal scores in the order of the rows. */
  private static int[] order(float[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> -scores[row]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double[] ranks(float[] scores, int[] order) {
    double[] ranks = new double[scores.length];
    for (int from = 0; from < order.length; ) {
      int until = from + 1;
      while (until < order.length && scores[order[until]] == scores[order[from]]) {
        until++;
      }
      for (int place = from; place < until; place++) {
        ranks[order[place]] = (from + until - 1) / 2.0;
      }
      from = until;
    }
    return ranks;
  }

  private static double correlation(double[] one, double[] other) {
    double middleOfOne = Arrays.stream(one).average().orElse(0);
    double middleOfOther = Arrays.stream(other).average().orElse(0);
    double together = 0;
    double squaresOfOne = 0;
    double squaresOfOther = 0;
    for (int row = 0; row < one.length; row++) {
      double x = one[row] - middleOfOne;
      double y = other[row] - middleOfOther;
      together += x * y;
      squaresOfOne += x * x;
      squaresOfOther += y * y;
    }
    return together / Math.sqrt(squaresOfOne * squaresOfOther);
  }
}
