package dev.proffer.features.state;

import dev.proffer.features.spec.StatisticSpec;
import java.util.Collections;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * One declared statistic: for each key a ring of whole numbers, one a bucket of event time. One
 * thread writes; a {@link #snapshot} is immutable, for any thread to read, and shares the rings
 * that have not changed since. Reading allocates nothing.
 *
 * <p>Bucket {@code b} is the instants from {@code b * width} up to, not including, {@code (b + 1) *
 * width}, in epoch milliseconds. A key keeps the {@code buckets} latest up to its own newest; what
 * is older counts nothing, whether it came before the newest or after it. Numbers are exact. So the
 * same events in any order of arrival make the same rings, and the rings of all users are those of
 * some added to those of the others.
 *
 * <p>Keys are numbers: an item's index, a category's number, a slot, an item's index times the
 * number of slots (or declared devices) plus the slot (or the device's place) less 1, or 0 for
 * everything. Texts are known by their {@link dev.proffer.events.Hash64} alone. Of these the {@code
 * max-keys} with the lowest hashes (unsigned) are kept: the only rule that is the same in any order
 * and that parts of the log can follow apart, since what is among the lowest of all is among the
 * lowest of every part. All others count in the total only. Method: the bottom-k sample of Cohen
 * and Kaplan, "Summarizing Data Using Bottom-k Sketches", PODC 2007.
 *
 * <p>A ring holds running totals, so the sum over any window is one difference.
 */
public final class BucketCounts {
  /** The key of what has none: it reads as nothing. */
  public static final int NO_KEY = -1;

  private final StatisticSpec spec;
  private final long width;
  private SharedRows<Ring> rings;
  private @Nullable HashNumbers numbers;
  // The hashes of the kept keys, highest first; made when the keys are full.
  private @Nullable PriorityQueue<Long> kept;
  private int held;
  private Ring total;
  private boolean totalShared;
  private long changes;
  private long beyond;

  BucketCounts(StatisticSpec spec) {
    this.spec = spec;
    this.width = spec.bucketMillis();
    this.rings = new SharedRows<>(Ring::copy);
    this.numbers = spec.by().isText() ? new HashNumbers() : null;
    this.total = new Ring();
  }

  private BucketCounts(BucketCounts of) {
    spec = of.spec;
    width = of.width;
    rings = of.rings.snapshot();
    numbers = of.numbers;
    held = of.held;
    total = of.total;
    of.totalShared = true;
    totalShared = true;
    changes = of.changes;
    beyond = of.beyond;
  }

  /** What was declared. */
  public StatisticSpec spec() {
    return spec;
  }

  BucketCounts snapshot() {
    return new BucketCounts(this);
  }

  /** The bucket that an instant lies in. */
  public long bucket(long timeMillis) {
    return Math.floorDiv(timeMillis, width);
  }

  /**
   * The bucket to read as of an instant: the one of the millisecond before it, since what happens
   * at the instant itself is not known yet.
   */
  public long bucketBefore(long asOfMillis) {
    return bucket(asOfMillis - 1);
  }

  /** The key of a text known by its hash; {@link #NO_KEY} when it has none. */
  public int key(long hash) {
    HashNumbers known = numbers;
    return known == null ? NO_KEY : known.get(hash);
  }

  /**
   * The key of an item in a slot, or on a device by its place; {@link #NO_KEY} for one that is not
   * kept.
   */
  public int key(int item, int other) {
    return other < 1 || other > spec.others() ? NO_KEY : item * spec.others() + other - 1;
  }

  /**
   * What a key has in some buckets, both ends counted; 0 for buckets and keys that have nothing. In
   * units of {@link StatisticSpec#scale}.
   */
  public long sum(int key, long fromBucket, long toBucket) {
    Ring ring = key < 0 ? null : rings.get(key);
    return ring == null ? 0 : ring.sum(fromBucket, toBucket);
  }

  /** What all keys have in some buckets, also those that are not kept. */
  public long total(long fromBucket, long toBucket) {
    return total.sum(fromBucket, toBucket);
  }

  /**
   * What a key has, each bucket weighted by its age: {@code 2^(-age / half-life)}. The age of a
   * bucket is the time from its end to the instant, and 0 for the bucket that {@link #bucketBefore}
   * the instant; so the value does not jump where a bucket ends. The {@link
   * StatisticSpec#mostBuckets} latest count.
   */
  public double decayed(int key, long asOfMillis, long halfLifeMillis) {
    long last = bucketBefore(asOfMillis);
    double before = StrictMath.pow(2, -(double) (asOfMillis - last * width) / halfLifeMillis);
    return older(key, last, StrictMath.pow(2, -(double) width / halfLifeMillis)) * before
        + sum(key, last, last);
  }

  /**
   * The part of {@link #decayed} that lies before a bucket, aged to where that bucket begins.
   *
   * @param last the bucket that {@link #bucketBefore} the instant
   * @param step the weight of a bucket over that of the next
   */
  public double older(int key, long last, double step) {
    Ring ring = key < 0 ? null : rings.get(key);
    return ring == null ? 0 : ring.older(last, spec.mostBuckets(), step);
  }

  /** Behind the last key that may have anything. */
  public int keysEnd() {
    return rings.end();
  }

  /** Whether a key has anything in any bucket. */
  public boolean has(int key) {
    return rings.get(key) != null;
  }

  /** How many keys there are. */
  public int keys() {
    return held;
  }

  /** Additions that found no room: of texts beyond {@code max-keys} and slots beyond the last. */
  public long beyond() {
    return beyond;
  }

  /** How often anything was counted: changes when a value may have. */
  public long changes() {
    return changes;
  }

  void addBeyond() {
    beyond++;
  }

  /** Adds to a key and to the total. */
  void add(int key, long timeMillis, long amount) {
    addTo(key, bucket(timeMillis), amount);
    addToTotal(bucket(timeMillis), amount);
  }

  /** Adds to the key of a text, if it is one to keep, and to the total. */
  void addText(long hash, long timeMillis, long amount) {
    long bucket = bucket(timeMillis);
    int key = amount == 0 ? NO_KEY : open(hash);
    if (key != NO_KEY) {
      addTo(key, bucket, amount);
    }
    addToTotal(bucket, amount);
  }

  void addTo(int key, long bucket, long amount) {
    if (amount != 0) {
      reach(key, bucket).add(bucket, amount, spec.buckets());
      changes++;
    }
  }

  void addToTotal(long bucket, long amount) {
    if (amount != 0) {
      reachTotal(bucket).add(bucket, amount, spec.buckets());
      changes++;
    }
  }

  /** The ring of a key to write to, its newest bucket at least the given one. */
  Ring reach(int key, long bucket) {
    Ring ring = rings.own(key);
    if (ring == null) {
      ring = new Ring();
      rings.put(key, ring);
      held++;
    }
    ring.reach(bucket, spec.buckets());
    return ring;
  }

  /** The ring of the total to write to, its newest bucket at least the given one. */
  Ring reachTotal(long bucket) {
    if (totalShared) {
      total = total.copy();
      totalShared = false;
    }
    total.reach(bucket, spec.buckets());
    return total;
  }

  /** The key to count a text under; {@link #NO_KEY} when it is not one of the lowest. */
  int open(long hash) {
    HashNumbers known = numbers;
    if (known == null) {
      throw new IllegalStateException(spec.name() + " is not by a text");
    }
    int key = known.get(hash);
    if (key != NO_KEY && rings.get(key) != null) {
      return key;
    }
    if (held >= spec.maxKeys()) {
      PriorityQueue<Long> highest = kept == null ? keptHashes(known) : kept;
      kept = highest;
      long top = highest.element();
      beyond++;
      if (hash + Long.MIN_VALUE >= top) {
        return NO_KEY;
      }
      highest.remove();
      rings.put(known.get(top + Long.MIN_VALUE), null);
      held--;
      highest.add(hash + Long.MIN_VALUE);
      if (known.size() > 2 * spec.maxKeys()) {
        known = renumber(known);
      }
    }
    if (key == NO_KEY) {
      key = known.size();
      known.put(hash, key);
    }
    return key;
  }

  /** The hashes as signed numbers of the same order. */
  private PriorityQueue<Long> keptHashes(HashNumbers known) {
    PriorityQueue<Long> highest = new PriorityQueue<>(held + 1, Collections.reverseOrder());
    known.forEachKey(
        hash -> {
          if (rings.get(known.get(hash)) != null) {
            highest.add(hash + Long.MIN_VALUE);
          }
        });
    return highest;
  }

  /** Forgets the numbers of keys that are no longer kept; snapshots have the old ones. */
  private HashNumbers renumber(HashNumbers known) {
    HashNumbers fresh = new HashNumbers();
    SharedRows<Ring> moved = new SharedRows<>(Ring::copy);
    known.forEachKey(
        hash -> {
          Ring ring = rings.get(known.get(hash));
          if (ring != null) {
            moved.putShared(fresh.size(), ring);
            fresh.put(hash, fresh.size());
          }
        });
    rings = moved;
    numbers = fresh;
    return fresh;
  }

  /** For the thread that writes: the hashes of the texts that have numbers. */
  @Nullable HashNumbers numbers() {
    return numbers;
  }

  @Nullable Ring ring(int key) {
    return rings.get(key);
  }

  Ring totalRing() {
    return total;
  }

  /** The latest buckets of one key, as running totals. */
  static final class Ring {
    private long newest;
    private int at;
    private int span;
    private long base;
    private long[] cells = new long[2];

    private Ring copy() {
      Ring copy = new Ring();
      copy.newest = newest;
      copy.at = at;
      copy.span = span;
      copy.base = base;
      copy.cells = cells.clone();
      return copy;
    }

    /** How many buckets it spans, from the oldest that has anything. */
    int span() {
      return span;
    }

    long newest() {
      return newest;
    }

    long in(long bucket) {
      return until(bucket) - until(bucket - 1);
    }

    private long sum(long from, long to) {
      return to < from ? 0 : until(to) - until(from - 1);
    }

    /** The running total at the end of a bucket. */
    private long until(long bucket) {
      if (span == 0) {
        return 0;
      }
      if (bucket >= newest) {
        return cells[at];
      }
      long back = newest - bucket;
      return back >= span ? base : cells[place(back)];
    }

    private int place(long back) {
      int place = at - (int) back;
      return place < 0 ? place + cells.length : place;
    }

    private double older(long last, int buckets, double step) {
      if (span == 0) {
        return 0;
      }
      long oldest = Math.max(last - buckets + 1, newest - span + 1);
      double sum = 0;
      long under = until(oldest - 1);
      long end = Math.min(last - 1, newest);
      for (long bucket = oldest; bucket <= end; bucket++) {
        long upTo = until(bucket);
        sum = sum * step + (upTo - under);
        under = upTo;
      }
      // Buckets behind the newest are empty and age all the same.
      for (long bucket = Math.max(end + 1, oldest); bucket < last; bucket++) {
        sum *= step;
      }
      return sum;
    }

    private void reach(long bucket, int most) {
      if (span == 0) {
        newest = bucket;
        span = 1;
      } else if (bucket > newest) {
        advance(bucket, most);
      }
    }

    /** Adds to a bucket up to the newest; nothing to one that is too old. */
    private void add(long bucket, long amount, int most) {
      long back = newest - bucket;
      if (back >= most) {
        return;
      }
      if (back >= span) {
        room((int) back + 1, most);
        for (int older = span; older <= back; older++) {
          cells[place(older)] = base;
        }
        span = (int) back + 1;
      }
      for (int later = 0; later <= back; later++) {
        cells[place(later)] += amount;
      }
    }

    private void advance(long bucket, int most) {
      long steps = bucket - newest;
      newest = bucket;
      if (steps >= most) {
        span = 1;
        base = 0;
        cells[at] = 0;
        return;
      }
      room((int) Math.min(most, span + steps), most);
      for (long step = 0; step < steps; step++) {
        long running = cells[at];
        at = at + 1 == cells.length ? 0 : at + 1;
        if (span == most) {
          base = cells[at];
        } else {
          span++;
        }
        cells[at] = running;
      }
    }

    private void room(int needed, int most) {
      if (needed <= cells.length) {
        return;
      }
      long[] larger = new long[Math.min(most, Math.max(needed, 2 * cells.length))];
      for (int back = 0; back < span; back++) {
        larger[span - 1 - back] = cells[place(back)];
      }
      cells = larger;
      at = span - 1;
    }
  }
}
