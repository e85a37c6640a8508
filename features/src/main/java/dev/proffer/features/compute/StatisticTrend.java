package dev.proffer.features.compute;

/**
 * How much faster a declared statistic grows of late: what the short {@link Window} has, over what
 * it would have at the pace of the long one, {@code (short + prior) / (long * hours of short /
 * hours of long + prior)}. 1 is neither rising nor falling, and what is seldom counted stays near
 * it. A ratio; missing where there is no key to ask for. The short window is a part of the long
 * one.
 */
final class StatisticTrend implements Transformation.OfCandidate {
  private final Window shortly;
  private final Window longer;
  private final double share;
  private final double prior;

  StatisticTrend(Window shortly, Window longer, double share, double prior) {
    this.shortly = shortly;
    this.longer = longer;
    this.share = share;
    this.prior = prior;
  }

  @Override
  public void prepare(FeatureInput in) {
    shortly.at(in);
    longer.at(in);
  }

  @Override
  public float value(FeatureInput in, int item) {
    if (!shortly.known(in, item)) {
      return Float.NaN;
    }
    int key = shortly.key(in, item);
    return (float) ((shortly.of(key) + prior) / (longer.of(key) * share + prior));
  }
}
