package dev.proffer.features.compute;

import java.util.Arrays;

/**
 * Sums by small codes, cleared by what was touched. Grows with the largest code; belongs to one
 * thread.
 */
final class Tally {
  private double[] sums = new double[64];
  private boolean[] there = new boolean[64];
  private int[] touched = new int[64];
  private int count;

  void clear() {
    for (int at = 0; at < count; at++) {
      sums[touched[at]] = 0;
      there[touched[at]] = false;
    }
    count = 0;
  }

  void add(int code, double weight) {
    if (touch(code)) {
      sums[code] = 0;
    }
    sums[code] += weight;
  }

  void set(int code, double value) {
    touch(code);
    sums[code] = value;
  }

  private boolean touch(int code) {
    if (code >= sums.length) {
      int length = Math.max(code + 1, 2 * sums.length);
      sums = Arrays.copyOf(sums, length);
      there = Arrays.copyOf(there, length);
    }
    if (there[code]) {
      return false;
    }
    if (count == touched.length) {
      touched = Arrays.copyOf(touched, 2 * count);
    }
    touched[count++] = code;
    there[code] = true;
    return true;
  }

  /** Whether anything was said of the code. */
  boolean has(int code) {
    return code < there.length && there[code];
  }

  /** The sum of a code; 0 when nothing was said of it. */
  double of(int code) {
    return code < sums.length ? sums[code] : 0;
  }

  /** How many different codes there are. */
  int different() {
    return count;
  }

  /** The sum at a place from 0, in the order the codes came. */
  double sumAt(int at) {
    return sums[touched[at]];
  }
}
