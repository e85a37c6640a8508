package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PairCountsTest {
  @Test
  void agreesWithMapsOfMapsAndKeepsItsSnapshotsAsTheyWere() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      PairCounts counts = new PairCounts();
      Map<Integer, Map<Integer, Integer>> model = new HashMap<>();
      PairCounts snapshot = counts.snapshot();
      Map<Integer, Map<Integer, Integer>> then = copy(model);
      for (int step = 0; step < 400; step++) {
        int from = random.nextInt(seed % 3 == 0 ? 40 : 4);
        // Few places, many side by side, and many that an index puts into the same place.
        int to = random.nextInt(seed % 3 == 0 ? 12 : 80) * (seed % 3 == 2 ? 64 : 1);
        int had = model.computeIfAbsent(from, f -> new TreeMap<>()).getOrDefault(to, 0);
        int weight = had > 0 && random.nextInt(3) == 0 ? -1 : 1;
        counts.add(from, to, weight);
        model.computeIfAbsent(from, f -> new TreeMap<>()).merge(to, weight, Integer::sum);
        model.computeIfAbsent(from, f -> new TreeMap<>()).values().removeIf(count -> count == 0);
        if (random.nextInt(50) == 0) {
          check(seed, snapshot, then);
          snapshot = counts.snapshot();
          then = copy(model);
        }
      }
      check(seed, snapshot, then);
      check(seed, counts, model);
    }
  }

  @Test
  void isEmptyForAnItemNothingCameWith() {
    PairCounts.Row row = new PairCounts().row(1_000_000);
    assertThat(row.size()).isZero();
    assertThat(row.total()).isZero();
    assertThat(row.of(3)).isZero();
  }

  @Test
  void neverGoesBelowNothing() {
    PairCounts counts = new PairCounts();
    counts.add(1, 2, -1);
    counts.add(1, 3, 1);
    counts.add(1, 2, -1);

    assertThat(counts.row(1).size()).isEqualTo(1);
    assertThat(counts.row(1).of(2)).isZero();
    assertThat(counts.row(1).total()).isEqualTo(1);
  }

  @Test
  void aRowForgetsItsRarerHalfAndKeepsWhatThatWasInItsTotal() {
    PairCounts counts = new PairCounts();
    for (int item = 0; item < PairCounts.MOST_IN_ROW; item++) {
      for (int time = 0; time < (item % 4 == 0 ? 3 : 1); time++) {
        counts.add(7, item, 1);
      }
    }
    PairCounts.Row row = counts.row(7);
    assertThat(row.size()).isEqualTo(PairCounts.MOST_IN_ROW / 2);
    assertThat(row.total()).isEqualTo(1.5f * PairCounts.MOST_IN_ROW);
    // A quarter counts three times; it stays, and of the others as many as there is room for.
    assertThat(row.forgotten()).isEqualTo(PairCounts.MOST_IN_ROW / 2);
    for (int item = 0; item < PairCounts.MOST_IN_ROW; item += 4) {
      assertThat(row.of(item)).isEqualTo(3);
    }
    assertThat(counted(row)).hasSize(PairCounts.MOST_IN_ROW / 2);
    assertThat(counts.pairs()).isEqualTo(PairCounts.MOST_IN_ROW / 2);

    int gone = 1;
    while (row.of(gone) > 0) {
      gone++;
    }
    counts.add(7, gone, -1); // one of those without a name is taken back
    assertThat(counts.row(7).total()).isEqualTo(1.5f * PairCounts.MOST_IN_ROW - 1);
    assertThat(counts.row(7).forgotten()).isEqualTo(PairCounts.MOST_IN_ROW / 2 - 1);
  }

  @Test
  void forgetsTheRarestOfAllRowsWhicheverOrderTheyCameIn() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<int[]> pairs = new ArrayList<>();
      for (int pair = 0; pair < 3_000; pair++) {
        pairs.add(new int[] {random.nextInt(60), random.nextInt(60)});
      }
      PairCounts one = new PairCounts();
      pairs.forEach(pair -> one.add(pair[0], pair[1], 1));
      PairCounts before = one.snapshot();
      int had = before.pairs();
      Collections.shuffle(pairs, random);
      PairCounts other = new PairCounts();
      pairs.forEach(pair -> other.add(pair[0], pair[1], 1));

      one.forgetRarest(400, from -> from, false);
      other.forgetRarest(400, from -> from, false);

      assertThat(one.pairs()).isBetween(400, 410); // a few have the same rank
      float rarestKept = Float.MAX_VALUE;
      float mostForgotten = 0;
      for (int from = 0; from < 60; from++) {
        PairCounts.Row row = one.row(from);
        assertThat(counted(row)).isEqualTo(counted(other.row(from)));
        assertThat(row.forgotten()).isEqualTo(other.row(from).forgotten());
        assertThat(row.total()).as("row %d", from).isEqualTo(before.row(from).total());
        for (int to = 0; to < 60; to++) {
          float then = before.row(from).of(to);
          if (row.of(to) > 0) {
            assertThat(row.of(to)).isEqualTo(then);
            rarestKept = Math.min(rarestKept, then);
          } else {
            mostForgotten = Math.max(mostForgotten, then);
          }
        }
      }
      assertThat(rarestKept).as("seed %d", seed).isGreaterThanOrEqualTo(mostForgotten);
      assertThat(before.pairs()).isEqualTo(had);
    }
  }

  private static Map<Integer, Map<Integer, Integer>> copy(Map<Integer, Map<Integer, Integer>> of) {
    Map<Integer, Map<Integer, Integer>> copy = new HashMap<>();
    of.forEach((from, row) -> copy.put(from, new TreeMap<>(row)));
    return copy;
  }

  private static void check(
      int seed, PairCounts counts, Map<Integer, Map<Integer, Integer>> model) {
    for (int from = 0; from < 50; from++) {
      Map<Integer, Integer> expected = model.getOrDefault(from, new TreeMap<>());
      assertThat(counted(counts.row(from))).as("seed %d row %d", seed, from).isEqualTo(expected);
      assertThat(counts.row(from).total())
          .as("seed %d row %d", seed, from)
          .isEqualTo(expected.values().stream().mapToInt(Integer::intValue).sum());
      for (int to = 0; to < 80; to++) {
        assertThat(counts.row(from).of(to)).isEqualTo(expected.getOrDefault(to, 0).floatValue());
      }
      assertThat(counts.row(from).ascending())
          .containsExactly(expected.keySet().stream().mapToInt(Integer::intValue).toArray());
    }
  }

  /** A row as a map; says so when a place stands twice. */
  static Map<Integer, Integer> counted(PairCounts.Row row) {
    Map<Integer, Integer> counted = new TreeMap<>();
    for (int at = 0; at < row.size(); at++) {
      assertThat(row.count(at)).isPositive();
      assertThat(counted.put(row.item(at), (int) row.count(at))).isNull();
    }
    return counted;
  }
}
