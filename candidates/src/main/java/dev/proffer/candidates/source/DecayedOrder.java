package dev.proffer.candidates.source;

import dev.proffer.features.state.BucketCounts;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Items by a declared statistic, each bucket counting half of one a half-life later; as {@link
 * BucketCounts#decayed} has it. Costs a walk over the buckets of every item.
 *
 * @param statistic the statistic's number, by item
 */
record DecayedOrder(int statistic, long halfLifeMillis) implements IndexPart<Ordered> {
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
    return Ordered.by(
        catalog,
        asOfMillis,
        item -> counts.older(item, last, step) * old + counts.sum(item, last, last));
  }
}
