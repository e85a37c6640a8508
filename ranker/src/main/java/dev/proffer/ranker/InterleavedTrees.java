package dev.proffer.ranker;

import java.util.List;

/**
 * Sums the leaves that rows fall into. Eight rows walk a tree side by side without a branch, which
 * hides the latency of the loads (Asadi, Lin and de Vries, TKDE 2014); rows that are left over walk
 * eight trees side by side. Immutable, so any thread may share one; scratch memory is the thread's.
 *
 * <p>Nodes lie level by level, the two children of a split beside each other: a step is the place
 * of the first child, plus 1 when the row's key is below the split ({@link SplitColumns}). A leaf
 * leads to itself, so that rows and trees of different depth may walk together.
 */
final class InterleavedTrees {
  private static final int LANES = 8;

  private static final ThreadLocal<long[]> SCRATCH = ThreadLocal.withInitial(() -> new long[0]);

  private final SplitColumns columns;
  private final int[] roots;
  private final int[] depths;
  // The depth of the deepest of the eight trees from each eighth on.
  private final int[] depthsOfEight;
  private final long[] splits;
  private final int[] children;
  private final float[] values;

  InterleavedTrees(SplitColumns columns, List<TreeScorer.Node> trees) {
    this.columns = columns;
    int nodes = 0;
    for (TreeScorer.Node tree : trees) {
      nodes += tree.nodes();
    }
    roots = new int[trees.size()];
    depths = new int[trees.size()];
    depthsOfEight = new int[trees.size() / LANES];
    splits = new long[nodes];
    children = new int[nodes];
    values = new float[nodes];
    int size = 0;
    for (int tree = 0; tree < roots.length; tree++) {
      roots[tree] = size;
      depths[tree] = trees.get(tree).depth();
      if (tree / LANES < depthsOfEight.length) {
        depthsOfEight[tree / LANES] = Math.max(depthsOfEight[tree / LANES], depths[tree]);
      }
      size = place(trees.get(tree), size);
    }
  }

  /** Places a tree from {@code root} on; gives the place behind it. */
  private int place(TreeScorer.Node tree, int root) {
    TreeScorer.Node[] placed = new TreeScorer.Node[tree.nodes()];
    placed[0] = tree;
    int next = 1;
    for (int at = 0; at < placed.length; at++) {
      TreeScorer.Node node = placed[at];
      TreeScorer.Node left = node.left();
      TreeScorer.Node right = node.right();
      if (left == null || right == null) {
        splits[root + at] = SplitColumns.never();
        children[root + at] = root + at;
        values[root + at] = node.value();
      } else {
        splits[root + at] = columns.split(node, LANES);
        children[root + at] = root + next;
        placed[next] = right;
        placed[next + 1] = left;
        next += 2;
      }
    }
    return root + next;
  }

  /**
   * Adds, tree after tree, the leaf of each row to its score.
   *
   * @param rows row-major feature values
   * @param scores holds the base scores of {@code count} rows, receives their sums
   */
  void add(float[] rows, int count, float[] scores) {
    add(rows, count, scores, 0, roots.length);
  }

  /** The same of the trees from {@code from} to below {@code until} alone. */
  void add(float[] rows, int count, float[] scores, int from, int until) {
    long[] keys = SCRATCH.get();
    if (keys.length < columns.count() * LANES) {
      keys = new long[columns.count() * LANES];
      SCRATCH.set(keys);
    }
    for (int first = 0; first < count; first += LANES) {
      int many = Math.min(LANES, count - first);
      for (int lane = 0; lane < many; lane++) {
        columns.fill(rows, first + lane, keys, lane, LANES);
      }
      if (many == LANES) {
        for (int tree = from; tree < until; tree++) {
          walkRows(keys, roots[tree], depths[tree], first, scores);
        }
      } else {
        for (int lane = 0; lane < many; lane++) {
          scores[first + lane] = walkTrees(keys, lane, scores[first + lane], from, until);
        }
      }
    }
  }

  private int step(long[] keys, int lane, int node) {
    return children[node] + SplitColumns.below(splits[node], keys, lane);
  }

  private void walkRows(long[] keys, int root, int depth, int row, float[] scores) {
    int n0 = root;
    int n1 = root;
    int n2 = root;
    int n3 = root;
    int n4 = root;
    int n5 = root;
    int n6 = root;
    int n7 = root;
    for (int level = 0; level < depth; level++) {
      n0 = step(keys, 0, n0);
      n1 = step(keys, 1, n1);
      n2 = step(keys, 2, n2);
      n3 = step(keys, 3, n3);
      n4 = step(keys, 4, n4);
      n5 = step(keys, 5, n5);
      n6 = step(keys, 6, n6);
      n7 = step(keys, 7, n7);
    }
    scores[row] += values[n0];
    scores[row + 1] += values[n1];
    scores[row + 2] += values[n2];
    scores[row + 3] += values[n3];
    scores[row + 4] += values[n4];
    scores[row + 5] += values[n5];
    scores[row + 6] += values[n6];
    scores[row + 7] += values[n7];
  }

  private float walkTrees(long[] keys, int lane, float score, int from, int until) {
    float sum = score;
    int tree = from;
    for (; tree < until && tree % LANES != 0; tree++) {
      sum += values[walkTree(keys, lane, tree)];
    }
    for (; tree + LANES <= until; tree += LANES) {
      int n0 = roots[tree];
      int n1 = roots[tree + 1];
      int n2 = roots[tree + 2];
      int n3 = roots[tree + 3];
      int n4 = roots[tree + 4];
      int n5 = roots[tree + 5];
      int n6 = roots[tree + 6];
      int n7 = roots[tree + 7];
      int depth = depthsOfEight[tree / LANES];
      for (int level = 0; level < depth; level++) {
        n0 = step(keys, lane, n0);
        n1 = step(keys, lane, n1);
        n2 = step(keys, lane, n2);
        n3 = step(keys, lane, n3);
        n4 = step(keys, lane, n4);
        n5 = step(keys, lane, n5);
        n6 = step(keys, lane, n6);
        n7 = step(keys, lane, n7);
      }
      sum += values[n0];
      sum += values[n1];
      sum += values[n2];
      sum += values[n3];
      sum += values[n4];
      sum += values[n5];
      sum += values[n6];
      sum += values[n7];
    }
    for (; tree < until; tree++) {
      sum += values[walkTree(keys, lane, tree)];
    }
    return sum;
  }

  private int walkTree(long[] keys, int lane, int tree) {
    int node = roots[tree];
    for (int level = depths[tree]; level > 0; level--) {
      node = step(keys, lane, node);
    }
    return node;
  }
}
