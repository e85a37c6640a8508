package dev.proffer.features.compute;

import dev.proffer.features.state.PairCounts;
import java.util.Arrays;

/**
 * The sum of sparse rows, each times a weight, by item. Short rows are spread over an array, so
 * that each candidate reads its value in one step; a row that is long beside the number of
 * candidates is looked into for each candidate instead. Both add the same numbers in the same
 * order, and so give the same bits. Cleared by what was touched, so its cost follows the rows and
 * the candidates, not the catalog. Belongs to one thread.
 */
final class Scatter {
  /** A row is looked into when it is so many times as long as there are candidates. */
  private static final int LONG = 12;

  private float[] values = new float[256];
  private int[] touched = new int[256];
  private int count;
  private long most;
  private PairCounts.Row[] rows = new PairCounts.Row[4];
  private float[] weights = new float[rows.length];
  private int looked;

  /**
   * Sets all values to 0, for indexes below {@code size}.
   *
   * @param candidates how many values will be read, about
   */
  void clear(int size, int candidates) {
    if (values.length < size) {
      values = new float[size * 5 / 4];
      touched = new int[values.length];
    } else {
      for (int at = 0; at < count; at++) {
        values[touched[at]] = 0;
      }
    }
    count = 0;
    looked = 0;
    most = (long) LONG * candidates;
  }

  /** Adds a row, each count times a weight. */
  void add(PairCounts.Row row, float weight) {
    // What comes behind a row that is looked into is looked into too, for the order of addition.
    if (looked > 0 || row.size() > most) {
      look(row, weight);
      return;
    }
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

  private void look(PairCounts.Row row, float weight) {
    if (looked == rows.length) {
      rows = Arrays.copyOf(rows, 2 * looked);
      weights = Arrays.copyOf(weights, 2 * looked);
    }
    rows[looked] = row;
    weights[looked++] = weight;
  }

  float of(int index) {
    float value = values[index];
    return looked == 0 ? value : looked(value, index); // apart, so that this stays small
  }

  private float looked(float spread, int index) {
    float value = spread;
    for (int at = 0; at < looked; at++) {
      value += weights[at] * rows[at].of(index);
    }
    return value;
  }
}
