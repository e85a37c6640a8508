package dev.proffer.features.compute;

import dev.proffer.features.state.PairCounts;
import dev.proffer.features.state.Statistics;

/**
 * How often an item is chosen twice running: {@code (count + weight * prior) / (total + weight)}.
 * Remembers it an item as long as the same snapshot of the statistics is asked about; without that
 * it looks for the item in a row of its own, for each candidate.
 */
final class RepeatRate implements Transformation.OfCandidate {
  private final float weight;
  private final float prior;
  private final Memo memo = new Memo();
  private Statistics seen = new Statistics();

  RepeatRate(float weight, float prior) {
    this.weight = weight;
    this.prior = prior;
  }

  @Override
  public void prepare(FeatureInput in) {
    if (in.statistics() != seen || !seen.isSnapshot()) {
      seen = in.statistics();
      memo.forget();
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    if (memo.has(item)) {
      return memo.of(item);
    }
    PairCounts.Row row = seen.next(1).row(item);
    return memo.put(item, (row.of(item) + weight * prior) / (row.total() + weight));
  }
}
