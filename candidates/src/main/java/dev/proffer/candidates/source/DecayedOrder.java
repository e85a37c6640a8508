package dev.proffer.candidates.source;

import dev.proffer.features.state.BucketCounts;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Items by a declared statistic, each bucket counting half of one a half-life later; as {@link
 * BucketCounts#decayed} has it. Costs a walk over the buckets of every item.
 *
 * @param statistic the statistic's number, by item or by item and device
 * @param device the place of the device, by which a statistic by item and device is read; {@link
 *     #ANY} for all that it tells apart
 */
record DecayedOrder(int statistic, long halfLifeMillis, int device) implements IndexPart<Ordered> {
  /** No device in particular. */
  static final int ANY = 0;

  @Override
  public Ordered of(
      Catalog catalog, Statistics statistics, long asOfMillis, @Nullable Ordered before) {
    if (before != null && before.holds(catalog, asOfMillis)) {
      return before;
    }
    BucketCounts counts = statistics.declared().counts(statistic);
    if (counts == null) {
      return Ordered.by(catalog, asOfMillis, item -> 0);
    }
    long last = counts.bucketBefore(asOfMillis);
    double width = counts.spec().bucketMillis();
    double step = StrictMath.pow(2, -width / halfLifeMillis);
    double old = StrictMath.pow(2, -(asOfMillis - last * width) / halfLifeMillis);
    boolean byDevice = counts.spec().by().isItemAndOther();
    int first = byDevice ? device == ANY ? 1 : device : 0;
    int end = byDevice && device == ANY ? counts.spec().others() : first;
    return Ordered.by(
        catalog,
        asOfMillis,
        item -> {
          double worth = 0;
          for (int of = first; of <= end; of++) {
            int key = byDevice ? counts.key(item, of) : item;
            worth += counts.older(key, last, step) * old + counts.sum(key, last, last);
          }
          return worth;
        });
  }
}
