package dev.proffer.ranker;

import java.util.List;

/**
 * Trees of moderate depth, each padded to its own depth and laid out level by level, so that a step
 * is arithmetic with no branch to mispredict and no child to look up. Eight rows walk a tree side
 * by side, which hides the latency of the loads (Asadi, Lin and de Vries, TKDE 2014); rows that are
 * left over walk eight trees side by side. Rows go in tiles whose keys stay in the first-level
 * cache.
 *
 * <p>A step takes two loads: a split, which holds threshold and column in one long ({@link
 * SplitColumns}), and a key. A row's child is {@code 2n + 1} when it is below, else {@code 2n}.
 */
final class PaddedTrees implements TreeEvaluator {
  /** Rows, or trees, that are walked side by side. */
  static final int LANES = 8;

  private static final int TILE = 64;

  private static final ThreadLocal<long[]> SCRATCH = ThreadLocal.withInitial(() -> new long[0]);

  private final SplitColumns columns;
  private final int trees;
  private final int depth;
  // Of every tree 2^depth splits, of which the first is not used, and 2^depth leaves.
  private final long[] splits;
  private final float[] leaves;

  PaddedTrees(SplitColumns columns, List<TreeScorer.Node> roots, int depth) {
    this.columns = columns;
    this.trees = roots.size();
    this.depth = depth;
    splits = new long[trees << depth];
    leaves = new float[trees << depth];
    for (int tree = 0; tree < trees; tree++) {
      place(tree, 1, 0, roots.get(tree));
    }
  }

  private void place(int tree, int at, int level, TreeScorer.Node node) {
    if (level == depth) {
      leaves[(tree << depth) + at - (1 << depth)] = node.value();
      return;
    }
    TreeScorer.Node left = node.left();
    TreeScorer.Node right = node.right();
    boolean leaf = left == null || right == null;
    splits[(tree << depth) + at] = leaf ? SplitColumns.never() : columns.split(node, LANES);
    // Below a leaf, both ways lead to it again.
    place(tree, 2 * at, level + 1, right == null ? node : right);
    place(tree, 2 * at + 1, level + 1, left == null ? node : left);
  }

  @Override
  public void add(float[] rows, int count, float[] scores) {
    int block = columns.count() * LANES;
    long[] keys = SCRATCH.get();
    if (keys.length < block * (TILE / LANES)) {
      keys = new long[block * (TILE / LANES)];
      SCRATCH.set(keys);
    }
    for (int first = 0; first < count; first += TILE) {
      int many = Math.min(TILE, count - first);
      for (int row = 0; row < many; row++) {
        columns.fill(rows, first + row, keys, row / LANES * block + row % LANES, LANES);
      }
      int whole = many - many % LANES;
      if (whole > 0) {
        for (int tree = 0; tree < trees; tree++) {
          int at = 0;
          for (int row = 0; row < whole; row += LANES) {
            walkRows(keys, at, tree << depth, first + row, scores);
            at += block;
          }
        }
      }
      for (int row = whole; row < many; row++) {
        scores[first + row] =
            walkTrees(keys, row / LANES * block + row % LANES, scores[first + row]);
      }
    }
  }

  private void walkRows(long[] keys, int at, int root, int row, float[] scores) {
    long[] of = splits;
    int n0 = 1;
    int n1 = 1;
    int n2 = 1;
    int n3 = 1;
    int n4 = 1;
    int n5 = 1;
    int n6 = 1;
    int n7 = 1;
    for (int level = 0; level < depth; level++) {
      n0 = 2 * n0 + SplitColumns.below(of[root + n0], keys, at);
      n1 = 2 * n1 + SplitColumns.below(of[root + n1], keys, at + 1);
      n2 = 2 * n2 + SplitColumns.below(of[root + n2], keys, at + 2);
      n3 = 2 * n3 + SplitColumns.below(of[root + n3], keys, at + 3);
      n4 = 2 * n4 + SplitColumns.below(of[root + n4], keys, at + 4);
      n5 = 2 * n5 + SplitColumns.below(of[root + n5], keys, at + 5);
      n6 = 2 * n6 + SplitColumns.below(of[root + n6], keys, at + 6);
      n7 = 2 * n7 + SplitColumns.below(of[root + n7], keys, at + 7);
    }
    int leaf = root - (1 << depth);
    scores[row] += leaves[leaf + n0];
    scores[row + 1] += leaves[leaf + n1];
    scores[row + 2] += leaves[leaf + n2];
    scores[row + 3] += leaves[leaf + n3];
    scores[row + 4] += leaves[leaf + n4];
    scores[row + 5] += leaves[leaf + n5];
    scores[row + 6] += leaves[leaf + n6];
    scores[row + 7] += leaves[leaf + n7];
  }

  private float walkTrees(long[] keys, int at, float score) {
    long[] of = splits;
    float sum = score;
    int size = 1 << depth;
    int tree = 0;
    for (; tree + LANES <= trees; tree += LANES) {
      int root = tree << depth;
      // Numbered from the first of the eight: the root of the k-th is k * size + 1.
      int n0 = 1;
      int n1 = 1;
      int n2 = 1;
      int n3 = 1;
      int n4 = 1;
      int n5 = 1;
      int n6 = 1;
      int n7 = 1;
      for (int level = 0; level < depth; level++) {
        n0 = 2 * n0 + SplitColumns.below(of[root + n0], keys, at);
        n1 = 2 * n1 + SplitColumns.below(of[root + size + n1], keys, at);
        n2 = 2 * n2 + SplitColumns.below(of[root + 2 * size + n2], keys, at);
        n3 = 2 * n3 + SplitColumns.below(of[root + 3 * size + n3], keys, at);
        n4 = 2 * n4 + SplitColumns.below(of[root + 4 * size + n4], keys, at);
        n5 = 2 * n5 + SplitColumns.below(of[root + 5 * size + n5], keys, at);
        n6 = 2 * n6 + SplitColumns.below(of[root + 6 * size + n6], keys, at);
        n7 = 2 * n7 + SplitColumns.below(of[root + 7 * size + n7], keys, at);
      }
      int leaf = root - size;
      sum += leaves[leaf + n0];
      sum += leaves[leaf + size + n1];
      sum += leaves[leaf + 2 * size + n2];
      sum += leaves[leaf + 3 * size + n3];
      sum += leaves[leaf + 4 * size + n4];
      sum += leaves[leaf + 5 * size + n5];
      sum += leaves[leaf + 6 * size + n6];
      sum += leaves[leaf + 7 * size + n7];
    }
    for (; tree < trees; tree++) {
      int root = tree << depth;
      int node = 1;
      for (int level = 0; level < depth; level++) {
        node = 2 * node + SplitColumns.below(of[root + node], keys, at);
      }
      sum += leaves[root - size + node];
    }
    return sum;
  }
}
