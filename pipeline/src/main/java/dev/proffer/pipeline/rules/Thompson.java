package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;

/**
 * Thompson sampling: each of the pool draws a click rate from what its own showings and clicks
 * leave open, and the largest is chosen. The posteriors are histograms ({@link Posteriors}), which
 * is what is drawn from, so the probability of a choice is a finite sum and exact. Sources:
 * Thompson, Biometrika 25, 1933; Chapelle and Li, NIPS 2011.
 *
 * @param clicks of the prior: clicks thought to have been seen of an item never shown
 * @param misses of the prior: showings without a click
 */
record Thompson(double clicks, double misses) implements Exploration.Policy {
  private static final double MOST = 1e6;

  static Thompson read(Section section) {
    return new Thompson(
        section.number("prior-clicks", 1, 1e-3, MOST),
        section.number("prior-misses", 1, 1e-3, MOST));
  }

  @Override
  public int choose(Pool pool, Exploration.Scratch scratch) {
    Posteriors posteriors = scratch.posteriors;
    posteriors.cover(pool, clicks, misses);
    int chosen = 0;
    double largest = -1;
    for (int at = 0; at < pool.size(); at++) {
      double drawn = posteriors.draw(pool.row(at), scratch.chance.next());
      if (drawn > largest) {
        largest = drawn;
        chosen = at;
      }
    }
    pool.propensity(posteriors.chanceOfLargest(pool, chosen));
    return chosen;
  }
}
