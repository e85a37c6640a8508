package dev.proffer.pipeline.rules;

import java.util.Arrays;

/**
 * What one slot may be filled with: rows, best first, and the values they are judged by. Belongs to
 * one thread.
 */
final class Pool {
  private int[] rows = new int[16];
  private double[] values = new double[16];
  private int size;
  private double propensity;

  void clear() {
    size = 0;
    propensity = 1;
  }

  /** Adds a row behind the others. What is no number is worth less than anything. */
  void add(int row, double value) {
    if (size == rows.length) {
      rows = Arrays.copyOf(rows, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    rows[size] = row;
    value(size++, value);
  }

  int size() {
    return size;
  }

  int row(int at) {
    return rows[at];
  }

  double value(int at) {
    return values[at];
  }

  void value(int at, double value) {
    values[at] =
        Double.isNaN(value)
            ? -Float.MAX_VALUE
            : Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, value));
  }

  /** Brings the {@code best} largest values to the front, in order; equal ones as they were. */
  void sort(int best) {
    for (int at = 0; at < Math.min(best, size); at++) {
      int top = at;
      for (int other = at + 1; other < size; other++) {
        if (values[other] > values[top]) {
          top = other;
        }
      }
      int row = rows[top];
      double value = values[top];
      System.arraycopy(rows, at, rows, at + 1, top - at);
      System.arraycopy(values, at, values, at + 1, top - at);
      rows[at] = row;
      values[at] = value;
    }
  }

  /** Keeps the first rows alone. */
  void truncate(int most) {
    size = Math.min(size, most);
  }

  /** With which probability the row that was chosen was chosen, out of this pool. */
  double propensity() {
    return propensity;
  }

  void propensity(double chance) {
    propensity = chance;
  }
}
