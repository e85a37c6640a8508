package dev.proffer.ranker;

/**
 * The best rows, best first. Equal scores are ordered by the tie-breaking number, smaller first, so
 * an order never depends on hashing. A bounded heap: O(n log k), no allocation once its array has
 * grown. Belongs to one thread.
 */
public final class TopK {
  private long[] heap = new long[16];
  private int size;

  /**
   * Selects.
   *
   * @param scores a score a row; NaN ranks below everything
   * @param ties a number a row, unique and not negative
   * @param count how many rows there are
   * @param k how many are wanted
   * @param best receives the rows, best first
   * @return how many rows were written: {@code min(k, count)}
   */
  public int select(float[] scores, int[] ties, int count, int k, int[] best) {
    if (heap.length < k) {
      heap = new long[k];
    }
    size = 0;
    // The row is found again by a second pass over ties; packing score and tie keeps the comparison
    // one long.
    for (int row = 0; row < count; row++) {
      long key = key(scores[row], ties[row]);
      if (size < k) {
        heap[size] = key;
        up(size++);
      } else if (key > heap[0]) {
        heap[0] = key;
        down();
      }
    }
    int written = size;
    long[] sorted = heap;
    java.util.Arrays.sort(sorted, 0, size);
    for (int at = 0; at < written; at++) {
      best[at] = -1;
    }
    for (int row = 0; row < count; row++) {
      int at = java.util.Arrays.binarySearch(sorted, 0, size, key(scores[row], ties[row]));
      if (at >= 0) {
        best[written - 1 - at] = row;
      }
    }
    return written;
  }

  /**
   * Orders like the score, then like the smaller tie: the high half is the float's bits made to
   * sort as a signed int.
   */
  private static long key(float score, int tie) {
    int bits = Float.isNaN(score) ? Integer.MIN_VALUE : Float.floatToRawIntBits(score + 0f);
    int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    if (Float.isNaN(score)) {
      ordered = Integer.MIN_VALUE;
    }
    return ((long) ordered << 32) | (Integer.MAX_VALUE - tie);
  }

  private void up(int at) {
    long key = heap[at];
    while (at > 0) {
      int parent = (at - 1) >> 1;
      if (heap[parent] <= key) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = key;
  }

  private void down() {
    long key = heap[0];
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= key) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = key;
  }
}
