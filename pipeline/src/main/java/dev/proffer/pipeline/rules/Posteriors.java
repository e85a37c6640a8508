package dev.proffer.pipeline.rules;

import dev.proffer.features.state.Statistics;
import dev.proffer.ranker.GaussLegendre;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The Beta posteriors of click rates for one request, each as a histogram over the same bins, even
 * in the log odds of the rate, and uniform within a bin. The bins span where the posteriors of the
 * first pool lie; of a row that comes later, what lies beyond counts in the bins at the ends.
 * Belongs to one thread; allocates only for more rows than ever before.
 */
final class Posteriors {
  /** How many bins there are. */
  static final int BINS = 96;

  /** The most rows a pool may have. */
  static final int MOST_ROWS = 32;

  /** How many standard deviations around its middle a posterior is looked at. */
  private static final double SPAN = 6;

  private final double[] logRate = new double[BINS];
  private final double[] logRest = new double[BINS];
  private double[] sums = new double[0]; // of a row's probabilities up to the end of each bin
  private final GaussLegendre[] quadratures =
      IntStream.rangeClosed(1, MOST_ROWS / 2)
          .mapToObj(GaussLegendre::of)
          .toArray(GaussLegendre[]::new);
  private boolean[] known = new boolean[0];
  private Statistics statistics = new Statistics();
  private Slate slate = new Slate();
  private double from;
  private double step;
  private boolean laid;

  /** Begins a request. */
  void begin(Slate of) {
    slate = of;
    statistics = of.in().statistics();
    laid = false;
    if (known.length < of.count()) {
      known = new boolean[2 * of.count()];
    }
    Arrays.fill(known, 0, of.count(), false);
  }

  /** Works out the posteriors of a pool, if they are not. */
  void cover(Pool pool, double clicks, double misses) {
    if (sums.length < slate.count() * BINS) {
      sums = new double[known.length * BINS];
    }
    if (!laid) {
      lay(pool, clicks, misses);
    }
    for (int at = 0; at < pool.size(); at++) {
      int row = pool.row(at);
      if (!known[row]) {
        known[row] = true;
        compute(row, clicks, misses);
      }
    }
  }

  private void lay(Pool pool, double clicks, double misses) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int at = 0; at < pool.size(); at++) {
      double a = clicked(pool.row(at), clicks);
      double b = missed(pool.row(at), misses);
      double middle = Math.log(a / b);
      double spread = SPAN * Math.sqrt(1 / a + 1 / b);
      low = Math.min(low, middle - spread);
      high = Math.max(high, middle + spread);
    }
    from = low;
    step = (high - low) / (BINS - 1); // from the middle of one bin to that of the next
    for (int bin = 0; bin < BINS; bin++) {
      double odds = from + bin * step;
      // log of 1 / (1 + exp(-odds)) and of 1 / (1 + exp(odds)), either without overflow
      double rest = odds > 0 ? Math.log1p(Math.exp(-odds)) : Math.log1p(Math.exp(odds)) - odds;
      logRate[bin] = -rest;
      logRest[bin] = -rest - odds;
    }
    laid = true;
  }

  private void compute(int row, double clicks, double misses) {
    double a = clicked(row, clicks);
    double b = missed(row, misses);
    double odds = Math.log(a / b);
    int middle = (int) Math.max(0, Math.min(BINS - 1, Math.rint((odds - from) / step)));
    double most = a * logRate[middle] + b * logRest[middle];
    double all = 0;
    int base = row * BINS;
    for (int bin = 0; bin < BINS; bin++) {
      // In log odds the density is rate^a * (1 - rate)^b, up to a factor.
      all += Math.exp(Math.min(0, a * logRate[bin] + b * logRest[bin] - most));
      sums[base + bin] = all;
    }
    for (int bin = 0; bin < BINS; bin++) {
      sums[base + bin] /= all;
    }
  }

  private double clicked(int row, double prior) {
    return prior + statistics.impressionClicks(slate.item(row));
  }

  private double missed(int row, double prior) {
    int item = slate.item(row);
    return prior + Math.max(0, statistics.impressions(item) - statistics.impressionClicks(item));
  }

  /**
   * Draws: the bin and how far into it.
   *
   * @param even an even number from 0, inclusive, to 1, exclusive
   */
  double draw(int row, double even) {
    int low = 0;
    int high = BINS - 1;
    int base = row * BINS;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sums[base + middle] > even) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    double below = low == 0 ? 0 : sums[base + low - 1];
    return low + (even - below) / (sums[base + low] - below);
  }

  /**
   * The probability that the row at a place of the pool draws the largest. Within a bin that is the
   * integral of a product of as many straight lines as there are other rows, which Gauss-Legendre
   * quadrature with half as many nodes gives exactly.
   */
  double chanceOfLargest(Pool pool, int chosen) {
    int order = (pool.size() + 1) / 2;
    double[] nodes = quadratures[order - 1].nodes();
    double[] weights = quadratures[order - 1].weights();
    double chance = 0;
    int base = pool.row(chosen) * BINS;
    for (int bin = 0; bin < BINS; bin++) {
      double own = sums[base + bin] - (bin == 0 ? 0 : sums[base + bin - 1]);
      for (int node = 0; node < order && own > 0; node++) {
        double others = weights[node];
        for (int at = 0; at < pool.size(); at++) {
          if (at != chosen) {
            int other = pool.row(at) * BINS + bin;
            double below = bin == 0 ? 0 : sums[other - 1];
            others *= below + nodes[node] * (sums[other] - below);
          }
        }
        chance += own * others;
      }
    }
    return chance;
  }
}
