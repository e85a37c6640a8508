package dev.proffer.ranker;

import java.util.Arrays;
import java.util.List;

/**
 * Trees too deep or too sparse to pad: nodes linked by the place of their first child, the two
 * children side by side. A leaf leads to itself, so that eight rows walk side by side without a
 * branch, for as many steps as the tree is deep.
 */
final class LinkedTrees implements TreeEvaluator {
  private static final int LANES = 8;

  private static final ThreadLocal<long[]> SCRATCH = ThreadLocal.withInitial(() -> new long[0]);

  private final SplitColumns columns;
  private final int[] roots;
  private final int[] depths;
  private long[] splits = new long[64];
  private int[] children = new int[64];
  private float[] values = new float[64];
  private int size;

  LinkedTrees(SplitColumns columns, List<TreeScorer.Node> trees) {
    this.columns = columns;
    roots = new int[trees.size()];
    depths = new int[trees.size()];
    for (int tree = 0; tree < roots.length; tree++) {
      roots[tree] = reserve(1);
      depths[tree] = trees.get(tree).depth();
      place(roots[tree], trees.get(tree));
    }
    splits = Arrays.copyOf(splits, size);
    children = Arrays.copyOf(children, size);
    values = Arrays.copyOf(values, size);
  }

  private int reserve(int nodes) {
    int first = size;
    size += nodes;
    if (size > splits.length) {
      splits = Arrays.copyOf(splits, 2 * size);
      children = Arrays.copyOf(children, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    return first;
  }

  private void place(int at, TreeScorer.Node node) {
    TreeScorer.Node left = node.left();
    TreeScorer.Node right = node.right();
    if (left == null || right == null) {
      splits[at] = SplitColumns.never();
      children[at] = at;
      values[at] = node.value();
      return;
    }
    int first = reserve(2);
    splits[at] = columns.split(node, LANES);
    children[at] = first;
    place(first, right);
    place(first + 1, left);
  }

  @Override
  public void add(float[] rows, int count, float[] scores) {
    long[] keys = SCRATCH.get();
    if (keys.length < columns.count() * LANES) {
      keys = new long[columns.count() * LANES];
      SCRATCH.set(keys);
    }
    for (int first = 0; first < count; first += LANES) {
      int many = Math.min(LANES, count - first);
      for (int lane = 0; lane < LANES; lane++) {
        // Lanes without a row walk with the last one and are not asked.
        columns.fill(rows, first + Math.min(lane, many - 1), keys, lane, LANES);
      }
      if (many == LANES) {
        for (int tree = 0; tree < roots.length; tree++) {
          walk(keys, roots[tree], depths[tree], first, scores);
        }
      } else {
        for (int lane = 0; lane < many; lane++) {
          scores[first + lane] = walk(keys, lane, scores[first + lane]);
        }
      }
    }
  }

  private float walk(long[] keys, int lane, float score) {
    float sum = score;
    for (int tree = 0; tree < roots.length; tree++) {
      int node = roots[tree];
      int next = step(keys, lane, node);
      while (next != node) {
        node = next;
        next = step(keys, lane, node);
      }
      sum += values[node];
    }
    return sum;
  }

  private int step(long[] keys, int lane, int node) {
    return children[node] + SplitColumns.below(splits[node], keys, lane);
  }

  private void walk(long[] keys, int root, int depth, int row, float[] scores) {
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
}
