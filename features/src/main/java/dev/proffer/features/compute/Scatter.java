package dev.proffer.features.compute;

import dev.proffer.features.state.PairCounts;

/**
 * A sparse row spread over an array by item, so that each candidate reads its value in one step.
 * Cleared by what was touched, so its cost follows the rows, not the catalog. Belongs to one
 * thread.
 */
final class Scatter {
  private float[] values = new float[256];
  private int[] touched = new int[256];
  private int count;

  /** Sets all values to 0, for indexes below {@code size}. */
  void clear(int size) {
    if (values.length < size) {
      values = new float[size * 5 / 4];
      touched = new int[values.length];
    } else {
      for (int at = 0; at < count; at++) {
        values[touched[at]] = 0;
      }
    }
    count = 0;
  }

  /** Adds a row, each count times a weight. */
  void add(PairCounts.Row row, float weight) {
    for (int at = 0; at < row.size(); at++) {
      int item = row.item(at);
      if (item < values.length) {
        if (values[item] == 0) {
          if (count == touched.length) {
            return; // an item cannot be touched twice unless weights cancel; they do not
          }
          touched[count++] = item;
        }
        values[item] += weight * row.count(at);
      }
    }
  }

  float of(int index) {
    return values[index];
  }
}
