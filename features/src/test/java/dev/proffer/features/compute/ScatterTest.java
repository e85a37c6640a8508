package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.features.state.PairRows;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScatterTest {
  private static final int ITEMS = 400;

  /** Long rows are looked into, short ones spread: whoever asks must not see a difference. */
  @Test
  void sumsToTheSameBitsHoweverManyCandidatesThereAre() {
    Random random = new Random(2);
    Scatter spread = new Scatter();
    Scatter looked = new Scatter();
    Scatter both = new Scatter();
    for (int round = 0; round < 200; round++) {
      List<PairRows.Counted> rows = PairRows.random(random, 1 + random.nextInt(6), ITEMS);
      spread.clear(ITEMS, ITEMS);
      looked.clear(ITEMS, 0);
      both.clear(ITEMS, 10);
      float[] weights = new float[rows.size()];
      for (int row = 0; row < weights.length; row++) {
        weights[row] = 0.1f + random.nextFloat();
        spread.add(rows.get(row).row(), weights[row]);
        looked.add(rows.get(row).row(), weights[row]);
        both.add(rows.get(row).row(), weights[row]);
      }
      for (int item = 0; item < ITEMS; item++) {
        float expected = 0;
        for (int row = 0; row < weights.length; row++) {
          expected += weights[row] * rows.get(row).counts()[item];
        }
        assertThat(spread.of(item)).isEqualTo(expected);
        assertThat(looked.of(item)).isEqualTo(expected);
        assertThat(both.of(item)).isEqualTo(expected);
      }
    }
  }
}
