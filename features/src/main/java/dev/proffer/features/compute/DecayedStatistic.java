package dev.proffer.features.compute;

/**
 * What a declared statistic has, each bucket worth half as much every half-life: {@code sum of
 * count * 2^(-age / half-life)} with the age of {@link
 * dev.proffer.features.state.BucketCounts#decayed}. In the statistic's unit, aged; missing where
 * there is no key to ask for. What the ring no longer holds counts nothing, which is why a
 * half-life is at most a quarter of it.
 */
final class DecayedStatistic implements Transformation.OfCandidate {
  private final Window window;
  private final double halfLifeMillis;
  private final double step;
  private final Remembered older = new Remembered();
  private double before;

  DecayedStatistic(Window window, double halfLifeMillis) {
    this.window = window;
    this.halfLifeMillis = halfLifeMillis;
    this.step = StrictMath.pow(2, -window.spec().bucketMillis() / halfLifeMillis);
  }

  @Override
  public void prepare(FeatureInput in) {
    window.at(in);
    older.at(window);
    before = StrictMath.pow(2, -window.sinceStart(in) / halfLifeMillis);
  }

  @Override
  public float value(FeatureInput in, int item) {
    if (!window.known(in, item)) {
      return Float.NaN;
    }
    int key = window.key(in, item);
    double aged = older.of(key);
    if (Double.isNaN(aged)) {
      aged = window.older(key, step);
      older.put(key, aged);
    }
    return (float) (aged * before + window.latest(key));
  }
}
