package dev.proffer.pipeline.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RememberedShowingsTest {
  @Test
  void remembersTheLatestOfEachUser() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      int most = 1 + random.nextInt(20);
      RememberedShowings showings = new RememberedShowings(1_000, most);
      Map<String, List<Long>> expected = new HashMap<>();
      for (int time = 0; time < 100; time++) {
        String user = "user-" + random.nextInt(4);
        if (random.nextInt(20) == 0) {
          showings.forget(user);
          expected.remove(user);
          continue;
        }
        List<Long> of = expected.computeIfAbsent(user, u -> new ArrayList<>());
        List<String> items = new ArrayList<>();
        for (int item = random.nextInt(25); item > 0; item--) {
          items.add("item-" + random.nextInt(9));
        }
        for (String item : items) {
          of.add(Hash64.of(item));
          of.add((long) time);
        }
        showings.add(impression(user, time, items));
      }
      for (int user = 0; user < 4; user++) {
        List<Long> of = expected.getOrDefault("user-" + user, List.of());
        long[] latest =
            of.subList(Math.max(0, of.size() - 2 * most), of.size()).stream()
                .mapToLong(each -> each)
                .toArray();
        assertThat(showings.of(Hash64.of("user-" + user))).as("seed %d", seed).isEqualTo(latest);
      }
    }
  }

  @Test
  void forgetsThoseWhoWereShownNothingForLongest() {
    RememberedShowings showings = new RememberedShowings(100, 5);
    for (int user = 0; user < 1_000; user++) {
      showings.add(impression("user-" + user, user, List.of("a")));
      showings.add(impression("faithful", user, List.of("b")));
      assertThat(showings.users()).isLessThanOrEqualTo(100);
      for (int latest = Math.max(0, user - 45); latest <= user; latest++) {
        assertThat(showings.of(Hash64.of("user-" + latest))).hasSize(2);
      }
    }
    assertThat(showings.of(Hash64.of("faithful"))).hasSize(10);
    assertThat(showings.of(Hash64.of("user-1"))).isEmpty();
  }

  private static Impression impression(String user, long time, List<String> items) {
    return new Impression(
        "request",
        user,
        null,
        null,
        null,
        "home",
        time,
        "rule_based",
        null,
        "default",
        null,
        List.of(),
        items.size(),
        items.stream()
            .map(item -> new Impression.Shown(item, List.of(), 0, 0, 1, new float[0]))
            .toList());
  }
}
