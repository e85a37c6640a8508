package dev.proffer.events.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
  /** Two plain sets: the younger is filled, and replaces the older when it is full. */
  private static final class Model {
    private final int capacity;
    private Set<String> young = new LinkedHashSet<>();
    private Set<String> old = new LinkedHashSet<>();

    Model(int capacity) {
      this.capacity = capacity;
    }

    boolean contains(String id) {
      return young.contains(id) || old.contains(id);
    }

    boolean add(String id) {
      if (contains(id)) {
        return false;
      }
      if (young.size() == capacity) {
        old = young;
        young = new LinkedHashSet<>();
      }
      return young.add(id);
    }
  }

  @Test
  void agreesWithPlainSets() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      int capacity = 1 + random.nextInt(70);
      int ids = 1 + random.nextInt(5 * capacity);
      RecentIds recent = new RecentIds(capacity);
      Model model = new Model(capacity);
      for (int step = 0; step < 5_000; step++) {
        String id = "id-" + random.nextInt(ids);
        assertThat(recent.contains(RecentIds.hash(id)))
            .as("seed %d step %d", seed, step)
            .isEqualTo(model.contains(id));
        if (random.nextBoolean()) {
          assertThat(recent.add(id)).as("seed %d step %d", seed, step).isEqualTo(model.add(id));
        }
      }
    }
  }

  @Test
  void remembersAtLeastTheCapacityAndAtMostTwice() {
    int capacity = 1_000;
    RecentIds recent = new RecentIds(capacity);
    Set<String> added = new LinkedHashSet<>();
    for (int number = 0; number < 10 * capacity; number++) {
      assertThat(recent.add("id-" + number)).isTrue();
      added.add("id-" + number);
      int remembered = 0;
      if (number % 97 == 0) {
        int age = added.size();
        for (String id : added) {
          age--;
          if (recent.contains(RecentIds.hash(id))) {
            remembered++;
          } else {
            assertThat(age).isGreaterThanOrEqualTo(capacity);
          }
        }
        assertThat(remembered).isLessThanOrEqualTo(2 * capacity);
      }
    }
  }
}
