package dev.proffer.features.compute;

import java.util.Arrays;

/**
 * Values by small keys that hold as long as what they are made of is the same; a value and whether
 * it still holds are one look in memory. Grows with the largest key; belongs to one thread.
 */
final class Memo {
  private long[] cells = new long[64]; // the stamp it is of above 32 bits, the value's bits below
  private int stamp = 1;

  /** Forgets everything. */
  void forget() {
    if (++stamp == 0) {
      Arrays.fill(cells, 0);
      stamp = 1;
    }
  }

  /** Whether a key's value is known. */
  boolean has(int key) {
    return key >= 0 && key < cells.length && (int) (cells[key] >>> 32) == stamp;
  }

  /** A key's value; it must be known. */
  float of(int key) {
    return Float.intBitsToFloat((int) cells[key]);
  }

  /** Remembers a key's value, and returns it. */
  float put(int key, float value) {
    if (key >= 0) {
      if (key >= cells.length) {
        cells = Arrays.copyOf(cells, Math.max(key + 1, 2 * cells.length));
      }
      cells[key] = (long) stamp << 32 | Integer.toUnsignedLong(Float.floatToRawIntBits(value));
    }
    return value;
  }
}
