package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.BucketCounts;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is on the rise: items that happen more often lately than they did before, by a declared
 * statistic by item. The value is the rate within the short window over the rate within the long
 * one, which the short one is the end of; an item with fewer than a floor of counts in the short
 * window has none, so that one click after a quiet week is no trend. Windows end with the bucket
 * before the instant.
 */
public final class TrendingSource implements CandidateSource {
  private final IndexPart<Ordered> order;

  private TrendingSource(IndexPart<Ordered> order) {
    this.order = order;
  }

  /** Reads {@code statistic}, {@code short-hours}, {@code long-hours} and {@code at-least}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    int statistic = declared.byItem(section);
    long shortHours = section.integer("short-hours", 6, 1, 8_760);
    long longHours = section.integer("long-hours", 48, 2, 8_760);
    long atLeast = section.integer("at-least", 5, 1, 1_000_000_000);
    if (longHours <= shortHours) {
      section.refuse(
          "long-hours", longHours + " is no longer than short-hours, which are " + shortHours);
    }
    declared.checkWindow(section, "short-hours", statistic, shortHours);
    declared.checkWindow(section, "long-hours", statistic, longHours);
    IndexPart<Ordered> order = new Order(statistic, shortHours, longHours, atLeast);
    return () -> new TrendingSource(order);
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    Ordered.offer(index.part(order, in.asOfMillis()).items(), offer);
  }

  private record Order(int statistic, long shortHours, long longHours, long atLeast)
      implements IndexPart<Ordered> {
    private static final long HOUR = 3_600_000;

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
      long ofShort = shortHours * HOUR / counts.spec().bucketMillis();
      long ofLong = longHours * HOUR / counts.spec().bucketMillis();
      return Ordered.by(
          catalog,
          asOfMillis,
          item -> {
            long lately = counts.sum(item, last - ofShort + 1, last);
            return lately < atLeast
                ? 0
                : (double) lately * ofLong / (ofShort * counts.sum(item, last - ofLong + 1, last));
          });
    }
  }
}
