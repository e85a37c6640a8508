package dev.proffer.pipeline.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SequentialTestTest {
  private static final double ALPHA = 0.05;

  /** The mixture's integral, by the trapezoidal rule. */
  @Test
  void isTheLikelihoodRatioOfANormalMixture() {
    SequentialTest test = new SequentialTest(ALPHA, 0.02);
    for (double units : new double[] {1, 30, 1_000}) {
      for (double z : new double[] {0, 0.5, 2, 4}) {
        double variance = 3 / units; // of a unit's difference 3
        double difference = z * Math.sqrt(variance);
        double mixed = Math.sqrt(0.02 * 3);
        double integral = 0;
        double step = mixed / 400;
        for (double effect = -8 * mixed; effect <= 8 * mixed; effect += step) {
          double ratio = Math.exp((difference * effect - effect * effect / 2) / variance);
          double density =
              Math.exp(-effect * effect / (2 * mixed * mixed)) / (mixed * Math.sqrt(2 * Math.PI));
          integral += ratio * density * step;
        }
        assertThat(test.logLikelihoodRatio(difference, variance, units))
            .as("z %s of %s", z, units)
            .isCloseTo(Math.log(integral), within(1e-6));
      }
    }
  }

  @Test
  void rejectsWhereItsIntervalLeavesNothingOut() {
    SequentialTest test = SequentialTest.sharpestAt(ALPHA, 500);
    for (double units : new double[] {2, 50, 500, 100_000}) {
      double half = test.halfWidth(0.4, units);
      assertThat(test.rejects(half * 1.0001, 0.4, units)).isTrue();
      assertThat(test.rejects(-half * 0.9999, 0.4, units)).isFalse();
      assertThat(test.pValue(half, 0.4, units)).isCloseTo(ALPHA, within(1e-9));
    }
    assertThat(test.pValue(0, 0, 10)).isEqualTo(1);
    assertThat(test.halfWidth(1, 0)).isInfinite();
  }

  @Test
  void isSharpestWhereItIsAskedToBe() {
    double best = SequentialTest.sharpestAt(ALPHA, 1_000).halfWidth(1, 1_000);
    for (double other : new double[] {100, 500, 2_000, 10_000}) {
      assertThat(SequentialTest.sharpestAt(ALPHA, other).halfWidth(1, 1_000)).isGreaterThan(best);
    }
  }

  /** Two equal arms, looked at after every ten users: the reason for all this. */
  @Test
  void staysBelowAlphaWhereATTestThatIsLookedAtDoesNot() {
    SplittableRandom random = new SplittableRandom(11);
    int runs = 400;
    int ours = 0;
    int naive = 0;
    SequentialTest test = SequentialTest.sharpestAt(ALPHA, 500);
    for (int run = 0; run < runs; run++) {
      boolean alarm = false;
      boolean naiveAlarm = false;
      double[] sum = new double[2];
      double[] squares = new double[2];
      for (int users = 1; users <= 3_000; users++) {
        for (int arm = 0; arm < 2; arm++) {
          // Clicks of a user: few, uneven, and seldom many.
          double clicks = random.nextDouble() < 0.3 ? -Math.log(1 - random.nextDouble()) * 2 : 0;
          sum[arm] += clicks;
          squares[arm] += clicks * clicks;
        }
        if (users >= 100 && users % 10 == 0) {
          double difference = (sum[1] - sum[0]) / users;
          double variance = 0;
          for (int arm = 0; arm < 2; arm++) {
            double mean = sum[arm] / users;
            variance += (squares[arm] / users - mean * mean) / (users - 1);
          }
          alarm |= test.rejects(difference, variance, SequentialTest.units(users, users));
          naiveAlarm |= Math.abs(difference) > 1.96 * Math.sqrt(variance);
        }
      }
      ours += alarm ? 1 : 0;
      naive += naiveAlarm ? 1 : 0;
    }
    assertThat(ours / (double) runs).isLessThanOrEqualTo(ALPHA);
    assertThat(naive / (double) runs).isGreaterThan(0.2);
  }
}
