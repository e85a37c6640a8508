package dev.proffer.features.state;

import java.util.Arrays;

/**
 * Counts of ordered pairs of items, row by row: how often {@code b} came with {@code a}. One thread
 * writes; a {@link #snapshot} is immutable and shares the rows that have not changed since, so
 * taking one costs a reference an item.
 *
 * <p>Counts are whole numbers held as floats: exact up to 2^24, and independent of the order of
 * additions. Additions wait for each other and are made together before anything is read: rows lie
 * scattered in memory, and a processor that knows many of them ahead fetches them side by side.
 */
public final class PairCounts {
  static final Row NONE = new Row(new int[0], new float[0], 0, 0);

  /** Additions that may wait. */
  private static final int MOST_WAITING = 256;

  private static final long[] NONE_WAIT = {};

  private final SharedRows<Row> rows;
  private final long[] waiting; // row, item and sign of an addition
  private int count;

  @SuppressWarnings("UnusedVariable") // it is set so that what it is made of is really read
  private int touched;

  PairCounts() {
    this(new SharedRows<>(Row::copy), new long[MOST_WAITING]);
  }

  private PairCounts(SharedRows<Row> rows, long[] waiting) {
    this.rows = rows;
    this.waiting = waiting;
  }

  /** What came with one item: the others by ascending index, and how often. */
  public static final class Row {
    private int[] items;
    private float[] counts;
    private int size;
    private float total;

    private Row(int[] items, float[] counts, int size, float total) {
      this.items = items;
      this.counts = counts;
      this.size = size;
      this.total = total;
    }

    /** How many different items came. */
    public int size() {
      return size;
    }

    /** The item's index. */
    public int item(int at) {
      return items[at];
    }

    /** How often it came; above 0. */
    public float count(int at) {
      return counts[at];
    }

    /** The sum of all counts of the row. */
    public float total() {
      return total;
    }

    /** How often one item came; 0 when it never did. */
    public float of(int item) {
      int at = Arrays.binarySearch(items, 0, size, item);
      return at < 0 ? 0 : counts[at];
    }

    /** What was never counted is not taken back: an item may have become known in between. */
    private void add(int item, float weight) {
      int at = Arrays.binarySearch(items, 0, size, item);
      if (at < 0 && weight < 0) {
        return;
      }
      total += weight;
      if (at >= 0) {
        counts[at] += weight;
        if (counts[at] == 0) {
          System.arraycopy(items, at + 1, items, at, size - at - 1);
          System.arraycopy(counts, at + 1, counts, at, size - at - 1);
          size--;
        }
        return;
      }
      int to = -at - 1;
      if (size == items.length) {
        items = Arrays.copyOf(items, Math.max(4, size * 2));
        counts = Arrays.copyOf(counts, items.length);
      }
      System.arraycopy(items, to, items, to + 1, size - to);
      System.arraycopy(counts, to, counts, to + 1, size - to);
      items[to] = item;
      counts[to] = weight;
      size++;
    }

    /** This row and another, whose places ascend too. */
    private Row plus(int[] otherItems, float[] otherCounts, int otherSize, float otherTotal) {
      int[] bothItems = new int[size + otherSize];
      float[] bothCounts = new float[size + otherSize];
      int both = 0;
      int mine = 0;
      int other = 0;
      while (mine < size || other < otherSize) {
        int item =
            other == otherSize || (mine < size && items[mine] < otherItems[other])
                ? items[mine]
                : otherItems[other];
        float count = 0;
        if (mine < size && items[mine] == item) {
          count += counts[mine++];
        }
        if (other < otherSize && otherItems[other] == item) {
          count += otherCounts[other++];
        }
        bothItems[both] = item;
        bothCounts[both++] = count;
      }
      return new Row(bothItems, bothCounts, both, total + otherTotal);
    }

    private int middle() {
      return items.length == 0 ? 0 : items[size >>> 1];
    }

    private Row copy() {
      return new Row(items.clone(), counts.clone(), size, total);
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

  /** Adds a whole row, whose places ascend. */
  void add(int from, int[] items, float[] counts, int size, float total) {
    settle();
    rows.put(from, row(from).plus(items, counts, size, total));
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
      touch += row == null ? 0 : row.middle();
    }
    touched = touch;
    for (int at = 0; at < count; at++) {
      int from = (int) (waiting[at] >>> 32);
      Row row = rows.own(from);
      if (row == null) {
        row = new Row(new int[4], new float[4], 0, 0);
        rows.put(from, row);
      }
      row.add((int) waiting[at] >>> 1, (waiting[at] & 1) == 0 ? 1 : -1);
    }
    count = 0;
  }

  PairCounts snapshot() {
    settle();
    return new PairCounts(rows.snapshot(), NONE_WAIT);
  }
}
