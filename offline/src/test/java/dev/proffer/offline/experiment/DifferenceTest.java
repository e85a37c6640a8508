package dev.proffer.offline.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.pipeline.experiments.SequentialTest;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DifferenceTest {
  private static final double ALPHA = 0.05;
  private static final SequentialTest TEST = SequentialTest.sharpestAt(ALPHA, 50);

  /** Sums of units as they come. */
  private static final class Units {
    private final double[] sums = new double[10];

    void add(double y, double x, double z) {
      double[] more = {1, y, x, y * y, x * x, x * y, z, z * z, y * z, x * z};
      for (int at = 0; at < sums.length; at++) {
        sums[at] += more[at];
      }
    }

    Moments moments() {
      return new Moments(
          sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], sums[8], sums[9]);
    }
  }

  private static Moments of(double[] y, double[] x, double[] z) {
    Units units = new Units();
    for (int at = 0; at < y.length; at++) {
      units.add(y[at], x[at], z[at]);
    }
    return units.moments();
  }

  /**
   * By SciPy: {@code ttest_ind(equal_var=False)} on each unit's linearized ratio, and on the same
   * less theta times the covariate, theta by least squares within arms.
   */
  @Test
  void agreesWithScipyOnRatiosByUnit() {
    Moments control =
        of(
            new double[] {0, 1, 3, 0, 2, 5},
            new double[] {4, 6, 9, 2, 7, 11},
            new double[] {1, 0, 2, 0, 1, 4});
    Moments variant =
        of(
            new double[] {2, 1, 4, 3, 0, 6, 2},
            new double[] {5, 4, 8, 6, 3, 12, 4},
            new double[] {0, 0, 3, 1, 0, 5, 1});
    Difference difference = Difference.of(control, variant, TEST);
    assertThat(control.value()).isCloseTo(0.28205128205128205, within(1e-12));
    assertThat(control.squaredError()).isCloseTo(0.004642435229599546, within(1e-12));
    assertThat(variant.squaredError()).isCloseTo(0.0023215635460533427, within(1e-12));
    assertThat(difference.pValue()).isCloseTo(0.11189174785092064, within(1e-9));
    assertThat(difference.low()).isCloseTo(-0.041301974217108406, within(1e-9));
    assertThat(difference.high()).isCloseTo(0.3343422672574014, within(1e-9));
    assertThat(difference.alwaysHigh() - difference.difference())
        .isCloseTo(0.35199664167748024, within(1e-9));
    assertThat(difference.alwaysPValue()).isCloseTo(0.7165702241247147, within(1e-9));
    Difference.Cuped cuped = difference.cuped();
    assertThat(cuped.theta()).isCloseTo(0.06835854236652286, within(1e-9));
    assertThat(cuped.difference()).isCloseTo(0.1400098091519063, within(1e-9));
    assertThat(cuped.pValue()).isCloseTo(0.01433895659185732, within(1e-9));
    assertThat(cuped.low()).isCloseTo(0.03402892449603173, within(1e-9));
    assertThat(cuped.high()).isCloseTo(0.24599069380778088, within(1e-9));
  }

  /** By SciPy's chisquare. */
  @Test
  void detectsASampleRatioThatIsOff() {
    SampleRatio off = SampleRatio.of(List.of(5210L, 4790L), List.of(0.5, 0.5));
    assertThat(off.chiSquare()).isCloseTo(17.64, within(1e-9));
    assertThat(off.pValue()).isCloseTo(2.6691498031812692e-05, within(1e-12));
    assertThat(off.mismatch()).isTrue();
    SampleRatio three = SampleRatio.of(List.of(400L, 350L, 250L), List.of(0.4, 0.3, 0.3));
    assertThat(three.pValue()).isCloseTo(0.00024036947641951404, within(1e-12));
    SampleRatio even = SampleRatio.of(List.of(5030L, 4970L), List.of(0.5, 0.5));
    assertThat(even.mismatch()).isFalse();
    assertThat(SampleRatio.of(List.of(0L, 0L), List.of(0.5, 0.5)).mismatch()).isFalse();
  }

  @Test
  void aRatioThatIsAsDeclaredIsSeldomCalledOff() {
    SplittableRandom random = new SplittableRandom(2);
    int low = 0;
    int off = 0;
    for (int run = 0; run < 2_000; run++) {
      long one = 0;
      for (int unit = 0; unit < 500; unit++) {
        one += random.nextInt(4) == 0 ? 1 : 0;
      }
      SampleRatio ratio = SampleRatio.of(List.of(one, 500 - one), List.of(0.25, 0.75));
      low += ratio.pValue() < 0.1 ? 1 : 0;
      off += ratio.mismatch() ? 1 : 0;
    }
    assertThat(low / 2_000.0).isBetween(0.07, 0.13);
    assertThat(off).isLessThan(10);
  }

  /** The variance falls by the square of the correlation: equation 5 of Deng and others, 2013. */
  @Test
  void cupedReducesTheVarianceByTheSquareOfTheCorrelationAndKeepsTheEffect() {
    SplittableRandom random = new SplittableRandom(3);
    double[] correlations = {0, 0.3, 0.6, 0.9};
    for (double rho : correlations) {
      int runs = 200;
      double plainSquares = 0;
      double cupedSquares = 0;
      double said = 0;
      double mean = 0;
      for (int run = 0; run < runs; run++) {
        Units control = new Units();
        Units variant = new Units();
        for (int unit = 0; unit < 400; unit++) {
          fill(random, control, rho, 0);
          fill(random, variant, rho, 0.2);
        }
        Difference difference = Difference.of(control.moments(), variant.moments(), TEST);
        plainSquares += square(difference.difference() - 0.2) / runs;
        cupedSquares += square(difference.cuped().difference() - 0.2) / runs;
        mean += difference.cuped().difference() / runs;
        said += difference.cuped().varianceReduction() / runs;
      }
      assertThat(said).as("at %s", rho).isCloseTo(rho * rho, within(0.01));
      assertThat(cupedSquares / plainSquares)
          .as("at %s", rho)
          .isCloseTo(1 - rho * rho, within(0.15));
      assertThat(mean).as("at %s", rho).isCloseTo(0.2, within(0.02));
    }
  }

  private static double square(double of) {
    return of * of;
  }

  private static void fill(SplittableRandom random, Units units, double rho, double effect) {
    double before = random.nextGaussian();
    double noise = random.nextGaussian();
    units.add(3 + effect + rho * before + Math.sqrt(1 - rho * rho) * noise, 1, 10 + 5 * before);
  }

  /**
   * What the theory does not cover: users come back, and each look sees rows that have changed.
   * Heavy users come more often, so that they are met first.
   */
  @Test
  void usersWhoComeBackDoNotRaiseTheAlarmMoreOften() {
    SplittableRandom random = new SplittableRandom(13);
    SequentialTest test = SequentialTest.sharpestAt(ALPHA, 200);
    int runs = 300;
    int alarms = 0;
    int naive = 0;
    for (int run = 0; run < runs; run++) {
      int users = 600;
      double[][] clicks = new double[2][users];
      double[][] shown = new double[2][users];
      double[][] rates = new double[2][users];
      for (int user = 0; user < users; user++) {
        rates[0][user] = random.nextInt(5) == 0 ? 0.6 : 0.05;
        rates[1][user] = random.nextInt(5) == 0 ? 0.6 : 0.05;
      }
      boolean alarm = false;
      boolean naiveAlarm = false;
      for (int answer = 0; answer < 6_000; answer++) {
        int arm = answer % 2;
        double even = random.nextDouble();
        int user = (int) (users * even * even);
        shown[arm][user] += 5;
        for (int at = 0; at < 5; at++) {
          clicks[arm][user] += random.nextDouble() < rates[arm][user] ? 1 : 0;
        }
        if (answer >= 200 && answer % 100 == 0) {
          Difference difference =
              Difference.of(those(clicks[0], shown[0]), those(clicks[1], shown[1]), test);
          alarm |= difference.alwaysPValue() < ALPHA;
          naiveAlarm |= difference.pValue() < ALPHA;
        }
      }
      alarms += alarm ? 1 : 0;
      naive += naiveAlarm ? 1 : 0;
    }
    assertThat(alarms / (double) runs).isLessThanOrEqualTo(ALPHA);
    assertThat(naive / (double) runs).isGreaterThan(2 * ALPHA);
  }

  private static Moments those(double[] clicks, double[] shown) {
    Units units = new Units();
    for (int user = 0; user < clicks.length; user++) {
      if (shown[user] > 0) {
        units.add(clicks[user], shown[user], 0);
      }
    }
    return units.moments();
  }

  /** Users who come again are alike: only the unit's variance tells how sure a ratio is. */
  @Test
  void twoEqualArmsDifferAsOftenAsTheyShould() {
    SplittableRandom random = new SplittableRandom(5);
    int runs = 1_000;
    int fixed = 0;
    int always = 0;
    int asIfEachWereAUnit = 0;
    for (int run = 0; run < runs; run++) {
      Units[] arms = {new Units(), new Units()};
      for (int user = 0; user < 400; user++) {
        double rate = random.nextInt(4) == 0 ? 0.5 : 0.02;
        double shown = 5 + random.nextInt(30);
        double clicks = 0;
        for (int at = 0; at < shown; at++) {
          clicks += random.nextDouble() < rate ? 1 : 0;
        }
        arms[user % 2].add(clicks, shown, 0);
      }
      Moments one = arms[0].moments();
      Moments other = arms[1].moments();
      Difference difference = Difference.of(one, other, TEST);
      fixed += difference.pValue() < ALPHA ? 1 : 0;
      always += difference.alwaysPValue() < ALPHA ? 1 : 0;
      double all = (one.y() + other.y()) / (one.x() + other.x());
      double naive = Math.sqrt(all * (1 - all) * (1 / one.x() + 1 / other.x()));
      asIfEachWereAUnit += Math.abs(difference.difference()) > 1.96 * naive ? 1 : 0;
    }
    assertThat(fixed / (double) runs).isBetween(0.03, 0.07);
    assertThat(always / (double) runs).isLessThanOrEqualTo(0.02);
    assertThat(asIfEachWereAUnit / (double) runs).isGreaterThan(0.2);
  }
}
