package dev.proffer.offline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.ranker.Calibration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlattScalingTest {
  private static final int ROWS = 40_000;

  @Test
  void findsTheLineThatLabelsWereDrawnFrom() {
    for (int seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      double slope = 0.2 + 2 * random.nextDouble();
      double intercept = -3 + 3 * random.nextDouble();
      float[] scores = new float[ROWS];
      float[] labels = new float[ROWS];
      draw(random, slope, intercept, scores, labels);
      Calibration found = PlattScaling.fit(scores, labels, ones());
      assertThat(found.slope()).as("seed %d", seed).isCloseTo(slope, within(0.15));
      assertThat(found.intercept()).as("seed %d", seed).isCloseTo(intercept, within(0.15));
    }
  }

  @Test
  void endsWhereTheGradientIsNothing() {
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      float[] scores = new float[500];
      float[] labels = new float[500];
      float[] weights = new float[500];
      draw(random, random.nextGaussian(), random.nextGaussian(), scores, labels);
      for (int row = 0; row < weights.length; row++) {
        weights[row] = 0.1f + 10 * random.nextFloat();
      }
      double[] line = PlattScaling.line(scores, labels, weights);
      double toSlope = 0;
      double toIntercept = 0;
      for (int row = 0; row < scores.length; row++) {
        double p = 1 / (1 + Math.exp(-(line[0] * scores[row] + line[1])));
        toIntercept += weights[row] * (labels[row] - p);
        toSlope += weights[row] * (labels[row] - p) * scores[row];
      }
      assertThat(toSlope).as("seed %d", seed).isCloseTo(0, within(1e-4));
      assertThat(toIntercept).as("seed %d", seed).isCloseTo(0, within(1e-4));
    }
  }

  @Test
  void countsAWeightLikeSoManyRows() {
    float[] scores = {0, 1, 2, 3};
    float[] labels = {0, 1, 0, 1};
    double[] weighted = PlattScaling.line(scores, labels, new float[] {3, 1, 1, 2});
    double[] repeated =
        PlattScaling.line(
            new float[] {0, 0, 0, 1, 2, 3, 3},
            new float[] {0, 0, 0, 1, 0, 1, 1},
            new float[] {1, 1, 1, 1, 1, 1, 1});
    assertThat(weighted).containsExactly(repeated, within(1e-6));
  }

  @Test
  void neverReordersWhateverTheLabels() {
    float[] scores = {0, 1, 2, 3};
    float[] against = {1, 1, 0, 0};
    Calibration calibration = PlattScaling.fit(scores, against, new float[] {1, 1, 1, 1});
    assertThat(calibration.slope()).isPositive();
    assertThat(PlattScaling.line(scores, new float[] {1, 0, 1, 0}, new float[] {1, 1, 1, 1})[0])
        .isNegative();
  }

  /** A few scores of extreme size or one label alone must not end in a number that is none. */
  @Test
  void staysFiniteOnDataThatHasNoBestLine() {
    float[][] separable = {{-1, -2, 1, 2}, {-100, -50, 50, 100}, {5, 5, 5, 5}, {0, 0, 0, 1e6f}};
    float[][] labels = {{0, 0, 1, 1}, {1, 1, 1, 1}, {0, 0, 0, 0}, {0, 1, 0, 1}};
    for (float[] scores : separable) {
      for (float[] label : labels) {
        Calibration calibration = PlattScaling.fit(scores, label, new float[] {1, 1, 1, 1});
        assertThat(calibration.probability(scores[0]))
            .as("%s %s", Arrays.toString(scores), Arrays.toString(label))
            .isBetween(0f, 1f);
      }
    }
  }

  /** Scores far from 0, as margins of unbalanced rows are. */
  @Test
  void findsTheLineOfScoresFarFromNothing() {
    Random random = new Random(3);
    float[] scores = new float[ROWS];
    float[] labels = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      scores[row] = (float) (-6 + 2 * random.nextGaussian());
      labels[row] = random.nextDouble() < 1 / (1 + Math.exp(-(scores[row] + 1))) ? 1 : 0;
    }
    Calibration found = PlattScaling.fit(scores, labels, ones());
    assertThat(found.slope()).isCloseTo(1, within(0.15));
    assertThat(found.intercept()).isCloseTo(1, within(0.5));
  }

  private static void draw(
      Random random, double slope, double intercept, float[] scores, float[] labels) {
    for (int row = 0; row < scores.length; row++) {
      scores[row] = (float) (2 * random.nextGaussian());
      labels[row] =
          random.nextDouble() < 1 / (1 + Math.exp(-(slope * scores[row] + intercept))) ? 1 : 0;
    }
  }

  private static float[] ones() {
    float[] ones = new float[ROWS];
    Arrays.fill(ones, 1);
    return ones;
  }
}
