package dev.proffer.features.compute;

import dev.proffer.features.spec.StatisticSpec;
import dev.proffer.features.state.BucketCounts;
import org.jspecify.annotations.Nullable;

/**
 * A declared statistic over the trailing window of a request: the {@code buckets} latest buckets up
 * to and with that of the millisecond before the instant. So a window of {@code h} hours over
 * buckets of {@code w} reaches back more than {@code h - w} and at most {@code h} hours. Belongs to
 * one thread; {@link #at} once a request.
 */
final class Window {
  private final int number;
  private final StatisticSpec spec;
  private final int buckets;
  private final int position;
  private @Nullable BucketCounts counts;
  private long first;
  private long last;
  private int requestKey;
  private int place;

  /**
   * A window.
   *
   * @param number the statistic's number
   * @param buckets how long it is, 1 to {@link StatisticSpec#mostBuckets}
   * @param position the slot, where the statistic is by position
   */
  Window(int number, StatisticSpec spec, int buckets, int position) {
    this.number = number;
    this.spec = spec;
    this.buckets = buckets;
    this.position = position;
  }

  /** Takes up a request. */
  void at(FeatureInput in) {
    counts = in.statistics().declared().counts(number);
    last = Math.floorDiv(in.asOfMillis() - 1, spec.bucketMillis());
    first = last - buckets + 1;
    requestKey =
        switch (spec.by()) {
          case ALL -> 0;
          case POSITION -> position;
          case CONTEXT -> text(in.contextHash());
          case DEVICE -> text(in.deviceHash());
          case ITEM, CATEGORY, ITEM_POSITION, ITEM_DEVICE -> BucketCounts.NO_KEY;
        };
    place = spec.by() == StatisticSpec.By.ITEM_DEVICE ? spec.place(in.device()) : 0;
  }

  private int text(long hash) {
    BucketCounts now = counts;
    return now == null || hash == 0 ? BucketCounts.NO_KEY : now.key(hash);
  }

  /**
   * Whether there is anything to ask for: false for the unknown item, an item without a category, a
   * request without a context or device, or with a device that is not told apart from others.
   */
  boolean known(FeatureInput in, int item) {
    return switch (spec.by()) {
      case ITEM, ITEM_POSITION -> item != 0;
      case ITEM_DEVICE -> item != 0 && place > 0;
      case CATEGORY -> in.catalog().category(item) != 0;
      case CONTEXT -> in.contextHash() != 0;
      case DEVICE -> in.deviceHash() != 0;
      case POSITION, ALL -> true;
    };
  }

  /** The key that a candidate reads. */
  int key(FeatureInput in, int item) {
    return switch (spec.by()) {
      case ITEM -> item;
      case CATEGORY -> in.catalog().category(item);
      case ITEM_DEVICE -> item * spec.others() + place - 1;
      default -> requestKey;
    };
  }

  /** The count or sum of a key within the window, in the statistic's unit. */
  double of(int key) {
    BucketCounts now = counts;
    return now == null ? 0 : now.sum(key, first, last) * spec.scale();
  }

  /** That of a candidate. */
  double of(FeatureInput in, int item) {
    return of(key(in, item));
  }

  /** That of an item in a slot, where the statistic is by item and position. */
  double of(int item, int slot) {
    BucketCounts now = counts;
    return now == null ? 0 : of(now.key(item, slot));
  }

  /** That of all keys. */
  double total() {
    BucketCounts now = counts;
    return now == null ? 0 : now.total(first, last) * spec.scale();
  }

  /**
   * What a key has before the latest bucket, each bucket weighted as if the latest began now:
   * {@link BucketCounts#older}. Changes with what is counted and with the bucket alone.
   */
  double older(int key, double step) {
    BucketCounts now = counts;
    return now == null ? 0 : now.older(key, last, step) * spec.scale();
  }

  /** What a key has in the latest bucket. */
  double latest(int key) {
    BucketCounts now = counts;
    return now == null ? 0 : now.sum(key, last, last) * spec.scale();
  }

  /** From the start of the latest bucket to the instant, in milliseconds. */
  long sinceStart(FeatureInput in) {
    return in.asOfMillis() - last * spec.bucketMillis();
  }

  /** What changes when a value of this window may have. */
  boolean sameAs(@Nullable Object seen, long changes, long bucket) {
    BucketCounts now = counts;
    return now == seen && bucket == last && (now == null || now.changes() == changes);
  }

  @Nullable BucketCounts counts() {
    return counts;
  }

  long last() {
    return last;
  }

  StatisticSpec spec() {
    return spec;
  }

  /** Behind the last key that may have anything. */
  int keysEnd() {
    BucketCounts now = counts;
    return now == null ? 0 : now.keysEnd();
  }
}
