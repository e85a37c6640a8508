package dev.proffer.features.state;

import java.util.Arrays;

/**
 * A count by index: of each item, or of each category. One thread writes; a {@link #snapshot} is
 * immutable, and shares the counts until the next one is added: what is not counted meanwhile costs
 * nothing, however many items there are.
 *
 * <p>Counts are whole numbers held as floats: exact up to 2^24.
 */
final class CountColumn {
  private float[] counts;
  private boolean shared;

  CountColumn() {
    this(new float[16]);
  }

  private CountColumn(float[] counts) {
    this.counts = counts;
  }

  /** The count at an index; 0 where nothing was added. */
  float at(int index) {
    return index < counts.length ? counts[index] : 0;
  }

  void add(int index, float count) {
    if (shared || index >= counts.length) {
      int length = index < counts.length ? counts.length : Math.max(index + 1, counts.length * 2);
      counts = Arrays.copyOf(counts, length);
      shared = false;
    }
    counts[index] += count;
  }

  /** All of them, by index, to read; zeros may follow. */
  float[] counts() {
    return counts;
  }

  CountColumn snapshot() {
    shared = true;
    return new CountColumn(counts);
  }
}
