package dev.proffer.ranker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.ranker.TreeScorer.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CascadeTest {
  private static final int WIDTH = 5;

  @Test
  void givesTheKeptTheirWholeScoresAndPutsTheOthersBehindInTheOrderOfTheFirstPass() {
    for (long seed = 1; seed <= 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Node> roots = roots(random);
      TreeScorer all = new TreeScorer(WIDTH, roots, 0.5f);
      int first = 1 + random.nextInt(roots.size());
      TreeScorer begin = new TreeScorer(WIDTH, roots.subList(0, first), 0.5f);
      int count = 1 + random.nextInt(90);
      int keep = 1 + random.nextInt(90);
      float[] rows = new float[count * WIDTH];
      for (int at = 0; at < rows.length; at++) {
        rows[at] = random.nextInt(9) == 0 ? Float.NaN : (float) random.nextDouble(-1, 1);
      }
      int[] ties = IntStream.range(0, count).map(row -> 1_000 - row).toArray();
      float[] whole = new float[count];
      all.score(rows, count, whole);
      float[] early = new float[count];
      begin.score(rows, count, early);
      float[] scores = new float[count + 1];
      scores[count] = 77;

      Cascade cascade = new Cascade(new Cascade.Passes(first, keep));
      cascade.score(all, rows, ties, count, scores);

      List<Integer> byFirst =
          IntStream.range(0, count)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(row -> -early[row])
                      .thenComparing(row -> ties[row]))
              .toList();
      boolean everything = keep >= count || first == roots.size();
      List<Integer> kept = everything ? byFirst : byFirst.subList(0, keep);
      float least = Float.MAX_VALUE;
      for (int row : kept) {
        assertThat(Float.floatToRawIntBits(scores[row]))
            .as("seed %d, row %d", seed, row)
            .isEqualTo(Float.floatToRawIntBits(whole[row]));
        least = Math.min(least, scores[row]);
      }
      float before = least;
      for (int row : byFirst.subList(kept.size(), count)) {
        assertThat(scores[row]).as("seed %d, row %d", seed, row).isLessThan(least);
        assertThat(scores[row]).as("seed %d, row %d", seed, row).isLessThanOrEqualTo(before);
        before = scores[row];
      }
      assertThat(scores[count]).isEqualTo(77);
    }
  }

  @Test
  void scoresEverythingWithoutPassesAndWithModelsThatAreNoTrees() {
    float[] rows = {1, 2, 3};
    int[] ties = {0, 1, 2};
    float[] scores = new float[3];
    TreeScorer trees = new TreeScorer(1, List.of(Node.leaf(1, 1), Node.leaf(2, 1)), 0);
    new Cascade(Cascade.Passes.ONE).score(trees, rows, ties, 3, scores);
    assertThat(scores).containsExactly(3, 3, 3);
    LinearScorer linear = new LinearScorer(new float[] {2}, 1);
    new Cascade(new Cascade.Passes(1, 1)).score(linear, rows, ties, 3, scores);
    assertThat(scores).containsExactly(3, 5, 7);
  }

  private static List<Node> roots(SplittableRandom random) {
    List<Node> roots = new ArrayList<>();
    int count = 1 + random.nextInt(40);
    for (int tree = 0; tree < count; tree++) {
      roots.add(node(random, 4));
    }
    return roots;
  }

  private static Node node(SplittableRandom random, int depth) {
    if (depth == 0 || random.nextInt(6) == 0) {
      return Node.leaf((float) random.nextDouble(-1, 1), 1);
    }
    return new Node(
        random.nextInt(WIDTH),
        (float) random.nextDouble(-1, 1),
        random.nextBoolean(),
        node(random, depth - 1),
        node(random, depth - 1),
        0,
        1);
  }
}
