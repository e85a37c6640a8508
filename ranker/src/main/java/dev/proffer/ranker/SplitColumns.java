package dev.proffer.ranker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The columns that the splits of a model read: one for every feature and way that a missing value
 * goes, so that a split needs no case for it. A value becomes a key, an integer that orders as the
 * floats do (FLInt: Hakert, Chen and Chen, 2022) with its low 31 bits set; a split is its
 * threshold's key with its column in those bits. The difference of the two then has its sign bit
 * set just when the value is below the threshold. Immutable once compiled.
 */
final class SplitColumns {
  /** The bits of a split that hold its column. */
  static final int COLUMN = Integer.MAX_VALUE;

  private static final int COLUMN_BITS = 31;

  private final int width;
  private final Map<Integer, Integer> known = new HashMap<>();
  private final List<Integer> order = new ArrayList<>();
  private int[] features = new int[0];
  private boolean[] missingBelow = new boolean[0];

  /** The columns of some trees over rows of {@code width} features. */
  SplitColumns(int width, List<TreeScorer.Node> roots) {
    this.width = width;
    roots.forEach(this::add);
    int count = Math.max(1, order.size());
    features = new int[count];
    missingBelow = new boolean[count];
    for (int column = 0; column < order.size(); column++) {
      features[column] = order.get(column) >> 1;
      missingBelow[column] = (order.get(column) & 1) == 1;
    }
  }

  private void add(TreeScorer.Node node) {
    TreeScorer.Node left = node.left();
    TreeScorer.Node right = node.right();
    if (left == null || right == null) {
      return;
    }
    if (node.feature() < 0 || node.feature() >= width) {
      throw new IllegalArgumentException("a split on feature " + node.feature() + " of " + width);
    }
    if (Float.isNaN(node.threshold())) {
      throw new IllegalArgumentException("a split of feature " + node.feature() + " at NaN");
    }
    if (known.putIfAbsent(name(node), order.size()) == null) {
      order.add(name(node));
    }
    add(left);
    add(right);
  }

  private static int name(TreeScorer.Node node) {
    return 2 * node.feature() + (node.missingLeft() ? 1 : 0);
  }

  /** How many; at least 1. */
  int count() {
    return features.length;
  }

  /** The feature that a column holds. */
  int feature(int column) {
    return features[column];
  }

  /** A node's split over keys that lie {@code stride} apart from column to column. */
  long split(TreeScorer.Node node, int stride) {
    Integer column = known.get(name(node));
    if (column == null) {
      throw new IllegalArgumentException("a split of a feature without a column");
    }
    return (long) key(node.threshold()) << COLUMN_BITS | (long) column * stride;
  }

  /** A split that no value is below. */
  static long never() {
    return (long) Integer.MIN_VALUE << COLUMN_BITS;
  }

  /** 1 when the key that a split reads is below its threshold, else 0. */
  static int below(long split, long[] keys, int lane) {
    return (int) ((keys[((int) split & COLUMN) + lane] - split) >>> 63);
  }

  /** Writes a row's keys, {@code stride} apart, the first at {@code at}. */
  void fill(float[] rows, int row, long[] keys, int at, int stride) {
    int from = row * width;
    int to = at;
    for (int column = 0; column < features.length; column++) {
      // A model of leaves alone over no features has a column that nothing is in.
      float value = width == 0 ? 0 : rows[from + features[column]];
      int key = key(value);
      if (Float.isNaN(value)) {
        key = missingBelow[column] ? Integer.MIN_VALUE : Integer.MAX_VALUE;
      }
      keys[to] = (long) key << COLUMN_BITS | COLUMN;
      to += stride;
    }
  }

  /** A float's bits as an int that orders as the float does; both zeros are one. */
  private static int key(float value) {
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }
}
