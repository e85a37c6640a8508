package dev.proffer.pipeline.rules;

import java.util.Arrays;

/** A small number by index, all 0 again at no cost. Belongs to one thread. */
final class Marks {
  private int[] counts = new int[0];
  private int[] stamps = new int[0];
  private int stamp;

  /** Sets every number back to 0, for indexes below {@code size}. */
  void clear(int size) {
    if (stamps.length < size) {
      stamps = new int[size * 5 / 4 + 1];
      counts = new int[stamps.length];
      stamp = 0;
    }
    if (++stamp == 0) {
      Arrays.fill(stamps, 0);
      stamp = 1;
    }
  }

  /** Counts one more. */
  void add(int index) {
    if (stamps[index] != stamp) {
      stamps[index] = stamp;
      counts[index] = 0;
    }
    counts[index]++;
  }

  /** The number at an index. */
  int count(int index) {
    return stamps[index] == stamp ? counts[index] : 0;
  }
}
