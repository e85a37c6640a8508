package dev.proffer.features.state;

import dev.proffer.events.Hash64;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * {@link Statistics} as bytes that mean the same in every process: items by the hash of their id,
 * categories by name, counts as whole numbers. Bytes are added to statistics rather than read into
 * new ones, over whatever catalog these are counted: what belongs to an item or category the
 * catalog lacks is left out, from the totals too. Equal statistics over equal catalogs give equal
 * bytes.
 *
 * <p>Everything in them is a sum over users, so the statistics of all users are those of some added
 * to those of the others, in any order. Two limits. A count is a float: beyond 2^24 it is no longer
 * exact, one by one or added. And an item's or category's index decides in which order a row lists
 * it; so rows of features are equal to the bit where the catalog came in the same order, and up to
 * rounding where it did not.
 */
public final class StatisticsCodec {
  private static final int FORMAT = 2;

  /** Without declared statistics. */
  private static final int FORMAT_1 = 1;

  private static final int MOST_TEXT = 1 << 20;
  private static final int MOST = Integer.MAX_VALUE;
  private static final int[] STEPS = steps();

  private StatisticsCodec() {}

  /** The statistics as bytes of their own. */
  public static byte[] encode(Statistics statistics, Catalog.Builder items) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryWriter out = new BinaryWriter(bytes);
    write(statistics, items, out);
    out.flush();
    return bytes.toByteArray();
  }

  /**
   * Adds what bytes hold.
   *
   * @throws IllegalArgumentException when they are none of this format, cut short or counted by
   *     other rules; {@code into} may hold a part of them then
   */
  public static void add(byte[] bytes, Statistics into, Numbering items) {
    BinaryReader in = BinaryReader.of(bytes);
    add(in, into, items);
    if (!in.atEnd()) {
      throw in.refused("more than statistics");
    }
  }

  /** Writes the statistics, which are over the items. */
  public static void write(Statistics statistics, Catalog.Builder items, BinaryWriter out) {
    out.number(FORMAT);
    out.number(statistics.sessionGapMillis());
    out.text(statistics.orderAttribute());
    DeclaredCodec.writeRules(statistics.declared(), out);
    long[] pairs = pairs(statistics);
    BitSet used = used(statistics, pairs);
    int[] local = new int[used.length()];
    out.number(used.cardinality());
    int number = 0;
    for (int item = used.nextSetBit(0); item >= 0; item = used.nextSetBit(item + 1)) {
      local[item] = number++;
      out.fixed(Hash64.of(items.item(item).id()));
    }
    List<String> categories = items.categories();
    out.number(categories.size());
    categories.forEach(out::text);
    for (double total : statistics.totals()) {
      out.count(total);
    }
    for (float[] column : statistics.itemColumns()) {
      writeColumn(column, local, out);
    }
    writeColumn(statistics.categoryColumn(), null, out);
    for (Table table : Table.values()) {
      writeTable(table.of(statistics), table, local, out);
    }
    out.number(pairs.length);
    for (long pair : pairs) {
      out.number(local[(int) (pair >>> 32)]);
      out.number(local[(int) pair]);
      writeRow(statistics.nextAfterTwo((int) (pair >>> 32), (int) pair), local, out);
    }
    DeclaredCodec.write(statistics.declared(), local, out);
  }

  /**
   * Adds what {@link #write} wrote.
   *
   * @throws IllegalArgumentException as {@link #add(byte[], Statistics, Numbering)}
   */
  public static void add(BinaryReader in, Statistics into, Numbering items) {
    long format = in.number();
    if (format != FORMAT && format != FORMAT_1) {
      throw in.refused(
          "statistics of format " + format + ", expected " + FORMAT_1 + " or " + FORMAT);
    }
    long gap = in.number();
    String order = in.text(MOST_TEXT);
    if (gap != into.sessionGapMillis() || !order.equals(into.orderAttribute())) {
      throw in.refused(
          "counted with a session gap of "
              + gap
              + " ms and order by \""
              + order
              + "\", expected "
              + into.sessionGapMillis()
              + " ms and \""
              + into.orderAttribute()
              + "\"");
    }
    DeclaredCodec.readRules(in, format == FORMAT_1, into.declared());
    int[] itemOf = new int[16];
    int itemCount = in.number(MOST - 1);
    for (int at = 0; at < itemCount; at++) {
      itemOf = at < itemOf.length ? itemOf : Arrays.copyOf(itemOf, 2 * at);
      int index = items.index(in.fixed());
      itemOf[at] = index == Catalog.UNKNOWN ? -1 : index;
    }
    itemOf = Arrays.copyOf(itemOf, itemCount);
    int categoryCount = in.number(MOST - 1);
    int[] categoryOf = new int[16];
    for (int at = 1; at <= categoryCount; at++) {
      categoryOf = at < categoryOf.length ? categoryOf : Arrays.copyOf(categoryOf, 2 * at);
      int code = items.categoryCode(in.text(MOST_TEXT));
      categoryOf[at] = code == 0 ? -1 : code;
    }
    categoryOf = Arrays.copyOf(categoryOf, categoryCount + 1);
    double[] totals = new double[Statistics.TOTALS];
    for (int at = 0; at < totals.length; at++) {
      totals[at] = in.number();
    }
    for (int column = 0; column < Statistics.ITEM_COLUMNS; column++) {
      double left = addColumn(in, into, column, itemOf);
      if (column < totals.length) {
        totals[column] -= left;
      }
    }
    addColumn(in, into, Statistics.ITEM_COLUMNS, categoryOf);
    into.addTotals(totals);
    for (Table table : Table.values()) {
      addTable(in, table.of(into), table, itemOf, categoryOf);
    }
    int pairCount = in.number(MOST);
    for (int at = 0; at < pairCount; at++) {
      int two = mapped(in, itemOf);
      int one = mapped(in, itemOf);
      Incoming row = new Incoming(in, itemOf);
      if (two >= 0 && one >= 0 && row.total > 0) {
        into.nextAfterTwo().add(two, one, row.items, row.counts, row.size, row.total);
      }
    }
    if (format != FORMAT_1) {
      DeclaredCodec.add(in, into.declared(), itemOf, categoryOf);
    }
  }

  /** What the numbers of a table's rows and places stand for. */
  private enum Kind {
    ITEM,
    CATEGORY,
    STEP
  }

  private enum Table {
    NEXT_1(Kind.ITEM, Kind.ITEM),
    NEXT_2(Kind.ITEM, Kind.ITEM),
    NEXT_3(Kind.ITEM, Kind.ITEM),
    TOGETHER(Kind.ITEM, Kind.ITEM),
    CATEGORY_NEXT(Kind.CATEGORY, Kind.CATEGORY),
    ARRIVALS(Kind.CATEGORY, Kind.ITEM),
    STEPS(Kind.CATEGORY, Kind.STEP),
    STEPS_AFTER_STEP(Kind.STEP, Kind.STEP);

    private final Kind from;
    private final Kind to;

    Table(Kind from, Kind to) {
      this.from = from;
      this.to = to;
    }

    PairCounts of(Statistics statistics) {
      return switch (this) {
        case NEXT_1 -> statistics.next(1);
        case NEXT_2 -> statistics.next(2);
        case NEXT_3 -> statistics.next(3);
        case TOGETHER -> statistics.together();
        case CATEGORY_NEXT -> statistics.categoryNext();
        case ARRIVALS -> statistics.arrivals();
        case STEPS -> statistics.steps();
        case STEPS_AFTER_STEP -> statistics.stepsAfterStep();
      };
    }
  }

  /** By the two items' indexes: the numbers that pairs got depend on who came first. */
  private static long[] pairs(Statistics statistics) {
    LongStream.Builder pairs = LongStream.builder();
    statistics.nextAfterTwo().forEachPair(pairs::add);
    return pairs.build().sorted().toArray();
  }

  private static BitSet used(Statistics statistics, long[] pairs) {
    BitSet used = DeclaredCodec.items(statistics.declared());
    for (float[] column : statistics.itemColumns()) {
      for (int item = 0; item < column.length; item++) {
        if (column[item] != 0) {
          used.set(item);
        }
      }
    }
    for (Table table : Table.values()) {
      PairCounts counts = table.of(statistics);
      for (int from = 0; from < counts.rowsEnd(); from++) {
        PairCounts.Row row = counts.row(from);
        if (row.total() > 0 && table.from == Kind.ITEM) {
          used.set(from);
        }
        for (int at = 0; table.to == Kind.ITEM && at < row.size(); at++) {
          used.set(row.item(at));
        }
      }
    }
    for (long pair : pairs) {
      used.set((int) (pair >>> 32));
      used.set((int) pair);
      PairCounts.Row row = statistics.nextAfterTwo((int) (pair >>> 32), (int) pair);
      for (int at = 0; at < row.size(); at++) {
        used.set(row.item(at));
      }
    }
    return used;
  }

  private static void writeColumn(float[] column, int @Nullable [] local, BinaryWriter out) {
    int size = 0;
    for (float count : column) {
      size += count != 0 ? 1 : 0;
    }
    out.number(size);
    for (int at = 0; at < column.length; at++) {
      if (column[at] != 0) {
        out.number(local == null ? at : local[at]);
        out.count(column[at]);
      }
    }
  }

  private static double addColumn(BinaryReader in, Statistics into, int column, int[] map) {
    double left = 0;
    int size = in.number(map.length);
    for (int at = 0; at < size; at++) {
      int index = mapped(in, map);
      long count = in.number();
      if (index < 0) {
        left += count;
      } else {
        into.addColumn(column, index, (float) count);
      }
    }
    return left;
  }

  private static void writeTable(PairCounts counts, Table table, int[] local, BinaryWriter out) {
    int rows = 0;
    for (int from = 0; from < counts.rowsEnd(); from++) {
      rows += counts.row(from).total() > 0 ? 1 : 0;
    }
    out.number(rows);
    for (int from = 0; from < counts.rowsEnd(); from++) {
      PairCounts.Row row = counts.row(from);
      if (row.total() > 0) {
        out.number(table.from == Kind.ITEM ? local[from] : from);
        writeRow(row, table.to == Kind.ITEM ? local : null, out);
      }
    }
  }

  private static void writeRow(PairCounts.Row row, int @Nullable [] local, BinaryWriter out) {
    out.number(row.size());
    out.count(row.total());
    for (int item : row.ascending()) { // the same state is the same bytes
      out.number(local == null ? item : local[item]);
      out.count(row.of(item));
    }
  }

  private static void addTable(
      BinaryReader in, PairCounts into, Table table, int[] itemOf, int[] categoryOf) {
    int[] from = map(table.from, itemOf, categoryOf);
    int[] to = map(table.to, itemOf, categoryOf);
    int rows = in.number(from.length);
    for (int at = 0; at < rows; at++) {
      int index = mapped(in, from);
      Incoming row = new Incoming(in, to);
      if (index >= 0 && row.total > 0) {
        into.add(index, row.items, row.counts, row.size, row.total);
      }
    }
  }

  private static int[] map(Kind kind, int[] itemOf, int[] categoryOf) {
    return switch (kind) {
      case ITEM -> itemOf;
      case CATEGORY -> categoryOf;
      case STEP -> STEPS;
    };
  }

  private static int[] steps() {
    int[] steps = new int[2 * Statistics.MAX_STEP + 1];
    Arrays.setAll(steps, step -> step);
    return steps;
  }

  private static int mapped(BinaryReader in, int[] map) {
    return map[in.number(map.length - 1)];
  }

  /** A row as it is in the bytes, by our own indexes. */
  private static final class Incoming {
    private final int[] items;
    private final float[] counts;
    private final int size;
    private final float total;

    Incoming(BinaryReader in, int[] map) {
      int written = in.number(map.length);
      double all = in.number();
      long[] byIndex = new long[Math.min(written, 1024)];
      float[] count = new float[byIndex.length];
      int kept = 0;
      for (int at = 0; at < written; at++) {
        int index = mapped(in, map);
        long of = in.number();
        if (index < 0) {
          all -= of;
          continue;
        }
        if (kept == byIndex.length) {
          byIndex = Arrays.copyOf(byIndex, 2 * kept);
          count = Arrays.copyOf(count, 2 * kept);
        }
        count[kept] = (float) of;
        byIndex[kept] = (long) index << 32 | kept;
        kept++;
      }
      Arrays.sort(byIndex, 0, kept);
      items = new int[kept];
      counts = new float[kept];
      size = kept;
      total = (float) all;
      for (int at = 0; at < kept; at++) {
        items[at] = (int) (byIndex[at] >>> 32);
        counts[at] = count[(int) byIndex[at]];
        if (at > 0 && items[at] == items[at - 1]) {
          throw in.refused("a row that names one place twice");
        }
      }
    }
  }
}
