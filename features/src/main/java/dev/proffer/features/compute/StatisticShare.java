package dev.proffer.features.compute;

/**
 * What a declared statistic has for a candidate as a share of what all keys have in the same {@link
 * Window}, keys that are not kept counted too. From 0 to 1 for counts; missing where there is no
 * key to ask for, and where all keys have nothing.
 */
final class StatisticShare implements Transformation.OfCandidate {
  private final Window window;
  private double total;

  StatisticShare(Window window) {
    this.window = window;
  }

  @Override
  public void prepare(FeatureInput in) {
    window.at(in);
    total = window.total();
  }

  @Override
  public float value(FeatureInput in, int item) {
    return window.known(in, item) && total != 0 ? (float) (window.of(in, item) / total) : Float.NaN;
  }
}
