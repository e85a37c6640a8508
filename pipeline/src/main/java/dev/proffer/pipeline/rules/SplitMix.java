package dev.proffer.pipeline.rules;

/**
 * Chance from a seed: the same seed gives the same numbers everywhere. Belongs to one thread;
 * allocates nothing. Method: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014, with the finalizer of {@link java.util.SplittableRandom}.
 */
final class SplitMix {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
  private static final double UNIT = 0x1.0p-53;

  private long state;

  /** Begins the numbers of a seed. */
  void seed(long seed) {
    state = seed;
  }

  /** The next number, evenly from 0, inclusive, to 1, exclusive. */
  double next() {
    state += GOLDEN_GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return ((z ^ (z >>> 31)) >>> 11) * UNIT;
  }
}
