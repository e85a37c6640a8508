package dev.proffer.features.compute;

import dev.proffer.features.state.BucketCounts;
import org.jspecify.annotations.Nullable;

/**
 * One declared statistic over another in the same hours, shrunk towards what all keys together
 * have: {@code (of + weight * mean) / (over + weight)} with {@code mean = total of / total over},
 * the posterior mean under a beta prior of {@code weight} trials. A key that was never counted has
 * the mean. Missing where there is no key to ask for, and where all keys together have no trial.
 *
 * <p>The weight is given, or estimated from the keys by the method of moments: with rates {@code
 * p_i = of_i / over_i} (cut to 0 to 1) of the keys with {@code n_i = over_i > 0}, {@code N} keys,
 * {@code p} their pooled rate and {@code n} their trials, the variance between keys is {@code (sum
 * n_i (p_i - p)^2 - (N - 1) p (1 - p)) / (n - sum n_i^2 / n)} and the weight {@code p (1 - p) /
 * variance - 1}, cut to {@value #LEAST} to {@value #MOST}; {@value #MOST} where the keys differ no
 * more than chance has them differ. Over the first {@value #KEYS} keys that have a trial, in the
 * catalog's order, and again only when what is counted changes.
 *
 * <p>Source: Kleinman, "Proportions with Extraneous Variance: Single and Independent Samples", JASA
 * 1973; Casella, "An Introduction to Empirical Bayes Data Analysis", The American Statistician
 * 1985.
 */
final class Rate implements Transformation.OfCandidate {
  /** The weight to be estimated. */
  static final double ESTIMATED = -1;

  static final double LEAST = 1;
  static final double MOST = 1e6;
  static final int KEYS = 2_000;

  private final Window of;
  private final Window over;
  private final double given;
  private final Memo memo = new Memo();
  private boolean prepared;
  private double weight;
  private double mean;
  private @Nullable BucketCounts seenOf;
  private @Nullable BucketCounts seenOver;
  private long changesOf;
  private long changesOver;
  private long seenBucketOf;
  private long seenBucketOver;

  Rate(Window of, Window over, double given) {
    this.of = of;
    this.over = over;
    this.given = given;
    this.weight = given;
  }

  @Override
  public void prepare(FeatureInput in) {
    of.at(in);
    over.at(in);
    double trials = over.total();
    mean = trials > 0 ? of.total() / trials : Double.NaN;
    if (changed()) {
      memo.forget();
      weight = given == ESTIMATED ? estimate() : given;
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    if (!over.known(in, item)) {
      return Float.NaN;
    }
    int key = over.key(in, item);
    boolean one = key == of.key(in, item);
    if (one && memo.has(key)) {
      return memo.of(key);
    }
    float value = (float) ((of.of(in, item) + weight * mean) / (over.of(key) + weight));
    return one ? memo.put(key, value) : value; // NaN where the mean is
  }

  private boolean changed() {
    if (of.sameAs(seenOf, changesOf, seenBucketOf)
        && over.sameAs(seenOver, changesOver, seenBucketOver)
        && prepared) {
      return false;
    }
    seenOf = of.counts();
    seenOver = over.counts();
    changesOf = seenOf == null ? 0 : seenOf.changes();
    changesOver = seenOver == null ? 0 : seenOver.changes();
    seenBucketOf = of.last();
    seenBucketOver = over.last();
    prepared = true;
    return true;
  }

  private double estimate() {
    double trials = 0;
    double successes = 0;
    double squares = 0;
    int keys = 0;
    int end = 0;
    while (end < over.keysEnd() && keys < KEYS) {
      double n = over.of(end);
      if (n > 0) {
        keys++;
        trials += n;
        squares += n * n;
        successes += n * rate(end, n);
      }
      end++;
    }
    double pooled = successes / trials;
    double spread = trials - squares / trials;
    if (keys < 2 || !(spread > 0)) {
      return MOST;
    }
    double between = 0;
    for (int key = 0; key < end; key++) {
      double n = over.of(key);
      if (n > 0) {
        double off = rate(key, n) - pooled;
        between += n * off * off;
      }
    }
    double variance = (between - (keys - 1) * pooled * (1 - pooled)) / spread;
    if (!(variance > 0)) {
      return MOST;
    }
    return Math.max(LEAST, Math.min(MOST, pooled * (1 - pooled) / variance - 1));
  }

  private double rate(int key, double trials) {
    return Math.max(0, Math.min(1, of.of(key) / trials));
  }
}
