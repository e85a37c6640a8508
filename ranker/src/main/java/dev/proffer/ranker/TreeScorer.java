package dev.proffer.ranker;

import java.util.List;

/**
 * A sum of regression trees, compiled: every tree is padded to the depth of the deepest and laid
 * out level by level, so that a step is {@code node = 2 * node + 1 + (value < threshold ? 0 : 1)}
 * with no branch to mispredict. Eight rows walk a tree side by side, which hides the latency of the
 * loads; tree by tree, since a tree fits the first-level cache beside the rows.
 *
 * <p>Scores are summed in 32-bit floats in tree order from the base score, as XGBoost does, and
 * equal its margins to the bit. A value equal to a threshold goes right; a missing value (NaN) goes
 * where the tree was taught. Immutable.
 *
 * <p>Contributions follow the path of a row: each split's feature is credited with the change of
 * the expected value that the split made (Saabas, "Interpreting random forests", 2014). They are
 * exact in sum, cost one walk, and depend on the order of splits; Shapley values do not, and cost
 * more.
 */
public final class TreeScorer implements Scorer {
  /** Deepest tree that is padded; a deeper one would cost 2^depth memory. */
  public static final int MAX_DEPTH = 12;

  private static final int LANES = 8;

  private final int width;
  private final int trees;
  private final int depth;
  private final float base;
  private final float baseline;
  // Per tree: 2^depth - 1 splits, then 2^depth leaves.
  private final int[] features;
  private final float[] thresholds;
  private final boolean[] missingLeft;
  private final float[] leaves;
  // Expected value of every split and leaf, weighted by how many training rows came by.
  private final float[] expected;

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
      @org.jspecify.annotations.Nullable Node left,
      @org.jspecify.annotations.Nullable Node right,
      float value,
      double cover) {
    /** A leaf. */
    public static Node leaf(float value, double cover) {
      return new Node(-1, 0, false, null, null, value, cover);
    }

    int depth() {
      return left == null || right == null ? 0 : 1 + Math.max(left.depth(), right.depth());
    }

    double mean() {
      if (left == null || right == null) {
        return value;
      }
      double weight = left.cover + right.cover;
      return weight > 0
          ? (left.mean() * left.cover + right.mean() * right.cover) / weight
          : (left.mean() + right.mean()) / 2;
    }
  }

  /**
   * Compiles trees.
   *
   * @param width features per row
   * @param base the score before the first tree
   * @throws IllegalArgumentException when a tree is deeper than {@link #MAX_DEPTH} or names a
   *     feature beyond the width
   */
  public TreeScorer(int width, List<Node> roots, float base) {
    this.width = width;
    this.trees = roots.size();
    this.base = base;
    int deepest = 1;
    for (Node root : roots) {
      deepest = Math.max(deepest, root.depth());
    }
    if (deepest > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a tree of depth " + deepest + "; expected at most " + MAX_DEPTH);
    }
    depth = deepest;
    int splits = (1 << depth) - 1;
    features = new int[trees * splits];
    thresholds = new float[trees * splits];
    missingLeft = new boolean[trees * splits];
    leaves = new float[trees << depth];
    expected = new float[trees * (2 * splits + 1)];
    double mean = base;
    for (int tree = 0; tree < trees; tree++) {
      place(tree, 0, 0, roots.get(tree));
      mean += roots.get(tree).mean();
    }
    baseline = (float) mean;
  }

  private void place(int tree, int at, int level, Node node) {
    int splits = (1 << depth) - 1;
    expected[tree * (2 * splits + 1) + at] = (float) node.mean();
    if (level == depth) {
      leaves[(tree << depth) + at - splits] = node.value();
      return;
    }
    Node left = node.left();
    Node right = node.right();
    int slot = tree * splits + at;
    if (left == null || right == null) {
      // A leaf above the last level: both ways lead to it again.
      thresholds[slot] = Float.POSITIVE_INFINITY;
      place(tree, 2 * at + 1, level + 1, node);
      place(tree, 2 * at + 2, level + 1, node);
      return;
    }
    if (node.feature() < 0 || node.feature() >= width) {
      throw new IllegalArgumentException("a split on feature " + node.feature() + " of " + width);
    }
    features[slot] = node.feature();
    thresholds[slot] = node.threshold();
    missingLeft[slot] = node.missingLeft();
    place(tree, 2 * at + 1, level + 1, left);
    place(tree, 2 * at + 2, level + 1, right);
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    java.util.Arrays.fill(scores, 0, count, base);
    int whole = missing(rows, count * width) ? 0 : count - count % LANES;
    int splits = (1 << depth) - 1;
    for (int tree = 0; tree < trees; tree++) {
      int root = tree * splits;
      int leaf = (tree << depth) - splits;
      for (int row = 0; row < whole; row += LANES) {
        walkEight(rows, row, root, leaf, scores);
      }
      for (int row = whole; row < count; row++) {
        scores[row] += leaves[leaf + walk(rows, row * width, root)];
      }
    }
  }

  private void walkEight(float[] rows, int row, int root, int leaf, float[] scores) {
    int r0 = row * width;
    int r1 = r0 + width;
    int r2 = r1 + width;
    int r3 = r2 + width;
    int r4 = r3 + width;
    int r5 = r4 + width;
    int r6 = r5 + width;
    int r7 = r6 + width;
    int n0 = 0;
    int n1 = 0;
    int n2 = 0;
    int n3 = 0;
    int n4 = 0;
    int n5 = 0;
    int n6 = 0;
    int n7 = 0;
    for (int level = 0; level < depth; level++) {
      n0 = 2 * n0 + (rows[r0 + features[root + n0]] < thresholds[root + n0] ? 1 : 2);
      n1 = 2 * n1 + (rows[r1 + features[root + n1]] < thresholds[root + n1] ? 1 : 2);
      n2 = 2 * n2 + (rows[r2 + features[root + n2]] < thresholds[root + n2] ? 1 : 2);
      n3 = 2 * n3 + (rows[r3 + features[root + n3]] < thresholds[root + n3] ? 1 : 2);
      n4 = 2 * n4 + (rows[r4 + features[root + n4]] < thresholds[root + n4] ? 1 : 2);
      n5 = 2 * n5 + (rows[r5 + features[root + n5]] < thresholds[root + n5] ? 1 : 2);
      n6 = 2 * n6 + (rows[r6 + features[root + n6]] < thresholds[root + n6] ? 1 : 2);
      n7 = 2 * n7 + (rows[r7 + features[root + n7]] < thresholds[root + n7] ? 1 : 2);
    }
    scores[row] += leaves[leaf + n0];
    scores[row + 1] += leaves[leaf + n1];
    scores[row + 2] += leaves[leaf + n2];
    scores[row + 3] += leaves[leaf + n3];
    scores[row + 4] += leaves[leaf + n4];
    scores[row + 5] += leaves[leaf + n5];
    scores[row + 6] += leaves[leaf + n6];
    scores[row + 7] += leaves[leaf + n7];
  }

  private int walk(float[] rows, int at, int root) {
    int node = 0;
    for (int level = 0; level < depth; level++) {
      node = 2 * node + (goesLeft(rows[at + features[root + node]], root + node) ? 1 : 2);
    }
    return node;
  }

  private boolean goesLeft(float value, int split) {
    return value < thresholds[split] || (Float.isNaN(value) && missingLeft[split]);
  }

  private static boolean missing(float[] rows, int length) {
    float sum = 0;
    for (int at = 0; at < length; at++) {
      sum += rows[at] * 0f; // NaN for NaN and for infinities, which then take the careful way too
    }
    return sum != 0;
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    int splits = (1 << depth) - 1;
    for (int tree = 0; tree < trees; tree++) {
      int root = tree * splits;
      int values = tree * (2 * splits + 1);
      int node = 0;
      for (int level = 0; level < depth; level++) {
        int feature = features[root + node];
        int child = 2 * node + (goesLeft(rows[row * width + feature], root + node) ? 1 : 2);
        contributions[feature] += expected[values + child] - expected[values + node];
        node = child;
      }
    }
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
