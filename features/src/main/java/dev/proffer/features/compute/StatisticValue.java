package dev.proffer.features.compute;

/**
 * What a declared statistic has for the candidate item, its category, the context, the device or a
 * given slot, over a trailing {@link Window}. In the statistic's unit; 0 for a key that was never
 * counted; missing where there is no key to ask for.
 */
final class StatisticValue implements Transformation.OfCandidate {
  private final Window window;

  StatisticValue(Window window) {
    this.window = window;
  }

  @Override
  public void prepare(FeatureInput in) {
    window.at(in);
  }

  @Override
  public float value(FeatureInput in, int item) {
    return window.known(in, item) ? (float) window.of(in, item) : Float.NaN;
  }
}
