package dev.proffer.pipeline.rules;

/**
 * Rows by their key, the largest first, ordered only as far as somebody asks: a heap of all and the
 * rows taken from it. O(n) to begin, O(log n) a row. Belongs to one thread.
 */
final class BestFirst {
  private Slate slate = new Slate();
  private int[] heap = new int[256];
  private int size;
  private int[] ordered = new int[256];
  private int taken;

  /** Begins with no rows. */
  void begin(Slate of) {
    slate = of;
    size = 0;
    taken = 0;
    if (heap.length < of.count()) {
      heap = new int[2 * of.count()];
      ordered = new int[heap.length];
    }
  }

  /** Adds a row; all before the first is asked for. */
  void add(int row) {
    heap[size++] = row;
  }

  /** Says that all were added. */
  void ready() {
    for (int at = size / 2 - 1; at >= 0; at--) {
      down(at);
    }
  }

  /** The row at a place of the order, or -1 beyond its end. Places are asked for one by one. */
  int row(int at) {
    if (at < taken) {
      return ordered[at];
    }
    if (size == 0) {
      return -1;
    }
    int best = heap[0];
    heap[0] = heap[--size];
    down(0);
    ordered[taken++] = best;
    return best;
  }

  private void down(int from) {
    int at = from;
    int row = heap[at];
    long key = slate.key(row);
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && slate.key(heap[child + 1]) > slate.key(heap[child])) {
        child++;
      }
      if (slate.key(heap[child]) <= key) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = row;
  }
}
