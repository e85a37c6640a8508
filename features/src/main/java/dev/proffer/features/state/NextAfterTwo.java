package dev.proffer.features.state;

import java.util.function.LongConsumer;

/**
 * What was chosen next after two items in a row. Pairs of items get numbers as they appear, and
 * their rows are {@link PairCounts} by that number. One thread writes; a {@link #snapshot} is
 * immutable and shares the numbers until they are given anew.
 */
final class NextAfterTwo {
  private static final long NAMING = 0x9e3779b97f4a7c15L;

  private PairCounts rows;
  private HashNumbers numbers;

  NextAfterTwo() {
    this(new PairCounts(), new HashNumbers());
  }

  private NextAfterTwo(PairCounts rows, HashNumbers numbers) {
    this.rows = rows;
    this.numbers = numbers;
  }

  NextAfterTwo snapshot() {
    return new NextAfterTwo(rows.snapshot(), numbers);
  }

  /** What came next; an empty row when the two never stood so. */
  PairCounts.Row row(int two, int one) {
    int number = numbers.get(pair(two, one));
    return number == HashNumbers.NONE ? PairCounts.NONE : rows.row(number);
  }

  /** Counts an item, or takes it back by -1. */
  void add(int two, int one, int item, int sign) {
    rows.add(number(two, one), item, sign);
  }

  /** Adds a whole row. */
  void add(int two, int one, int[] items, float[] counts, int size, float total) {
    rows.add(number(two, one), items, counts, size, total);
  }

  private int number(int two, int one) {
    long pair = pair(two, one);
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
    numbers.forEachKey(
        pair -> {
          if (rows.row(numbers.get(pair)).size() > 0) {
            taker.accept(pair);
          }
        });
  }

  /** How many counts there are. */
  int counts() {
    return rows.pairs();
  }

  /** Where there are more counts than that, keeps the most frequent half of as many. */
  void forgetRarest(int most) {
    boolean tooMany = rows.pairs() > most;
    if (tooMany) {
      // A row's number hangs on who came first, and is another one in a fold that was saved.
      int[] names = new int[numbers.size()];
      numbers.forEachKey(pair -> names[numbers.get(pair)] = Long.hashCode(pair * NAMING));
      rows.forgetRarest(most / 2, from -> from < names.length ? names[from] : 0);
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
