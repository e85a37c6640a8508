package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;
import dev.proffer.features.state.Statistics;

/**
 * What others chose after what the person chose last: transitions from the last {@value #STEPS}
 * items of the session and from the item looked at, each step back counting half.
 */
public final class FollowsSource implements CandidateSource {
  private static final int STEPS = Statistics.MAX_LAG;

  private float[] weights = new float[256];
  private int[] touched = new int[256];
  private long[] keys = new long[256];
  private int count;

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    if (weights.length < in.catalog().size()) {
      weights = new float[in.catalog().size() * 5 / 4];
      touched = new int[weights.length];
      keys = new long[weights.length];
    }
    count = 0;
    float weight = 1;
    for (int step = 1; step <= STEPS; step++, weight /= 2) {
      int item = step == 1 ? in.contextItem() : in.last(step);
      if (item != Catalog.UNKNOWN) {
        take(in.statistics().next(step).row(item), weight);
      }
    }
    for (int at = 0; at < count; at++) {
      keys[at] = CatalogIndex.key(weights[touched[at]], touched[at]);
      weights[touched[at]] = 0;
    }
    AscendingKeys ascending = new AscendingKeys(keys, count);
    while (ascending.hasNext() && offer.add((int) ascending.next())) {}
  }

  private void take(PairCounts.Row row, float weight) {
    float each = weight / Math.max(1, row.total());
    for (int at = 0; at < row.size(); at++) {
      int item = row.item(at);
      if (weights[item] == 0) {
        touched[count++] = item;
      }
      weights[item] += each * row.count(at);
    }
  }
}
