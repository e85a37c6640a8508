package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;

/**
 * Draws in proportion to {@code exp(value / temperature)}. Slot by slot without putting back, which
 * over a pool of everything is the model of Plackett ("The Analysis of Permutations", 1975) and
 * Luce.
 *
 * @param temperature in units of the value: near 0 always the best, large any
 */
record Softmax(double temperature) implements Exploration.Policy {
  static Softmax read(Section section) {
    return new Softmax(section.number("temperature", 0.1, 1e-3, 1e3));
  }

  @Override
  public int choose(Pool pool, Exploration.Scratch scratch) {
    double best = pool.value(0);
    for (int at = 1; at < pool.size(); at++) {
      best = Math.max(best, pool.value(at));
    }
    double all = 0;
    for (int at = 0; at < pool.size(); at++) {
      all += weight(pool, at, best);
    }
    double draw = scratch.chance.next() * all;
    int chosen = 0;
    double weight = weight(pool, 0, best);
    while (draw >= weight && chosen < pool.size() - 1) {
      draw -= weight;
      weight = weight(pool, ++chosen, best);
    }
    pool.propensity(weight / all);
    return chosen;
  }

  private double weight(Pool pool, int at, double best) {
    return Math.exp((pool.value(at) - best) / temperature);
  }
}
