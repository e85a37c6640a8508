package dev.proffer.candidates.source;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/** Items by an ascending key, equals by ascending item. */
final class Orders {
  private Orders() {}

  /** Sorts from nothing. */
  static int[] sorted(int[] items, IntToLongFunction key) {
    record Keyed(long key, int item) {}
    Keyed[] keyed = new Keyed[items.length];
    Arrays.setAll(keyed, at -> new Keyed(key.applyAsLong(items[at]), items[at]));
    Arrays.sort(
        keyed,
        (a, b) ->
            a.key() != b.key()
                ? Long.compare(a.key(), b.key())
                : Integer.compare(a.item(), b.item()));
    return Arrays.stream(keyed).mapToInt(Keyed::item).toArray();
  }

  /**
   * The order of the items from 1 to {@code size}, not included: what has not changed stays in its
   * order, what has is sorted and merged in. The same array where nothing has.
   *
   * @param changed true of every item that was not in the order or has another key
   */
  static int[] renewed(int[] order, int size, IntPredicate changed, IntToLongFunction key) {
    boolean[] moves = new boolean[size];
    int count = 0;
    for (int item = 1; item < size; item++) {
      if (changed.test(item)) {
        moves[item] = true;
        count++;
      }
    }
    if (count == 0) {
      return order;
    }
    int[] moved = new int[count];
    for (int item = 1, at = 0; item < size; item++) {
      if (moves[item]) {
        moved[at++] = item;
      }
    }
    moved = sorted(moved, key);
    int[] renewed = new int[size - 1];
    int to = 0;
    int next = 0;
    for (int item : order) {
      if (moves[item]) {
        continue;
      }
      long own = key.applyAsLong(item);
      while (next < count && before(moved[next], key.applyAsLong(moved[next]), item, own)) {
        renewed[to++] = moved[next++];
      }
      renewed[to++] = item;
    }
    while (next < count) {
      renewed[to++] = moved[next++];
    }
    return renewed;
  }

  private static boolean before(int a, long keyOfA, int b, long keyOfB) {
    return keyOfA != keyOfB ? keyOfA < keyOfB : a < b;
  }
}
