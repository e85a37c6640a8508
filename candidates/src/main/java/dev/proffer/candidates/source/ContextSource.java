package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;
import dev.proffer.features.state.Statistics;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What people go on to from the category that is looked at: the items of other categories that were
 * chosen next, most often first.
 */
public final class ContextSource implements CandidateSource {
  private static final Arrivals ARRIVALS = new Arrivals();

  /** More than any source may be looked through for. */
  private static final int MOST = 5_000;

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    int category = in.contextCategory();
    if (category != 0) {
      int[][] byCategory = index.part(ARRIVALS, in.asOfMillis()).byCategory();
      if (category < byCategory.length) {
        Ordered.offer(byCategory[category], offer);
      }
    }
  }

  private record Arrivals() implements IndexPart<Ordered> {
    @Override
    public Ordered of(
        Catalog catalog, Statistics statistics, long asOfMillis, @Nullable Ordered before) {
      if (before != null && before.holds(catalog, asOfMillis)) {
        return before;
      }
      int[][] byCategory = new int[catalog.categoryCount()][];
      for (int category = 0; category < byCategory.length; category++) {
        PairCounts.Row row = statistics.arrivals().row(category);
        long[] keys = new long[row.size()];
        for (int at = 0; at < keys.length; at++) {
          keys[at] = CatalogIndex.key(row.count(at), row.item(at));
        }
        Arrays.sort(keys);
        int[] items = new int[Math.min(MOST, keys.length)];
        for (int at = 0; at < items.length; at++) {
          items[at] = (int) keys[at];
        }
        byCategory[category] = items;
      }
      return new Ordered(new int[0], byCategory, catalog, asOfMillis);
    }
  }
}
