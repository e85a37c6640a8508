package dev.proffer.features.state;

import java.util.function.LongConsumer;

/**
 * What was chosen next after two items in a row. Pairs of items get numbers as they appear, and
 * their rows are {@link PairCounts} by that number. One thread writes; a {@link #snapshot} is
 * immutable and shares the numbers until they are given anew.
 *
 * <p>As in {@link PairCounts} additions wait for each other: here until their numbers are looked up
 * together.
 */
final class NextAfterTwo {
  private static final long NAMING = 0x9e3779b97f4a7c15L;

  private static final long[] NONE_WAIT = {};

  private PairCounts rows;
  private HashNumbers numbers;
  private final long[] waiting; // pair, then item and sign of an addition
  private int count;

  @SuppressWarnings("UnusedVariable") // it is set so that what it is made of is really read
  private int touched;

  NextAfterTwo() {
    this(new PairCounts(), new HashNumbers(), new long[2 * PairCounts.MOST_WAITING]);
  }

  private NextAfterTwo(PairCounts rows, HashNumbers numbers, long[] waiting) {
    this.rows = rows;
    this.numbers = numbers;
    this.waiting = waiting;
  }

  NextAfterTwo snapshot() {
    settle();
    return new NextAfterTwo(rows.snapshot(), numbers, NONE_WAIT);
  }

  /** What came next; an empty row when the two never stood so. */
  PairCounts.Row row(int two, int one) {
    settle();
    int number = numbers.get(pair(two, one));
    return number == HashNumbers.NONE ? PairCounts.NONE : rows.row(number);
  }

  /** Counts an item, or takes it back by -1. */
  void add(int two, int one, int item, int sign) {
    if (count == waiting.length) {
      settle();
    }
    waiting[count++] = pair(two, one);
    waiting[count++] = (long) item << 1 | (sign < 0 ? 1 : 0);
  }

  private void settle() {
    if (count == 0) {
      return;
    }
    int touch = 0;
    for (int at = 0; at < count; at += 2) {
      touch += numbers.touch(waiting[at]);
    }
    touched = touch;
    for (int at = 0; at < count; at += 2) {
      long what = waiting[at + 1];
      rows.add(number(waiting[at]), (int) (what >>> 1), (what & 1) == 0 ? 1 : -1);
    }
    count = 0;
  }

  /** Adds a whole row. */
  void add(int two, int one, int[] items, float[] counts, int size, float total) {
    settle();
    rows.add(number(pair(two, one)), items, counts, size, total);
  }

  private int number(long pair) {
    int number = numbers.get(pair);
    if (number == HashNumbers.NONE) {
      number = numbers.size();
      numbers.put(pair, number);
    }
    return number;
  }

  private static long pair(int two, int one) {
    return ((long) two << 32) | one;
  }

  /** Every pair that has a row: the earlier item above 32 bits. For the thread that writes. */
  void forEachPair(LongConsumer taker) {
    settle();
    numbers.forEachKey(
        pair -> {
          if (rows.row(numbers.get(pair)).total() > 0) {
            taker.accept(pair);
          }
        });
  }

  /** How many counts there are. */
  int counts() {
    settle();
    return rows.pairs();
  }

  /**
   * Where there are more counts than that, keeps the most frequent half of as many. Pairs have no
   * end, so one that loses all that came after it is gone, with how often anything did.
   */
  void forgetRarest(int most) {
    settle();
    boolean tooMany = rows.pairs() > most;
    if (tooMany) {
      // A row's number hangs on who came first, and is another one in a fold that was saved.
      int[] names = new int[numbers.size()];
      numbers.forEachKey(pair -> names[numbers.get(pair)] = Long.hashCode(pair * NAMING));
      rows.forgetRarest(most / 2, from -> from < names.length ? names[from] : 0, true);
    }
    if (tooMany || numbers.size() > 2 * most) {
      renumber();
    }
  }

  /** Drops the numbers of pairs without a row; snapshots keep the old ones. */
  private void renumber() {
    HashNumbers fresh = new HashNumbers();
    int[] moved = new int[numbers.size()];
    forEachPair(
        pair -> {
          moved[numbers.get(pair)] = fresh.size();
          fresh.put(pair, fresh.size());
        });
    rows.renumber(from -> moved[from]);
    numbers = fresh;
  }
}
