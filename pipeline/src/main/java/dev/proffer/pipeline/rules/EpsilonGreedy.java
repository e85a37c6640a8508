package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;

/**
 * The best, but any of the pool, the best too, with a small probability: each of {@code n} has
 * {@code epsilon / n}, the best {@code 1 - epsilon} more.
 *
 * @param epsilon how often chance decides
 */
record EpsilonGreedy(double epsilon) implements Exploration.Policy {
  static EpsilonGreedy read(Section section) {
    return new EpsilonGreedy(section.number("epsilon", 0.05, 0, 1));
  }

  @Override
  public int choose(Pool pool, Exploration.Scratch scratch) {
    double draw = scratch.chance.next();
    int size = pool.size();
    int chosen = draw < epsilon ? Math.min(size - 1, (int) (draw / epsilon * size)) : 0;
    pool.propensity(epsilon / size + (chosen == 0 ? 1 - epsilon : 0));
    return chosen;
  }
}
