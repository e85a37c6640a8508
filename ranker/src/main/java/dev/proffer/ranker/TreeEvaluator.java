package dev.proffer.ranker;

/** Sums the leaves that rows fall into. Immutable, so any thread may share one. */
interface TreeEvaluator {
  /**
   * Adds, tree after tree, the leaf of each row to its score.
   *
   * @param rows row-major feature values
   * @param scores holds the base scores of {@code count} rows, receives their sums
   */
  void add(float[] rows, int count, float[] scores);
}
