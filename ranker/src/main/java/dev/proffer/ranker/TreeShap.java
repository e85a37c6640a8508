package dev.proffer.ranker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shapley values of a sum of trees, path-dependent: where a feature is not known, both ways are
 * taken by the weight of the training rows (Lundberg et al., "From local explanations to global
 * understanding with explainable AI for trees", Nature Machine Intelligence 2020). Exact, and equal
 * to XGBoost's {@code predictContrib}, in O(leaves * depth) a row.
 *
 * <p>Immutable; scratch memory is the calling thread's.
 */
final class TreeShap {
  /*
   * The weight of a set of i of n other features, i! (n - i)! / (n + 1)!, is the integral of
   * t^i (1 - t)^(n - i) over t from 0 to 1. So what a feature j adds to a leaf of value v is
   *
   *   v (o_j - z_j)  integral of  product over the path's other features k of  (1 - t) z_k + t o_k
   *
   * where z_k is the share of the training rows that agrees with the path's splits on k, and o_k is
   * 1 if this row does, else 0. The product is a polynomial in t, which Gauss's quadrature
   * integrates exactly with half as many points as the path has features: three for six. At a point
   * the sum over all leaves is one walk down (the product so far, F) and one up (the sum of the
   * leaves below, B, each with the product of what comes after), as in Yu et al., "Linear TreeShap",
   * NeurIPS 2022, who take polynomials where we take their values at Gauss's points.
   *
   * At a split with the factor g to its left, and so 1 - g to its right,
   *
   *   F_left = F g,  F_right = F - F_left,  B = B_right + g (B_left - B_right),
   *
   * and the feature gains F (B_left - B_right) (o - z). A split on a feature that the path has seen
   * before changes that feature's factor f = (1 - t) z' + t o' instead of bringing one of its own:
   * g is the new factor over f, and what the leaves below gained by the old one is taken back. If
   * the row has left the path at that feature, both come to the plain share, and nothing is gained.
   */
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    private long[] keys = new long[0];
    private double[] sums = new double[0];
    private double[] down = new double[0];
    private double[] up = new double[0];
    private double[] factors = new double[0];
    private int[] agrees = new int[0];

    void reserve(int keyCount, int sumCount, int splitCount, int values) {
      if (keys.length < keyCount) {
        keys = new long[keyCount];
      }
      if (sums.length < sumCount) {
        sums = new double[sumCount];
      }
      if (agrees.length < 2 * splitCount) {
        agrees = new int[2 * splitCount];
      }
      if (down.length < values) {
        down = new double[values];
        up = new double[values];
        factors = new double[values];
      }
    }
  }

  private final SplitColumns columns;
  private final int width;
  private final List<Tree> trees = new ArrayList<>();
  private final int mostSplits;
  private final int mostValues;

  TreeShap(SplitColumns columns, List<TreeScorer.Node> roots, int width) {
    this.columns = columns;
    this.width = width;
    int splits = 0;
    int values = 0;
    for (TreeScorer.Node root : roots) {
      if (root.depth() > 0) {
        Tree tree = new Tree(columns, root);
        splits = Math.max(splits, tree.splits.length);
        values = Math.max(values, tree.splits.length * tree.points);
        trees.add(tree);
      }
    }
    mostSplits = splits;
    mostValues = values;
  }

  /** Adds a row's contributions to {@code contributions}. */
  void contribute(float[] rows, int row, float[] contributions) {
    Scratch scratch = SCRATCH.get();
    scratch.reserve(columns.count(), width, mostSplits, mostValues);
    Arrays.fill(scratch.sums, 0, width, 0);
    columns.fill(rows, row, scratch.keys, 0, 1);
    for (int tree = 0; tree < trees.size(); tree++) {
      Tree of = trees.get(tree);
      if (of.points == 3) {
        of.walkDownThree(scratch);
        of.walkUpThree(scratch);
      } else {
        of.walkDown(scratch);
        of.walkUp(scratch);
      }
    }
    for (int feature = 0; feature < width; feature++) {
      contributions[feature] += (float) scratch.sums[feature];
    }
  }

  /** One tree's splits, each before those below it. */
  private static final class Tree {
    private final long[] splits;
    private final int[] features;
    // Of each split its left and its right side: a split, or a leaf as -1 - its place.
    private final int[] children;
    private final double[] shares;
    // The side, 2 * split + (0 left, 1 right), by which the path last met the feature; -1 for none.
    private final int[] before;
    private final double[] sharesBefore;
    private final double[] leaves;
    private final int points;
    private final double[] nodes;
    private final double[] weights;
    // Of each split and point: 1 / f where the feature was met before and the row agreed, else 1.
    private final double[] inverses;
    private int splitCount;
    private int leafCount;

    Tree(SplitColumns columns, TreeScorer.Node root) {
      int size = root.nodes() / 2;
      splits = new long[size];
      features = new int[size];
      children = new int[2 * size];
      shares = new double[size];
      before = new int[size];
      sharesBefore = new double[size];
      leaves = new double[size + 1];
      int met = place(columns, root, new ArrayList<>());
      points = (met + 1) / 2;
      GaussLegendre quadrature = GaussLegendre.of(points);
      nodes = quadrature.nodes();
      weights = quadrature.weights();
      inverses = new double[size * points];
      Arrays.fill(inverses, 1);
      for (int split = 0; split < size; split++) {
        for (int point = 0; point < points && before[split] >= 0; point++) {
          inverses[split * points + point] =
              1 / ((1 - nodes[point]) * sharesBefore[split] + nodes[point]);
        }
      }
    }

    /** Places a split and all below it; gives the most features that a path from the root meets. */
    private int place(SplitColumns columns, TreeScorer.Node node, List<Integer> path) {
      TreeScorer.Node left = node.left();
      TreeScorer.Node right = node.right();
      if (left == null || right == null) {
        leaves[leafCount++] = node.value();
        return (int) path.stream().map(side -> features[side / 2]).distinct().count();
      }
      int split = splitCount++;
      splits[split] = columns.split(node, 1);
      features[split] = node.feature();
      shares[split] = node.leftShare();
      before[split] = -1;
      sharesBefore[split] = 1;
      for (int side : path) {
        if (features[side / 2] == node.feature()) {
          before[split] = side;
          double share = shares[side / 2];
          sharesBefore[split] *= side % 2 == 0 ? share : 1 - share;
        }
      }
      path.add(2 * split);
      children[2 * split] = left.left() == null ? -1 - leafCount : splitCount;
      int met = place(columns, left, path);
      path.set(path.size() - 1, 2 * split + 1);
      children[2 * split + 1] = right.left() == null ? -1 - leafCount : splitCount;
      met = Math.max(met, place(columns, right, path));
      path.remove(path.size() - 1);
      return met;
    }

    /** Which sides the row agrees with, the factors to the left, and the products so far. */
    void walkDown(Scratch scratch) {
      double[] down = scratch.down;
      double[] factors = scratch.factors;
      int[] agrees = scratch.agrees;
      System.arraycopy(weights, 0, down, 0, points);
      for (int split = 0; split < splits.length; split++) {
        int below = SplitColumns.below(splits[split], scratch.keys, 0);
        int agreed = before[split] < 0 ? 1 : agrees[before[split]];
        agrees[2 * split] = agreed & below;
        agrees[2 * split + 1] = agreed & ~below;
        double share = shares[split];
        double known = share * sharesBefore[split];
        int left = children[2 * split];
        int right = children[2 * split + 1];
        int at = split * points;
        for (int point = 0; point < points; point++) {
          double t = nodes[point];
          double factor =
              agreed == 0 ? share : ((1 - t) * known + t * below) * inverses[at + point];
          factors[at + point] = factor;
          double product = down[at + point];
          if (left >= 0) {
            down[left * points + point] = product * factor;
          }
          if (right >= 0) {
            down[right * points + point] = product - product * factor;
          }
        }
      }
    }

    /** The sums of the leaves below, and what each split's feature gains. */
    void walkUp(Scratch scratch) {
      double[] up = scratch.up;
      for (int split = splits.length - 1; split >= 0; split--) {
        int left = children[2 * split];
        int right = children[2 * split + 1];
        int at = split * points;
        double known = shares[split] * sharesBefore[split];
        double gained = scratch.agrees[2 * split] - known;
        double old = 1 - sharesBefore[split];
        double sum = 0;
        for (int point = 0; point < points; point++) {
          double leftUp = left >= 0 ? up[left * points + point] : leaves[-1 - left];
          double rightUp = right >= 0 ? up[right * points + point] : leaves[-1 - right];
          double difference = leftUp - rightUp;
          double factor = scratch.factors[at + point];
          up[at + point] = rightUp + factor * difference;
          sum +=
              scratch.down[at + point]
                  * inverses[at + point]
                  * difference
                  * (gained - old * factor);
        }
        if ((scratch.agrees[2 * split] | scratch.agrees[2 * split + 1]) != 0) {
          scratch.sums[features[split]] += sum;
        }
      }
    }

    /** {@link #walkDown} with three points, which is a path of five or six features. */
    void walkDownThree(Scratch scratch) {
      double[] down = scratch.down;
      double[] factors = scratch.factors;
      int[] agrees = scratch.agrees;
      double t0 = nodes[0];
      double t1 = nodes[1];
      double t2 = nodes[2];
      System.arraycopy(weights, 0, down, 0, 3);
      for (int split = 0; split < splits.length; split++) {
        int below = SplitColumns.below(splits[split], scratch.keys, 0);
        int agreed = before[split] < 0 ? 1 : agrees[before[split]];
        agrees[2 * split] = agreed & below;
        agrees[2 * split + 1] = agreed & ~below;
        int at = 3 * split;
        double f0 = shares[split];
        double f1 = f0;
        double f2 = f0;
        if (agreed != 0) {
          // (1 - t) known + t below
          double known = f0 * sharesBefore[split];
          double more = below - known;
          f0 = (known + t0 * more) * inverses[at];
          f1 = (known + t1 * more) * inverses[at + 1];
          f2 = (known + t2 * more) * inverses[at + 2];
        }
        factors[at] = f0;
        factors[at + 1] = f1;
        factors[at + 2] = f2;
        int left = 3 * children[2 * split];
        int right = 3 * children[2 * split + 1];
        double d0 = down[at];
        double d1 = down[at + 1];
        double d2 = down[at + 2];
        if (left >= 0) {
          down[left] = d0 * f0;
          down[left + 1] = d1 * f1;
          down[left + 2] = d2 * f2;
        }
        if (right >= 0) {
          down[right] = d0 - d0 * f0;
          down[right + 1] = d1 - d1 * f1;
          down[right + 2] = d2 - d2 * f2;
        }
      }
    }

    /** {@link #walkUp} with three points. */
    void walkUpThree(Scratch scratch) {
      double[] up = scratch.up;
      double[] down = scratch.down;
      double[] factors = scratch.factors;
      int[] agrees = scratch.agrees;
      for (int split = splits.length - 1; split >= 0; split--) {
        int left = children[2 * split];
        int right = children[2 * split + 1];
        double r0;
        double r1;
        double r2;
        if (right >= 0) {
          r0 = up[3 * right];
          r1 = up[3 * right + 1];
          r2 = up[3 * right + 2];
        } else {
          r0 = leaves[-1 - right];
          r1 = r0;
          r2 = r0;
        }
        double x0;
        double x1;
        double x2;
        if (left >= 0) {
          x0 = up[3 * left] - r0;
          x1 = up[3 * left + 1] - r1;
          x2 = up[3 * left + 2] - r2;
        } else {
          double leaf = leaves[-1 - left];
          x0 = leaf - r0;
          x1 = leaf - r1;
          x2 = leaf - r2;
        }
        int at = 3 * split;
        double f0 = factors[at];
        double f1 = factors[at + 1];
        double f2 = factors[at + 2];
        up[at] = r0 + f0 * x0;
        up[at + 1] = r1 + f1 * x1;
        up[at + 2] = r2 + f2 * x2;
        x0 *= down[at];
        x1 *= down[at + 1];
        x2 *= down[at + 2];
        double gained = agrees[2 * split] - shares[split] * sharesBefore[split];
        if (before[split] < 0) {
          scratch.sums[features[split]] += (x0 + x1 + x2) * gained;
        } else if (agrees[before[split]] != 0) {
          double old = 1 - sharesBefore[split];
          scratch.sums[features[split]] +=
              x0 * inverses[at] * (gained - old * f0)
                  + x1 * inverses[at + 1] * (gained - old * f1)
                  + x2 * inverses[at + 2] * (gained - old * f2);
        }
      }
    }
  }
}
