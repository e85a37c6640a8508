package dev.proffer.features.state;

import dev.proffer.features.spec.StatisticSpec;
import dev.proffer.features.spec.StatisticSpec.By;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The part of {@link StatisticsCodec} that is about declared statistics: the declarations, and for
 * each the ring of the total and those of its keys. A ring is how many buckets have anything (0 for
 * no ring, else one more), its newest bucket, and then each that has anything, newest first: how
 * many buckets before the last one named, and how much (a 0 goes before what is negative).
 */
final class DeclaredCodec {
  private static final int MOST_TEXT = 1 << 20;
  private static final int MOST = Integer.MAX_VALUE - 1;
  private static final long FURTHEST_BUCKET = 1L << 50;

  private DeclaredCodec() {}

  static void writeRules(DeclaredStatistics declared, BinaryWriter out) {
    List<String> rules = declared.spec().canonical();
    out.number(rules.size());
    rules.forEach(out::text);
  }

  /**
   * Holds what was declared against what is.
   *
   * @param none whether the bytes are of a format that had no declared statistics
   */
  static void readRules(BinaryReader in, boolean none, DeclaredStatistics declared) {
    List<String> rules = new ArrayList<>();
    for (int left = none ? 0 : in.number(MOST); left > 0; left--) {
      rules.add(in.text(MOST_TEXT));
    }
    if (!rules.equals(declared.spec().canonical())) {
      throw in.refused(
          "declared statistics "
              + rules
              + ", expected "
              + declared.spec().canonical()
              + " as in statistics.yaml");
    }
  }

  /** The items that have a count. */
  static BitSet items(DeclaredStatistics declared) {
    BitSet used = new BitSet();
    for (int number = 0; number < declared.spec().statistics().size(); number++) {
      BucketCounts counts = counts(declared, number);
      By by = counts.spec().by();
      for (int key = 0; key < counts.keysEnd(); key++) {
        if ((by == By.ITEM || by.isItemAndOther()) && counts.has(key)) {
          used.set(by == By.ITEM ? key : key / counts.spec().others());
        }
      }
    }
    return used;
  }

  static void write(DeclaredStatistics declared, int[] local, BinaryWriter out) {
    for (int number = 0; number < declared.spec().statistics().size(); number++) {
      write(counts(declared, number), local, out);
    }
  }

  private static void write(BucketCounts counts, int[] local, BinaryWriter out) {
    writeRing(counts.totalRing(), out);
    out.number(counts.keys());
    HashNumbers texts = counts.numbers();
    if (texts != null) {
      LongStream.Builder hashes = LongStream.builder();
      texts.forEachKey(
          hash -> {
            if (counts.has(texts.get(hash))) {
              hashes.add(hash);
            }
          });
      // By hash: the numbers that texts got depend on who came first.
      hashes
          .build()
          .sorted()
          .forEach(
              hash -> {
                out.fixed(hash);
                writeRing(ring(counts, texts.get(hash)), out);
              });
      return;
    }
    int others = counts.spec().others();
    for (int key = 0; key < counts.keysEnd(); key++) {
      if (!counts.has(key)) {
        continue;
      }
      switch (counts.spec().by()) {
        case ITEM -> out.number(local[key]);
        case ITEM_POSITION, ITEM_DEVICE -> {
          out.number(local[key / others]);
          out.number(key % others);
        }
        default -> out.number(key);
      }
      writeRing(ring(counts, key), out);
    }
  }

  static void add(BinaryReader in, DeclaredStatistics declared, int[] itemOf, int[] categoryOf) {
    for (int number = 0; number < declared.spec().statistics().size(); number++) {
      add(in, counts(declared, number), itemOf, categoryOf);
    }
  }

  private static void add(BinaryReader in, BucketCounts into, int[] itemOf, int[] categoryOf) {
    StatisticSpec spec = into.spec();
    addRing(in, into, BucketCounts.NO_KEY, 1);
    for (int left = in.number(MOST); left > 0; left--) {
      int key;
      switch (spec.by()) {
        case CONTEXT, DEVICE -> {
          // A text that is not kept stays in the total.
          key = into.open(in.fixed());
          if (key == BucketCounts.NO_KEY) {
            addRing(in, into, BucketCounts.NO_KEY, 0);
            continue;
          }
        }
        case ITEM -> key = itemOf[in.number(itemOf.length - 1)];
        case ITEM_POSITION, ITEM_DEVICE -> {
          int item = itemOf[in.number(itemOf.length - 1)];
          int other = in.number(spec.others() - 1);
          key = item < 0 ? BucketCounts.NO_KEY : into.key(item, other + 1);
        }
        case CATEGORY -> key = categoryOf[in.number(categoryOf.length - 1)];
        case POSITION -> key = in.number(spec.maxPosition());
        default -> key = in.number(0);
      }
      // What the catalog lacks is taken out of the total again.
      addRing(in, into, key, key == BucketCounts.NO_KEY ? -1 : 1);
    }
  }

  private static void writeRing(BucketCounts.Ring ring, BinaryWriter out) {
    if (ring.span() == 0) {
      out.number(0);
      return;
    }
    int filled = 0;
    long oldest = ring.newest() - ring.span() + 1;
    for (long bucket = oldest; bucket <= ring.newest(); bucket++) {
      filled += ring.in(bucket) == 0 ? 0 : 1;
    }
    out.number(filled + 1);
    out.fixed(ring.newest());
    long after = ring.newest();
    for (long bucket = ring.newest(); bucket >= oldest; bucket--) {
      long amount = ring.in(bucket);
      if (amount != 0) {
        out.number(after - bucket);
        after = bucket;
        if (amount > 0) {
          out.number(amount);
        } else {
          out.number(0);
          out.fixed(amount);
        }
      }
    }
  }

  /** Adds a ring to a key, or to the total where there is no key; times {@code sign}. */
  private static void addRing(BinaryReader in, BucketCounts into, int key, int sign) {
    int raised = in.number(into.spec().buckets() + 1);
    if (raised == 0) {
      return;
    }
    long bucket = in.fixed();
    if (Math.abs(bucket) > FURTHEST_BUCKET) {
      throw in.refused("a bucket " + bucket);
    }
    // The newest may be empty, where amounts below 0 made up for others: it says what is too old.
    if (key == BucketCounts.NO_KEY) {
      into.reachTotal(bucket);
    } else {
      into.reach(key, bucket);
    }
    for (int at = 1; at < raised; at++) {
      bucket -= in.number(into.spec().buckets());
      long positive = in.number();
      long amount = positive == 0 ? in.fixed() : positive;
      if (key == BucketCounts.NO_KEY) {
        into.addToTotal(bucket, sign * amount);
      } else {
        into.addTo(key, bucket, amount);
      }
    }
  }

  private static BucketCounts counts(DeclaredStatistics declared, int number) {
    BucketCounts counts = declared.counts(number);
    if (counts == null) {
      throw new IllegalStateException("no statistic " + number);
    }
    return counts;
  }

  private static BucketCounts.Ring ring(BucketCounts counts, int key) {
    BucketCounts.Ring ring = counts.ring(key);
    if (ring == null) {
      throw new IllegalStateException("no ring of key " + key);
    }
    return ring;
  }
}
