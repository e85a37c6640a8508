package dev.proffer.features.compute;

import dev.proffer.features.state.Statistics;

/**
 * How often a showing of the item was clicked, shrunk towards how often any showing was (empirical
 * Bayes with a beta prior of {@code weight} showings): {@code (clicks + weight * mean) / (showings
 * + weight)}.
 */
final class ClickRate implements Transformation.OfCandidate {
  private final float weight;
  private float mean;

  ClickRate(double weight) {
    this.weight = (float) weight;
  }

  @Override
  public void prepare(FeatureInput in) {
    Statistics statistics = in.statistics();
    mean =
        (float) ((statistics.totalImpressionClicks() + 1) / (statistics.totalImpressions() + 20));
  }

  @Override
  public float value(FeatureInput in, int item) {
    Statistics statistics = in.statistics();
    return (statistics.impressionClicks(item) + weight * mean)
        / (statistics.impressions(item) + weight);
  }
}
