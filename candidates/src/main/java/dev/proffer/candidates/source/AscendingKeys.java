package dev.proffer.candidates.source;

/**
 * Numbers of an array, the lowest first, at the cost of those that are taken: a binary heap in the
 * array itself (Williams 1964; made at once as Floyd did). For who takes few of many. Belongs to
 * one thread.
 */
final class AscendingKeys {
  private final long[] heap;
  private int size;

  /**
   * Takes the array over.
   *
   * @param size how many of its numbers count, from the first
   */
  AscendingKeys(long[] keys, int size) {
    this.heap = keys;
    this.size = size;
    for (int at = size / 2 - 1; at >= 0; at--) {
      sink(at);
    }
  }

  boolean hasNext() {
    return size > 0;
  }

  /** The lowest that is left. */
  long next() {
    long lowest = heap[0];
    heap[0] = heap[--size];
    sink(0);
    return lowest;
  }

  private void sink(int from) {
    int at = from;
    long key = heap[at];
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && heap[child + 1] < heap[child]) {
        child++;
      }
      if (key <= heap[child]) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = key;
  }
}
