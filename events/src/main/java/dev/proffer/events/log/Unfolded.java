package dev.proffer.events.log;

import java.util.ArrayDeque;

/**
 * Which records of the log are ours and not folded yet, as ranges of indexes in order. Of one
 * thread.
 */
final class Unfolded {
  private final ArrayDeque<long[]> ranges = new ArrayDeque<>();
  private long size;

  void add(long index) {
    long[] latest = ranges.peekLast();
    if (latest != null && latest[1] == index - 1) {
      latest[1] = index;
    } else {
      ranges.add(new long[] {index, index});
    }
    size++;
  }

  /** Takes out the one that was read, and any before it, which could not be; whether it is one. */
  boolean remove(long index) {
    while (!ranges.isEmpty() && ranges.element()[0] <= index) {
      long[] first = ranges.element();
      boolean isOurs = first[1] >= index;
      size -= Math.min(first[1], index) - first[0] + 1;
      first[0] = index + 1;
      if (first[0] > first[1]) {
        ranges.remove();
      }
      if (isOurs) {
        return true;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  long size() {
    return size;
  }

  long last() {
    return ranges.getLast()[1];
  }
}
