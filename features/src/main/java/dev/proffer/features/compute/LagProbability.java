package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;

/**
 * How probable the item is so many events after an earlier item of the session: {@code (count + w *
 * share) / (total + w)}, where share is the item's share of all events. Missing when the session is
 * shorter than the lag.
 */
final class LagProbability implements Transformation.OfCandidate {
  private final int lag;
  private final float weight;
  private final Scatter counts = new Scatter();
  private boolean missing;
  private float total;

  LagProbability(int lag, double weight) {
    this.lag = lag;
    this.weight = (float) weight;
  }

  @Override
  public void prepare(FeatureInput in) {
    int item = in.last(lag);
    missing = item == Catalog.UNKNOWN;
    PairCounts.Row row = in.statistics().next(lag).row(item);
    counts.clear(in.catalog().size(), in.candidates());
    counts.add(row, 1);
    total = row.total();
  }

  @Override
  public float value(FeatureInput in, int item) {
    return missing ? Float.NaN : (counts.of(item) + weight * Share.of(in, item)) / (total + weight);
  }
}
