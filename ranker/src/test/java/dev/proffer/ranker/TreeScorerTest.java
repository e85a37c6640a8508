package dev.proffer.ranker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.ranker.TreeScorer.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TreeScorerTest {
  private static final float[] PLACES = {-3, -1.5f, -0f, 0, 0.1f, 1 / 3f, 2, 1e-30f, 5e8f};

  @Test
  void scoresToTheBitAsAPlainWalkDoes() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(9);
      float base = random.nextBoolean() ? 0 : (float) random.nextGaussian();
      List<Node> roots = roots(random, width);
      TreeScorer scorer = new TreeScorer(width, roots, base);
      assertThat(scorer.trees()).isEqualTo(roots.size());
      for (int count = 0; count <= 75; count += 1 + count / 9) {
        float[] rows = rows(random, count, width, count % 3 == 0);
        float[] scores = new float[count + 2];
        scores[count] = 77;
        scorer.score(rows, count, scores);
        for (int row = 0; row < count; row++) {
          float expected = base;
          for (Node root : roots) {
            expected += leaf(root, rows, row * width).value();
          }
          assertThat(Float.floatToRawIntBits(scores[row]))
              .as("seed %d, row %d of %d: %s, expected %s", seed, row, count, scores[row], expected)
              .isEqualTo(Float.floatToRawIntBits(expected));
        }
        assertThat(scores[count]).isEqualTo(77);
      }
    }
  }

  @Test
  void explainsAScoreByShapleyValues() {
    for (int seed = 0; seed < 120; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(5);
      // The last ones are too deep for tables.
      List<Node> roots =
          seed < 100
              ? roots(random, width)
              : List.of(chain(random, width, 17), node(random, width, 3, 100));
      TreeScorer scorer = new TreeScorer(width, roots, 0.25f);
      float[] rows = rows(random, 4, width, false);
      float[] scores = new float[4];
      scorer.score(rows, 4, scores);
      for (int row = 0; row < 4; row++) {
        float[] contributions = new float[width];
        scorer.contribute(rows, row, contributions);
        double sum = scorer.baseline();
        for (int column = 0; column < width; column++) {
          sum += contributions[column];
          assertThat((double) contributions[column])
              .as("seed %d feature %d", seed, column)
              .isCloseTo(shapley(roots, rows, row * width, width, column), within(1e-5));
        }
        assertThat(sum).as("seed %d", seed).isCloseTo(scores[row], within(1e-4));
      }
    }
  }

  @Test
  void explainsARowThatCameWhereNoTrainingRowDid() {
    Node never = split(1, 0, false, Node.leaf(3, 0), Node.leaf(5, 0));
    Node root = split(0, 0, false, never, split(1, 0, false, Node.leaf(1, 2), Node.leaf(2, 6)));
    TreeScorer scorer = new TreeScorer(2, List.of(root), 0);
    float[] contributions = new float[2];
    scorer.contribute(new float[] {-1, 1}, 0, contributions);
    assertThat(scorer.baseline()).isEqualTo(1.75f);
    assertThat(contributions[0] + contributions[1]).isCloseTo(3.25f, within(1e-6f));
  }

  @Test
  void countsContributionsFromWhatItWouldExpectOfAnyRow() {
    Node root = split(0, 0, true, Node.leaf(4, 1), Node.leaf(0, 3));
    TreeScorer scorer = new TreeScorer(2, List.of(root, Node.leaf(10, 4)), 100);
    assertThat(scorer.baseline()).isEqualTo(111f);
    float[] contributions = {0, 5};
    scorer.contribute(new float[] {0, 0, -1, 0}, 1, contributions);
    assertThat(contributions).containsExactly(3, 5);
  }

  @Test
  void sendsAnEqualValueRightAndAMissingOneWhereItWasTaught() {
    Node taughtLeft = split(0, 1, true, Node.leaf(1, 1), Node.leaf(2, 1));
    Node taughtRight = split(0, 1, false, Node.leaf(10, 1), Node.leaf(20, 1));
    TreeScorer scorer = new TreeScorer(1, List.of(taughtLeft, taughtRight), 0);
    float[] rows = {
      1, Math.nextDown(1f), Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY
    };
    float[] scores = new float[5];
    scorer.score(rows, 5, scores);
    assertThat(scores).containsExactly(22, 11, 21, 11, 22);
  }

  @Test
  void scoresWithoutTreesAndWithTreesThatAreOneLeaf() {
    float[] scores = new float[9];
    new TreeScorer(0, List.of(), 3).score(new float[0], 9, scores);
    assertThat(scores).containsOnly(3);
    new TreeScorer(1, List.of(Node.leaf(2, 1)), 3).score(new float[9], 9, scores);
    assertThat(scores).containsOnly(5);
  }

  @Test
  void refusesTreesItCannotHold() {
    Node deep = chain(new Random(1), 1, 512);
    new TreeScorer(1, List.of(deep), 0).score(new float[] {-1}, 1, new float[1]);
    Node tooDeep = split(0, 0, false, deep, Node.leaf(1, 1));
    assertThatThrownBy(() -> new TreeScorer(1, List.of(tooDeep), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a tree of depth 513; expected at most 512");
    Node nowhere = split(0, Float.NaN, false, Node.leaf(1, 1), Node.leaf(2, 1));
    assertThatThrownBy(() -> new TreeScorer(1, List.of(nowhere), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a split of feature 0 at NaN");
    Node beyond = split(2, 0, false, Node.leaf(1, 1), Node.leaf(2, 1));
    assertThatThrownBy(() -> new TreeScorer(2, List.of(beyond), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a split on feature 2 of 2");
  }

  /** A tree of as many splits as it is deep. */
  private static Node chain(Random random, int width, int depth) {
    Node node = Node.leaf(1, 1 + random.nextInt(9));
    for (int level = 0; level < depth; level++) {
      Node leaf = Node.leaf((float) random.nextGaussian(), 1 + random.nextInt(9));
      boolean left = random.nextBoolean();
      node =
          split(
              random.nextInt(width),
              PLACES[random.nextInt(PLACES.length)],
              random.nextBoolean(),
              left ? leaf : node,
              left ? node : leaf);
    }
    return node;
  }

  private static List<Node> roots(Random random, int width) {
    List<Node> roots = new ArrayList<>();
    int deepest = random.nextInt(12);
    for (int trees = random.nextInt(12); trees > 0; trees--) {
      roots.add(node(random, width, random.nextInt(deepest + 1), 1 + random.nextInt(1_000)));
    }
    return roots;
  }

  private static Node node(Random random, int width, int deepest, double cover) {
    if (deepest == 0 || random.nextInt(4) == 0) {
      return Node.leaf((float) random.nextGaussian(), cover);
    }
    double share = 0.1 + 0.8 * random.nextDouble();
    return new Node(
        random.nextInt(width),
        PLACES[random.nextInt(PLACES.length)],
        random.nextBoolean(),
        node(random, width, deepest - 1, cover * share),
        node(random, width, deepest - 1, cover * (1 - share)),
        0,
        cover);
  }

  private static Node split(
      int feature, float threshold, boolean missingLeft, Node left, Node right) {
    return new Node(feature, threshold, missingLeft, left, right, 0, left.cover() + right.cover());
  }

  private static float[] rows(Random random, int count, int width, boolean whole) {
    float[] rows = new float[(count + 1) * width];
    for (int at = 0; at < rows.length; at++) {
      float place = PLACES[random.nextInt(PLACES.length)];
      rows[at] =
          switch (random.nextInt(whole ? 4 : 7)) {
            case 0 -> place;
            case 1 -> Math.nextDown(place);
            case 2 -> Math.nextUp(place);
            case 3 -> (float) random.nextGaussian();
            case 4 -> random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
            default -> Float.NaN;
          };
    }
    return rows;
  }

  private static Node leaf(Node node, float[] rows, int at) {
    if (node.left() == null || node.right() == null) {
      return node;
    }
    return leaf(child(node, node.left(), node.right(), rows, at), rows, at);
  }

  private static Node child(Node node, Node left, Node right, float[] rows, int at) {
    float value = rows[at + node.feature()];
    return Float.isNaN(value)
        ? (node.missingLeft() ? left : right)
        : value < node.threshold() ? left : right;
  }

  /** By its definition: what the feature adds to every set of the others, weighted. */
  private static double shapley(List<Node> roots, float[] rows, int at, int width, int feature) {
    double sum = 0;
    for (int known = 0; known < 1 << width; known++) {
      if ((known >> feature & 1) == 0) {
        double weight = 1.0 / width;
        int others = Integer.bitCount(known);
        for (int one = 1; one <= others; one++) {
          weight *= (double) one / (width - one);
        }
        for (Node root : roots) {
          sum +=
              weight
                  * (expected(root, rows, at, known | 1 << feature)
                      - expected(root, rows, at, known));
        }
      }
    }
    return sum;
  }

  /** The mean over the leaves that a row may fall into when only some features are known. */
  private static double expected(Node node, float[] rows, int at, int known) {
    Node left = node.left();
    Node right = node.right();
    if (left == null || right == null) {
      return node.value();
    }
    if ((known >> node.feature() & 1) == 1) {
      return expected(child(node, left, right, rows, at), rows, at, known);
    }
    return (expected(left, rows, at, known) * left.cover()
            + expected(right, rows, at, known) * right.cover())
        / (left.cover() + right.cover());
  }
}
