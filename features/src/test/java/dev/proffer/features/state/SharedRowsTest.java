package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SharedRowsTest {
  private static final int NUMBERS = 2_000; // several pages

  private record Kept(SharedRows<int[]> rows, Map<Integer, Integer> then) {}

  @Test
  void everySnapshotStaysAsItWasWhateverIsWrittenLater() {
    Random random = new Random(6);
    SharedRows<int[]> rows = new SharedRows<>(int[]::clone);
    Map<Integer, Integer> now = new TreeMap<>();
    Deque<Kept> kept = new ArrayDeque<>();
    for (int step = 0; step < 20_000; step++) {
      int number = random.nextInt(step < 2_000 ? 20 : NUMBERS);
      int[] row = rows.own(number);
      assertThat(row == null ? null : Integer.valueOf(row[0])).isEqualTo(now.get(number));
      if (random.nextInt(10) == 0) {
        rows.put(number, null);
        now.remove(number);
      } else if (row == null) {
        rows.put(number, new int[] {step});
        now.put(number, step);
      } else {
        row[0]++;
        now.merge(number, 1, Integer::sum);
      }
      if (random.nextInt(100) == 0) {
        kept.add(new Kept(rows.snapshot(), new TreeMap<>(now)));
        if (kept.size() > 5) {
          check(kept.remove());
        }
      }
    }
    kept.forEach(SharedRowsTest::check);
    check(new Kept(rows, now));
  }

  @Test
  void copiesNoRowThatNoSnapshotHas() {
    SharedRows<int[]> rows = new SharedRows<>(int[]::clone);
    rows.put(300, new int[] {1});
    rows.put(301, new int[] {2});
    int[] first = rows.own(300);
    assertThat(rows.own(300)).isSameAs(first);

    SharedRows<int[]> snapshot = rows.snapshot();
    int[] copy = rows.own(300);
    assertThat(copy).isNotSameAs(first);
    assertThat(rows.own(300)).isSameAs(copy);
    assertThat(snapshot.get(300)).isSameAs(first);
    assertThat(rows.get(301)).isSameAs(snapshot.get(301)); // on the same page, and not written to
  }

  private static void check(Kept one) {
    for (int number = 0; number < NUMBERS; number++) {
      int[] row = one.rows().get(number);
      if (row == null) {
        assertThat(one.then()).doesNotContainKey(number);
      } else {
        assertThat(row[0]).isEqualTo(Objects.requireNonNull(one.then().get(number)));
      }
    }
  }
}
