package dev.proffer.candidates.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AscendingKeysTest {
  @Test
  void givesWhatSortingGives() {
    Random random = new Random(4);
    for (int size = 0; size < 200; size++) {
      int values = 1 + random.nextInt(300);
      long[] keys = random.longs(size + 5L, -values, values).toArray();
      long[] sorted = Arrays.copyOf(keys, size);
      Arrays.sort(sorted);

      AscendingKeys ascending = new AscendingKeys(keys, size);

      for (long expected : sorted) {
        assertThat(ascending.hasNext()).isTrue();
        assertThat(ascending.next()).isEqualTo(expected);
      }
      assertThat(ascending.hasNext()).isFalse();
    }
  }
}
