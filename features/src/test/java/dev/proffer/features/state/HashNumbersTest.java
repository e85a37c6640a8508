package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HashNumbersTest {
  @Test
  void givesWhatAMapGives() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      HashNumbers numbers = new HashNumbers();
      Map<Long, Integer> map = new HashMap<>();
      int range = 1 + random.nextInt(5_000);
      for (int step = 0; step < 3_000; step++) {
        long key = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(range) * (1L << 32);
        assertThat(numbers.get(key)).isEqualTo(map.getOrDefault(key, HashNumbers.NONE));
        numbers.put(key, step);
        map.putIfAbsent(key, step);
        assertThat(numbers.get(key)).isEqualTo(map.get(key));
      }
      Set<Long> keys = new HashSet<>();
      numbers.forEachKey(keys::add);
      assertThat(keys).isEqualTo(map.keySet());
      assertThat(numbers.size()).isEqualTo(map.size());
    }
  }
}
