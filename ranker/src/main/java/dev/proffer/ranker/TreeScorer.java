package dev.proffer.ranker;

import java.util.List;

/**
 * A sum of regression trees, compiled: every tree is padded to the depth of the deepest and laid
 * out level by level, so that a step is arithmetic with no branch to mispredict. Values become ints
 * that order as the floats do (FLInt: Hakert, Chen and Chen, 2022), twice, so that a missing value
 * lies above every threshold in one column and below in the other, and a split reads the one it was
 * taught. Eight rows walk a tree side by side, which hides the latency of the loads (Asadi, Lin and
 * de Vries, TKDE 2014); tree by tree, since a tree fits the first-level cache beside the rows.
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

  private static final ThreadLocal<int[]> SCRATCH = ThreadLocal.withInitial(() -> new int[0]);

  private final int width;
  private final int trees;
  private final int depth;
  private final float base;
  private final float baseline;
  // Per tree: 2^depth - 1 splits of two ints (the column of the keys, the key of the threshold),
  // then
  // 2^depth leaves. See keys(): column 2f holds feature f with "missing" above every threshold,
  // column 2f + 1 below.
  private final int[] splits;
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
    this.splits = new int[2 * trees * splits];
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
      this.splits[2 * slot + 1] = key(Float.POSITIVE_INFINITY);
      place(tree, 2 * at + 1, level + 1, node);
      place(tree, 2 * at + 2, level + 1, node);
      return;
    }
    if (node.feature() < 0 || node.feature() >= width) {
      throw new IllegalArgumentException("a split on feature " + node.feature() + " of " + width);
    }
    this.splits[2 * slot] = 2 * node.feature() + (node.missingLeft() ? 1 : 0);
    this.splits[2 * slot + 1] = key(node.threshold());
    place(tree, 2 * at + 1, level + 1, left);
    place(tree, 2 * at + 2, level + 1, right);
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    java.util.Arrays.fill(scores, 0, count, base);
    int[] keys = keys(rows, 0, count);
    int whole = count - count % LANES;
    int perTree = (1 << depth) - 1;
    for (int tree = 0; tree < trees; tree++) {
      int root = tree * perTree;
      int leaf = (tree << depth) - perTree;
      for (int row = 0; row < whole; row += LANES) {
        walkEight(keys, row, root, leaf, scores);
      }
      for (int row = whole; row < count; row++) {
        int node = 0;
        for (int level = 0; level < depth; level++) {
          node = step(keys, 2 * width * row, root, node);
        }
        scores[row] += leaves[leaf + node];
      }
    }
  }

  private void walkEight(int[] keys, int row, int root, int leaf, float[] scores) {
    int stride = 2 * width;
    int r0 = row * stride;
    int r1 = r0 + stride;
    int r2 = r1 + stride;
    int r3 = r2 + stride;
    int r4 = r3 + stride;
    int r5 = r4 + stride;
    int r6 = r5 + stride;
    int r7 = r6 + stride;
    int n0 = 0;
    int n1 = 0;
    int n2 = 0;
    int n3 = 0;
    int n4 = 0;
    int n5 = 0;
    int n6 = 0;
    int n7 = 0;
    for (int level = 0; level < depth; level++) {
      n0 = step(keys, r0, root, n0);
      n1 = step(keys, r1, root, n1);
      n2 = step(keys, r2, root, n2);
      n3 = step(keys, r3, root, n3);
      n4 = step(keys, r4, root, n4);
      n5 = step(keys, r5, root, n5);
      n6 = step(keys, r6, root, n6);
      n7 = step(keys, r7, root, n7);
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

  /**
   * One level down: the difference of two keys as a long has its sign bit set just when the value
   * is below.
   */
  private int step(int[] keys, int row, int root, int node) {
    int split = 2 * (root + node);
    long below = (long) keys[row + splits[split]] - splits[split + 1];
    return 2 * node + 2 - (int) (below >>> 63);
  }

  /** The keys of some rows, in scratch memory of the calling thread. */
  private int[] keys(float[] rows, int first, int count) {
    int[] keys = SCRATCH.get();
    int from = first * width;
    int length = count * width;
    if (keys.length < 2 * length) {
      keys = new int[2 * length];
      SCRATCH.set(keys);
    }
    for (int at = 0; at < length; at++) {
      float value = rows[from + at];
      int key = key(value);
      boolean missing = Float.isNaN(value);
      keys[2 * at] = missing ? Integer.MAX_VALUE : key;
      keys[2 * at + 1] = missing ? Integer.MIN_VALUE : key;
    }
    return keys;
  }

  /** A float's bits as an int that orders as the float does; both zeros are one. */
  private static int key(float value) {
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    int[] keys = keys(rows, row, 1);
    int perTree = (1 << depth) - 1;
    int nodes = 2 * perTree + 1;
    int tree = 0;
    // Four trees side by side: one row's walk is a chain of loads that wait for each other.
    for (; tree + 4 <= trees; tree += 4) {
      int root = tree * perTree;
      int values = tree * nodes;
      int n0 = 0;
      int n1 = 0;
      int n2 = 0;
      int n3 = 0;
      for (int level = 0; level < depth; level++) {
        int c0 = step(keys, 0, root, n0);
        int c1 = step(keys, 0, root + perTree, n1);
        int c2 = step(keys, 0, root + 2 * perTree, n2);
        int c3 = step(keys, 0, root + 3 * perTree, n3);
        credit(contributions, root, n0, values, c0);
        credit(contributions, root + perTree, n1, values + nodes, c1);
        credit(contributions, root + 2 * perTree, n2, values + 2 * nodes, c2);
        credit(contributions, root + 3 * perTree, n3, values + 3 * nodes, c3);
        n0 = c0;
        n1 = c1;
        n2 = c2;
        n3 = c3;
      }
    }
    for (; tree < trees; tree++) {
      int node = 0;
      for (int level = 0; level < depth; level++) {
        int child = step(keys, 0, tree * perTree, node);
        credit(contributions, tree * perTree, node, tree * nodes, child);
        node = child;
      }
    }
  }

  private void credit(float[] contributions, int root, int node, int values, int child) {
    contributions[splits[2 * (root + node)] >> 1] +=
        expected[values + child] - expected[values + node];
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
