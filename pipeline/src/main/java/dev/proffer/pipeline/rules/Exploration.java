package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;

/**
 * Fills slots by chance, so that something is learned of what would never be shown, and says how
 * likely its choice was. Each slot is drawn anew out of the best that are left, so a slot's
 * propensity is conditional on the slots above it.
 *
 * @param depth out of how many of the best it draws
 * @param fromSlot the first slot filled by chance, from 1
 */
record Exploration(String name, boolean givenItems, Policy policy, int depth, int fromSlot)
    implements Rule {
  private static final int MOST = 1_000;
  private static final int MOST_SLOTS = 100;

  /** How a slot's item is drawn. */
  sealed interface Policy permits EpsilonGreedy, Softmax, Thompson {
    /**
     * Draws one of the pool and notes the probability it had.
     *
     * @param scratch of the pipeline at work
     * @return its place in the pool
     */
    int choose(Pool pool, Scratch scratch);
  }

  /** What policies write to, for one thread: chance, and the posteriors of one request. */
  static final class Scratch {
    final SplitMix chance = new SplitMix();
    final Posteriors posteriors = new Posteriors();

    /** Begins a request. */
    void begin(Slate slate) {
      chance.seed(slate.seed());
      posteriors.begin(slate);
    }
  }

  static Exploration read(String name, Section section) {
    boolean given = section.flag("given-items", true);
    if (!section.has("policy")) {
      section.refuse("policy", "is required");
    }
    Policy policy =
        switch (section.word("policy", "epsilon-greedy", "softmax", "thompson")) {
          case "softmax" -> Softmax.read(section);
          case "thompson" -> Thompson.read(section);
          default -> EpsilonGreedy.read(section);
        };
    boolean thompson = policy instanceof Thompson;
    return new Exploration(
        name,
        given,
        policy,
        section.integer("depth", thompson ? 10 : 20, 2, thompson ? Posteriors.MOST_ROWS : MOST),
        section.integer("from-slot", 1, 1, MOST_SLOTS));
  }

  @Override
  public boolean withoutScores() {
    return false;
  }
}
