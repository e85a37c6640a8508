package dev.proffer.features.state;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Counts of ordered pairs of items, row by row: how often {@code b} came with {@code a}. One thread
 * writes; a {@link #snapshot} is immutable and shares the rows that have not changed since, so
 * taking one costs a reference an item.
 *
 * <p>Counts are whole numbers held as floats: exact up to 2^24, and independent of the order of
 * additions. Additions wait for each other and are made together before anything is read: rows lie
 * scattered in memory, and a processor that knows many of them ahead fetches them side by side.
 *
 * <p>What is kept has two bounds. A row that comes to {@value #MOST_IN_ROW} items forgets the rarer
 * half of them; and {@link #forgetRarest} does so over all rows where there are more pairs than are
 * to be kept. What a row forgets stays in its total, as mass without a name. Which pairs go follows
 * from the counts alone (of pairs as rare as each other some mixed order decides), so the same
 * additions in the same order keep the same pairs, wherever a fold paused, was saved and went on.
 * Method: the pruning of rare n-grams of language models, whose mass backs off (Katz 1987).
 */
public final class PairCounts {
  static final Row NONE = new Row(new long[0], null, 0, 0);

  /** A row of so many items forgets half of them. */
  static final int MOST_IN_ROW = 1_024;

  /** Additions that may wait. */
  static final int MOST_WAITING = 256;

  private static final long[] NONE_WAIT = {};

  private SharedRows<Row> rows;
  private final long[] waiting; // row, item and sign of an addition
  private int count;
  private int pairs;

  @SuppressWarnings("UnusedVariable") // it is set so that what it is made of is really read
  private int touched;

  PairCounts() {
    this(new SharedRows<>(Row::copy), new long[MOST_WAITING]);
  }

  private PairCounts(SharedRows<Row> rows, long[] waiting) {
    this.rows = rows;
    this.waiting = waiting;
  }

  /**
   * What came with one item: the others in no order that means anything, and how often. A few are
   * looked through; of more there is an index, an open-addressed table of places (linear probing by
   * the item's number itself: the numbers of a catalog are dense, so neighbours rarely collide).
   */
  public static final class Row {
    private static final int FEW = 8;

    private long[] entries; // the item above 32 bits, below them the count as a float
    private short @Nullable [] places; // place in entries and 1, by item; 0 where there is none
    private boolean placesShared; // with the row that this is a copy of
    private int size;
    private float total;
    private float forgotten;

    private Row(long[] entries, short @Nullable [] places, int size, float total) {
      this.entries = entries;
      this.places = places;
      this.size = size;
      this.total = total;
    }

    /** How many different items came. */
    public int size() {
      return size;
    }

    /** The item's index. */
    public int item(int at) {
      return (int) (entries[at] >>> 32);
    }

    /** How often it came; above 0. */
    public float count(int at) {
      return Float.intBitsToFloat((int) entries[at]);
    }

    /** The sum of all counts of the row, those that it forgot too. */
    public float total() {
      return total;
    }

    /** The sum of the counts of items that it forgot. */
    public float forgotten() {
      return forgotten;
    }

    /** How often one item came; 0 when it never did. */
    public float of(int item) {
      int at = find(item);
      return at < 0 ? 0 : count(at);
    }

    /** The items by ascending index. */
    public int[] ascending() {
      int[] items = new int[size];
      for (int at = 0; at < size; at++) {
        items[at] = item(at);
      }
      Arrays.sort(items);
      return items;
    }

    private int find(int item) {
      short[] index = places;
      if (index == null) {
        for (int at = 0; at < size; at++) {
          if (item(at) == item) {
            return at;
          }
        }
        return -1;
      }
      for (int probe = item & index.length - 1; ; probe = probe + 1 & index.length - 1) {
        int at = index[probe] - 1;
        if (at < 0 || item(at) == item) {
          return at;
        }
      }
    }

    /**
     * What was never counted is not taken back: an item may have become known in between. Of what
     * was forgotten as much is taken back as there was.
     */
    private void add(int item, float weight) {
      int at = find(item);
      if (at < 0 && weight < 0) {
        if (forgotten > 0) {
          forgotten += weight;
          total += weight;
        }
        return;
      }
      total += weight;
      if (at < 0) {
        append(item, weight);
        if (size >= MOST_IN_ROW) {
          forgetBelow(0, nthRank(size / 2));
        }
        return;
      }
      float count = count(at) + weight;
      if (count != 0) {
        entries[at] = entry(item, count);
      } else {
        entries[at] = entries[--size];
        index(entries.length);
        if (size == 0 && forgotten <= 0) { // nothing is left that a total could be of
          total = 0;
        }
      }
    }

    private void append(int item, float count) {
      if (size == entries.length) {
        entries = Arrays.copyOf(entries, Math.max(2, size * 2));
        entries[size++] = entry(item, count);
        index(entries.length);
        return;
      }
      entries[size++] = entry(item, count);
      short[] index = places;
      if (index != null) {
        if (placesShared) {
          index = index.clone();
          places = index;
          placesShared = false;
        }
        place(index, item, size);
      }
    }

    private static long entry(int item, float count) {
      return (long) item << 32 | Integer.toUnsignedLong(Float.floatToRawIntBits(count));
    }

    /** Makes the index for so many entries, from those there are. */
    private void index(int capacity) {
      placesShared = false;
      if (capacity <= FEW) {
        places = null;
        return;
      }
      int length = Integer.highestOneBit(capacity - 1) << 2; // half of it is used at most
      short[] index = new short[length];
      for (int at = 0; at < size; at++) {
        place(index, item(at), at + 1);
      }
      places = index;
    }

    private static void place(short[] index, int item, int place) {
      int probe = item & index.length - 1;
      while (index[probe] != 0) {
        probe = probe + 1 & index.length - 1;
      }
      index[probe] = (short) place; // two rows of the most items fit
    }

    private Row plus(int[] otherItems, float[] otherCounts, int otherSize, float otherTotal) {
      Row both = copy();
      for (int other = 0; other < otherSize; other++) {
        int at = both.find(otherItems[other]);
        if (at < 0) {
          both.append(otherItems[other], otherCounts[other]);
        } else {
          both.entries[at] = entry(otherItems[other], both.count(at) + otherCounts[other]);
        }
      }
      both.total = total + otherTotal;
      float named = 0;
      for (int other = 0; other < otherSize; other++) {
        named += otherCounts[other];
      }
      both.forgotten = forgotten + otherTotal - named;
      while (both.size >= MOST_IN_ROW) {
        both.forgetBelow(0, both.nthRank(both.size / 2));
      }
      return both;
    }

    /** The rank that so many of the row's items are below. */
    private long nthRank(int below) {
      long[] ranks = new long[size];
      for (int at = 0; at < size; at++) {
        ranks[at] = rank(0, entries[at]);
      }
      Arrays.sort(ranks);
      return ranks[below];
    }

    private boolean hasBelow(int from, long rank) {
      for (int at = 0; at < size; at++) {
        if (rank(from, entries[at]) < rank) {
          return true;
        }
      }
      return false;
    }

    /** Forgets the items below a rank. */
    private void forgetBelow(int from, long rank) {
      int kept = 0;
      for (int at = 0; at < size; at++) {
        if (rank(from, entries[at]) < rank) {
          forgotten += count(at);
        } else {
          entries[kept++] = entries[at];
        }
      }
      size = kept;
      entries = Arrays.copyOf(entries, Math.max(2, kept));
      index(entries.length);
    }

    /**
     * By count, and by a mixture of row and item where counts are equal.
     *
     * @param from what tells rows apart
     */
    private static long rank(int from, long entry) {
      int mixed = (int) (entry >>> 32) * 0x9e3779b1 + from * 0x85ebca6b;
      return (long) (int) entry << 32 | Integer.toUnsignedLong(mixed ^ mixed >>> 15);
    }

    /** Reads what an addition will read, and says something that depends on it. */
    private int touch(int item) {
      return find(item) + size;
    }

    /** A copy to count on; where items stand is shared until it holds another one. */
    private Row copy() {
      Row copy = new Row(entries.clone(), places, size, total);
      copy.placesShared = true;
      copy.forgotten = forgotten;
      return copy;
    }
  }

  /** The row of an item; an empty one when nothing ever came with it. */
  public Row row(int item) {
    settle();
    Row row = rows.get(item);
    return row == null ? NONE : row;
  }

  /** Behind the last row that may hold anything. */
  int rowsEnd() {
    settle();
    return rows.end();
  }

  /** Adds a whole row. */
  void add(int from, int[] items, float[] counts, int size, float total) {
    settle();
    Row before = row(from);
    Row sum = before.plus(items, counts, size, total);
    rows.put(from, sum);
    pairs += sum.size - before.size;
  }

  /** How many pairs have a count. */
  int pairs() {
    settle();
    return pairs;
  }

  /**
   * Forgets the rarest pairs, so that about so many are left.
   *
   * @param name what tells a row apart in every process, by its number
   * @param rowsToo whether a row that loses all its items is gone with its total; otherwise the
   *     total stays, and what is read from it stays right
   */
  void forgetRarest(int keep, IntUnaryOperator name, boolean rowsToo) {
    settle();
    if (pairs <= keep) {
      return;
    }
    long[] ranks = new long[pairs];
    int count = 0;
    for (int from = 0; from < rows.end(); from++) {
      Row row = row(from);
      int of = name.applyAsInt(from);
      for (int at = 0; at < row.size; at++) {
        ranks[count++] = Row.rank(of, row.entries[at]);
      }
    }
    Arrays.sort(ranks);
    long lowest = ranks[count - keep];
    for (int from = 0; from < rows.end(); from++) {
      int of = name.applyAsInt(from);
      if (row(from).hasBelow(of, lowest)) {
        Row row = Objects.requireNonNull(rows.own(from));
        pairs -= row.size;
        row.forgetBelow(of, lowest);
        pairs += row.size;
        rows.put(from, rowsToo && row.size == 0 ? null : row);
      }
    }
  }

  /** Gives every row that holds anything the number that {@code moved} names. */
  void renumber(IntUnaryOperator moved) {
    settle();
    SharedRows<Row> fresh = new SharedRows<>(Row::copy);
    for (int from = 0; from < rows.end(); from++) {
      Row row = rows.get(from);
      if (row != null && row.total > 0) {
        fresh.putShared(moved.applyAsInt(from), row);
      }
    }
    rows = fresh;
  }

  /**
   * Counts a pair, or takes it back.
   *
   * @param sign 1 or -1
   */
  void add(int from, int to, int sign) {
    if (count == waiting.length) {
      settle();
    }
    waiting[count++] = (long) from << 32 | (long) to << 1 | (sign < 0 ? 1 : 0);
  }

  private void settle() {
    if (count == 0) {
      return;
    }
    int touch = 0;
    for (int at = 0; at < count; at++) {
      Row row = rows.get((int) (waiting[at] >>> 32));
      touch += row == null ? 0 : row.touch((int) waiting[at] >>> 1);
    }
    touched = touch;
    for (int at = 0; at < count; at++) {
      int from = (int) (waiting[at] >>> 32);
      Row row = rows.own(from);
      if (row == null) {
        row = new Row(new long[2], null, 0, 0);
        rows.put(from, row);
      }
      int size = row.size;
      row.add((int) waiting[at] >>> 1, (waiting[at] & 1) == 0 ? 1 : -1);
      pairs += row.size - size;
    }
    count = 0;
  }

  PairCounts snapshot() {
    settle();
    PairCounts snapshot = new PairCounts(rows.snapshot(), NONE_WAIT);
    snapshot.pairs = pairs;
    return snapshot;
  }
}
