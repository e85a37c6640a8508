package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalvingTest {
  @Test
  void isThePowerOfTwo() {
    Random random = new Random(3);
    for (int at = 0; at < 200_000; at++) {
      double halves = random.nextDouble() * (at % 2 == 0 ? 3 : 1_000);
      double expected = StrictMath.pow(2, -halves);
      assertThat(Halving.after(halves) / expected).as("%s", halves).isCloseTo(1, within(1e-15));
    }
  }

  @Test
  void isExactWhereTheHalvesAreWhole() {
    for (int halves = 0; halves < 1_020; halves++) {
      assertThat(Halving.after(halves)).isEqualTo(Math.scalb(1.0, -halves));
    }
    assertThat(Halving.after(1_020)).isZero();
    assertThat(Halving.after(Double.POSITIVE_INFINITY)).isZero();
    assertThat(Halving.after(Double.NaN)).isNaN();
  }
}
