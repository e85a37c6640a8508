package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.features.spec.StatisticSpec;
import dev.proffer.features.spec.StatisticSpec.By;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BucketCountsTest {
  private static final long HOUR = 3_600_000;

  private record Addition(int key, long time, long amount) {}

  /** Every addition, counted again for each question. */
  private static final class Plain {
    private final List<Addition> all = new ArrayList<>();

    /** What lies in a bucket of one key, or of all with {@link BucketCounts#NO_KEY}. */
    long in(int key, long bucket, int buckets) {
      long newest = Long.MIN_VALUE / 2;
      for (Addition one : all) {
        newest = of(one, key) ? Math.max(newest, Math.floorDiv(one.time(), HOUR)) : newest;
      }
      long sum = 0;
      for (Addition one : all) {
        long at = Math.floorDiv(one.time(), HOUR);
        sum += of(one, key) && at == bucket && at > newest - buckets ? one.amount() : 0;
      }
      return sum;
    }

    private static boolean of(Addition one, int key) {
      return key == BucketCounts.NO_KEY || one.key() == key;
    }
  }

  @Test
  void isTheRecountOfEveryAdditionWhateverTheirOrderAndKeepsItsSnapshotsAsTheyWere() {
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      int buckets = 2 + random.nextInt(random.nextBoolean() ? 6 : 40);
      int spread = 1 + random.nextInt(3 * buckets);
      StatisticSpec spec = spec(By.ITEM, buckets, 1);
      List<Addition> additions = new ArrayList<>();
      for (int number = 0; number < 60; number++) {
        long time = 1_000 * HOUR + (long) (random.nextDouble() * spread * HOUR);
        additions.add(new Addition(random.nextInt(4), time, random.nextInt(9) - 2));
      }
      BucketCounts counts = new BucketCounts(spec);
      Plain plain = new Plain();
      BucketCounts snapshot = counts.snapshot();
      Plain then = new Plain();
      for (Addition one : additions) {
        if (one.amount() != 0) {
          plain.all.add(one);
        }
        counts.add(one.key(), one.time(), one.amount());
        if (random.nextInt(20) == 0) {
          check(seed, snapshot, then, spread);
          snapshot = counts.snapshot();
          then = new Plain();
          then.all.addAll(plain.all);
        }
      }
      check(seed, snapshot, then, spread);
      check(seed, counts, plain, spread);

      Collections.shuffle(additions, random);
      BucketCounts shuffled = new BucketCounts(spec);
      additions.forEach(one -> shuffled.add(one.key(), one.time(), one.amount()));
      check(seed, shuffled, plain, spread);
    }
  }

  private static void check(int seed, BucketCounts counts, Plain plain, int spread) {
    int buckets = counts.spec().buckets();
    for (int key = BucketCounts.NO_KEY; key < 4; key++) {
      long[] upTo = new long[spread + 5];
      for (int at = 1; at < upTo.length; at++) {
        upTo[at] = upTo[at - 1] + plain.in(key, 998 + at, buckets);
      }
      for (int from = 1; from < upTo.length; from++) {
        for (int to = from - 1; to < upTo.length; to += 1 + spread / 7) {
          long sum =
              key == BucketCounts.NO_KEY
                  ? counts.total(998 + from, 998 + to)
                  : counts.sum(key, 998 + from, 998 + to);
          if (sum != upTo[to] - upTo[from - 1]) {
            assertThat(sum)
                .as("seed %d, key %d, %d to %d of %d", seed, key, from, to, buckets)
                .isEqualTo(upTo[to] - upTo[from - 1]);
          }
        }
      }
    }
    assertThat(counts.sum(77, 0, 1 << 20)).isZero();
    assertThat(counts.sum(BucketCounts.NO_KEY, 0, 1 << 20)).isZero();
  }

  @Test
  void anOldBucketWeighsHalfAfterEveryHalfLife() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int buckets = 2 + random.nextInt(30);
      BucketCounts counts = new BucketCounts(spec(By.ITEM, buckets, 1));
      Plain plain = new Plain();
      int spread = 1 + random.nextInt(buckets);
      for (int number = 0; number < 30; number++) {
        Addition one =
            new Addition(
                3, 1_000 * HOUR + (long) (random.nextDouble() * spread * HOUR), 1 + number);
        plain.all.add(one);
        counts.add(one.key(), one.time(), one.amount());
      }
      long asOf = 1_000 * HOUR + (long) (random.nextDouble() * (spread + buckets) * HOUR);
      long halfLife = HOUR + random.nextInt((int) (9 * HOUR));
      long last = Math.floorDiv(asOf - 1, HOUR);
      double expected = 0;
      for (long bucket = last; bucket > last - buckets + 1; bucket--) {
        double age = Math.max(0, asOf - (bucket + 1) * HOUR);
        expected += plain.in(3, bucket, buckets) * Math.exp(-Math.log(2) * age / halfLife);
      }
      assertThat(counts.decayed(3, asOf, halfLife))
          .as("seed %d", seed)
          .isCloseTo(expected, within(1e-9 * Math.max(1, expected)));
      assertThat(counts.decayed(4, asOf, halfLife)).isZero();
    }
  }

  @Test
  void theBucketOfAnInstantIsThatOfTheMillisecondBefore() {
    BucketCounts counts = new BucketCounts(spec(By.ITEM, 5, 1));
    assertThat(counts.bucket(2 * HOUR)).isEqualTo(2);
    assertThat(counts.bucket(-1)).isEqualTo(-1);
    assertThat(counts.bucketBefore(2 * HOUR)).isEqualTo(1);
    assertThat(counts.bucketBefore(2 * HOUR + 1)).isEqualTo(2);
  }

  @Test
  void doesNotJumpWhereABucketEnds() {
    BucketCounts counts = new BucketCounts(spec(By.ITEM, 9, 1));
    counts.add(1, 3 * HOUR + 5, 100);
    double before = counts.decayed(1, 4 * HOUR, 2 * HOUR);
    double after = counts.decayed(1, 4 * HOUR + 1, 2 * HOUR);
    assertThat(before).isEqualTo(100);
    assertThat(after).isLessThan(100).isGreaterThan(99.99);
  }

  /** Of the texts the lowest hashes are kept: in any order, and from parts added up. */
  @Test
  void keepsTheSameTextsInAnyOrder() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int most = 1 + random.nextInt(20);
      List<Long> events = new ArrayList<>();
      long[] hashes = random.longs(50).toArray();
      for (int number = 0; number < 400; number++) {
        events.add(hashes[random.nextInt(hashes.length)]);
      }
      TreeSet<Long> lowest = new TreeSet<>(Long::compareUnsigned);
      lowest.addAll(events);
      while (lowest.size() > most) {
        lowest.pollLast();
      }
      Map<Long, Long> expected = new TreeMap<>();
      events.stream().filter(lowest::contains).forEach(one -> expected.merge(one, 1L, Long::sum));
      for (int order = 0; order < 3; order++) {
        BucketCounts counts = new BucketCounts(spec(By.CONTEXT, 4, most));
        List<BucketCounts> snapshots = new ArrayList<>();
        List<Map<Long, Long>> then = new ArrayList<>();
        for (long hash : events) {
          counts.addText(hash, HOUR, 1);
          if (random.nextInt(60) == 0) {
            snapshots.add(counts.snapshot());
            then.add(read(counts, hashes));
          }
        }
        assertThat(read(counts, hashes)).as("seed %d", seed).isEqualTo(expected);
        assertThat(counts.keys()).isEqualTo(expected.size());
        assertThat(counts.total(0, 9)).isEqualTo(events.size());
        assertThat(counts.beyond() > 0).isEqualTo(hashes.length > most);
        assertThat(Objects.requireNonNull(counts.numbers()).size())
            .isLessThanOrEqualTo(2 * most + 2);
        for (int at = 0; at < snapshots.size(); at++) {
          assertThat(read(snapshots.get(at), hashes)).as("seed %d", seed).isEqualTo(then.get(at));
        }
        Collections.shuffle(events, random);
      }
    }
  }

  private static Map<Long, Long> read(BucketCounts counts, long[] hashes) {
    Map<Long, Long> read = new HashMap<>();
    for (long hash : hashes) {
      long sum = counts.sum(counts.key(hash), 0, 9);
      if (sum != 0) {
        read.put(hash, sum);
      }
    }
    return read;
  }

  @Test
  void isEmptyBeforeAnythingCame() {
    BucketCounts counts = new BucketCounts(spec(By.ITEM, 4, 1));
    assertThat(counts.total(0, 9)).isZero();
    assertThat(counts.decayed(0, HOUR, HOUR)).isZero();
    assertThat(counts.keys()).isZero();
  }

  private static StatisticSpec spec(By by, int buckets, int maxKeys) {
    return new StatisticSpec(
        "some", by, List.of("view"), false, "", 60, buckets, maxKeys, 1, List.of(), "", "");
  }
}
