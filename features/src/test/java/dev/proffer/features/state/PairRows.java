package dev.proffer.features.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Rows of pair counts for tests of who reads them. */
public final class PairRows {
  private PairRows() {}

  /** A row, and what was counted into it, by item. */
  public record Counted(PairCounts.Row row, int[] counts) {}

  /** Rows with few and with many items. */
  public static List<Counted> random(Random random, int rows, int items) {
    PairCounts pairs = new PairCounts();
    int[][] counts = new int[rows][items];
    for (int row = 0; row < rows; row++) {
      int additions = random.nextInt(random.nextBoolean() ? 8 : 500);
      for (int addition = 0; addition < additions; addition++) {
        int item = random.nextInt(items);
        counts[row][item]++;
        pairs.add(row, item, 1);
      }
    }
    List<Counted> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      all.add(new Counted(pairs.row(row), counts[row]));
    }
    return all;
  }
}
