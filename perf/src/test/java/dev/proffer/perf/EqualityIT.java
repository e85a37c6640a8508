package dev.proffer.perf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand rows of it, half of them with features of tables; {@code ./proffer bench equality}
 * compares as many as one likes.
 */
@Tag("slow")
class EqualityIT {
  @Test
  void whatTheGatewaysPathServesIsWhatIsBuiltFromTheWarehouseToTheBit() {
    assertThat(
            Bench.run(
                "equality",
                "--config",
                "../configs",
                "--data",
                "../data",
                "--rows",
                "5000",
                "--contracts",
                "similar,shop"))
        .isZero();
  }
}
