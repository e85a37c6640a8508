package dev.proffer.features.compute;

import dev.proffer.features.state.PairCounts;

/**
 * How probable the item is after each of the latest items of the session, the further back the
 * less: the sum over steps of {@code decay^step * count / (total + weight)}.
 */
final class DecayedNext implements Transformation.OfCandidate {
  private final int steps;
  private final double decay;
  private final float weight;
  private final Scatter sums = new Scatter();

  DecayedNext(int steps, double decay, double weight) {
    this.steps = steps;
    this.decay = decay;
    this.weight = (float) weight;
  }

  @Override
  public void prepare(FeatureInput in) {
    sums.clear(in.catalog().size(), in.candidates());
    double worth = 1;
    for (int step = 1; step <= steps && step <= in.sessionLength(); step++, worth *= decay) {
      PairCounts.Row row = in.statistics().next(1).row(in.last(step));
      sums.add(row, (float) (worth / (row.total() + weight)));
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    return sums.of(item);
  }
}
