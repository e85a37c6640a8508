package dev.proffer.ranker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  @Test
  void isTheLogisticFunctionOfALine() {
    Random random = new Random(1);
    for (int round = 0; round < 1_000; round++) {
      Calibration calibration =
          new Calibration(0.01 + random.nextDouble() * 3, random.nextGaussian());
      float score = (float) (4 * random.nextGaussian());
      double half = (calibration.slope() * score + calibration.intercept()) / 2;
      assertThat(calibration.probability(score))
          .isCloseTo((float) ((1 + Math.tanh(half)) / 2), within(1e-6f));
    }
    assertThat(Calibration.NONE.probability(0)).isEqualTo(0.5f);
  }

  @Test
  void neverReordersAndStaysAProbability() {
    Random random = new Random(2);
    for (int round = 0; round < 1_000; round++) {
      Calibration calibration =
          new Calibration(0.001 + random.nextDouble() * 5, 3 * random.nextGaussian());
      float a = (float) (30 * random.nextGaussian());
      float b = (float) (30 * random.nextGaussian());
      float lower = calibration.probability(Math.min(a, b));
      float higher = calibration.probability(Math.max(a, b));
      assertThat(lower).isBetween(0f, 1f).isLessThanOrEqualTo(higher);
      assertThat(higher).isBetween(0f, 1f);
    }
    assertThat(Calibration.NONE.probability(Float.MAX_VALUE)).isEqualTo(1f);
    assertThat(Calibration.NONE.probability(-Float.MAX_VALUE)).isEqualTo(0f);
  }

  @Test
  void refusesWhatWouldReorderOrIsNotFinite() {
    double[][] wrong = {
      {0, 0},
      {-1, 0},
      {Double.NaN, 0},
      {Double.POSITIVE_INFINITY, 0},
      {1, Double.NaN},
      {1, Double.NEGATIVE_INFINITY}
    };
    for (double[] line : wrong) {
      assertThatThrownBy(() -> new Calibration(line[0], line[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("slope=" + line[0]);
    }
  }
}
