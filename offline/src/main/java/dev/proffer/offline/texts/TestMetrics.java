package dev.proffer.offline.texts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How well scores order the variants of tests, over many tests. NDCG has the gain {@code 2^grade -
 * 1} and the discount {@code 1 / log2(rank + 1)}, and is one of the best order of the same list
 * (Järvelin and Kekäläinen 2002); equal scores stand in the test's order. Not thread-safe.
 */
final class TestMetrics {
  /** Two click rates differ when chance gives such a difference in one of twenty pairs. */
  private static final double SIGNIFICANT = 1.96;

  private static final int[] DEPTHS = {1, 3, 10};

  private final double[] ndcg = new double[DEPTHS.length];
  private double lift;
  private int tests;
  private double right;
  private int pairs;

  /** Adds a test that {@linkplain TextTest#tells tells}. */
  void add(TextTest test, double[] scores) {
    int[] grades = test.grades();
    List<Integer> order = new ArrayList<>(IntStream.range(0, test.size()).boxed().toList());
    order.sort(Comparator.comparingDouble(at -> -scores[at]));
    List<Integer> best = new ArrayList<>(order);
    best.sort(Comparator.comparingInt(at -> -grades[at]));
    for (int depth = 0; depth < DEPTHS.length; depth++) {
      ndcg[depth] += gain(order, grades, DEPTHS[depth]) / gain(best, grades, DEPTHS[depth]);
    }
    double mean =
        test.variants().stream().mapToDouble(TextTest.Variant::clickRate).average().orElse(0);
    lift += test.variants().get(order.get(0)).clickRate() / mean - 1;
    tests++;
    for (int one = 0; one < test.size(); one++) {
      for (int two = one + 1; two < test.size(); two++) {
        pair(test.variants().get(one), test.variants().get(two), scores[one] - scores[two]);
      }
    }
  }

  private void pair(TextTest.Variant one, TextTest.Variant two, double ahead) {
    double pooled =
        (double) (one.clicks() + two.clicks()) / (one.impressions() + two.impressions());
    double error =
        Math.sqrt(pooled * (1 - pooled) * (1.0 / one.impressions() + 1.0 / two.impressions()));
    double difference = one.clickRate() - two.clickRate();
    if (Math.abs(difference) > SIGNIFICANT * error) {
      pairs++;
      right += ahead == 0 ? 0.5 : ahead > 0 == difference > 0 ? 1 : 0;
    }
  }

  private static double gain(List<Integer> order, int[] grades, int depth) {
    double sum = 0;
    for (int rank = 0; rank < Math.min(depth, order.size()); rank++) {
      sum += (Math.pow(2, grades[order.get(rank)]) - 1) * Math.log(2) / Math.log(rank + 2.0);
    }
    return sum;
  }

  /** How many tests were added. */
  int tests() {
    return tests;
  }

  /** How many pairs of variants differ beyond chance. */
  int pairs() {
    return pairs;
  }

  /** The mean NDCG at 1, 3 or 10. */
  double ndcg(int depth) {
    return ndcg[Arrays.binarySearch(DEPTHS, depth)] / tests;
  }

  /** How much more the first was clicked than its test on average, as a share; the mean. */
  double lift() {
    return lift / tests;
  }

  /** The share of pairs that differ beyond chance that are ordered rightly; a tie counts half. */
  double pairAccuracy() {
    return right / pairs;
  }
}
