package dev.proffer.features.compute;

import dev.proffer.features.state.PairCounts;

/**
 * How alike the item is to the latest items of the session by the sessions they share, the further
 * back the less: the sum over steps of {@code decay^step * cosine}, where the cosine of two items
 * is {@code sessions of both / sqrt((sessions of a + weight) * (sessions of b + weight))}
 * (item-based collaborative filtering, Sarwar et al. 2001, with shrinkage). An item is not alike to
 * itself: its own step counts 0, and with one step it is -1.
 */
final class Together implements Transformation.OfCandidate {
  private final int steps;
  private final double decay;
  private final float weight;
  private final Scatter sums = new Scatter();

  Together(int steps, double decay, double weight) {
    this.steps = steps;
    this.decay = decay;
    this.weight = (float) weight;
  }

  @Override
  public void prepare(FeatureInput in) {
    sums.clear(in.catalog().size(), in.candidates());
    double worth = 1;
    for (int step = 1; step <= steps && step <= in.sessionLength(); step++, worth *= decay) {
      int item = in.last(step);
      PairCounts.Row row = in.statistics().together().row(item);
      sums.add(row, (float) (worth / Math.sqrt(in.statistics().sessions(item) + weight)));
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    if (steps == 1 && item == in.contextItem()) {
      return -1;
    }
    float sum = sums.of(item);
    if (sum == 0 && weight > 0) {
      return 0; // as the root below would have it, which most candidates need not wait for
    }
    return sum / (float) Math.sqrt(in.statistics().sessions(item) + weight);
  }
}
