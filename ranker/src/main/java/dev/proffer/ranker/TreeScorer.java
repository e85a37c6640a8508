package dev.proffer.ranker;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sum of regression trees, compiled: walked eight rows side by side without a branch ({@link
 * InterleavedTrees}).
 *
 * <p>Scores are summed in 32-bit floats in tree order from the base score, as XGBoost does, and
 * equal its margins to the bit. A value equal to a threshold goes right; a missing value (NaN) goes
 * where the tree was taught. Contributions are Shapley values ({@link TreeShap}). Immutable.
 */
public final class TreeScorer implements Scorer {
  /** The deepest that {@code max-depth} may ask for. */
  public static final int MAX_DEPTH = 12;

  /** Deepest tree that can be compiled; a deeper one is a chain that nobody meant. */
  private static final int DEEPEST = 512;

  private final int width;
  private final int trees;
  private final float base;
  private final float baseline;
  private final InterleavedTrees evaluator;
  private final TreeShap shap;

  /**
   * A node of a tree to compile.
   *
   * @param feature the split's feature; -1 in a leaf
   * @param threshold values below it go left
   * @param missingLeft where a missing value goes
   * @param left the left child; null in a leaf
   * @param right the right child; null in a leaf
   * @param value a leaf's value
   * @param cover the weight of the training rows that came by; above 0
   */
  public record Node(
      int feature,
      float threshold,
      boolean missingLeft,
      @Nullable Node left,
      @Nullable Node right,
      float value,
      double cover) {
    /** A leaf. */
    public static Node leaf(float value, double cover) {
      return new Node(-1, 0, false, null, null, value, cover);
    }

    int depth() {
      return left == null || right == null ? 0 : 1 + Math.max(left.depth(), right.depth());
    }

    int nodes() {
      return left == null || right == null ? 1 : 1 + left.nodes() + right.nodes();
    }

    /** The share of the training rows that went left. */
    double leftShare() {
      if (left == null || right == null) {
        return 0;
      }
      double weight = left.cover + right.cover;
      return weight > 0 ? left.cover / weight : 0.5;
    }

    double mean() {
      return left == null || right == null
          ? value
          : left.mean() * leftShare() + right.mean() * (1 - leftShare());
    }
  }

  /**
   * Compiles trees.
   *
   * @param width features per row
   * @param base the score before the first tree
   * @throws IllegalArgumentException when a tree is too deep, names a feature beyond the width or
   *     splits at NaN
   */
  public TreeScorer(int width, List<Node> roots, float base) {
    this.width = width;
    this.trees = roots.size();
    this.base = base;
    int deepest = 1;
    double mean = base;
    for (Node root : roots) {
      deepest = Math.max(deepest, root.depth());
      mean += root.mean();
    }
    if (deepest > DEEPEST) {
      throw new IllegalArgumentException(
          "a tree of depth " + deepest + "; expected at most " + DEEPEST);
    }
    baseline = (float) mean;
    SplitColumns columns = new SplitColumns(width, roots);
    evaluator = new InterleavedTrees(columns, roots);
    shap = new TreeShap(columns, roots, width);
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    Arrays.fill(scores, 0, count, base);
    evaluator.add(rows, count, scores);
  }

  /** Sums the first trees alone; {@link #goOn} adds the others. */
  void begin(float[] rows, int count, int first, float[] scores) {
    Arrays.fill(scores, 0, count, base);
    evaluator.add(rows, count, scores, 0, first);
  }

  /** Adds all but the first trees to scores that {@link #begin} gave of the same rows. */
  void goOn(float[] rows, int count, int first, float[] scores) {
    evaluator.add(rows, count, scores, first, trees);
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    shap.contribute(rows, row, contributions);
  }

  @Override
  public float baseline() {
    return baseline;
  }

  @Override
  public int width() {
    return width;
  }

  /** How many trees are summed. */
  public int trees() {
    return trees;
  }
}
