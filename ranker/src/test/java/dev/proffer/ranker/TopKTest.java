package dev.proffer.ranker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TopKTest {
  private static final float[] AWKWARD = {
    Float.NaN,
    Float.intBitsToFloat(0xffc00001),
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1f,
    -1f
  };

  @Test
  void givesWhatAFullSortGives() {
    TopK topK = new TopK();
    for (int seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      int count = random.nextInt(60);
      float[] scores = new float[count + 3];
      List<Integer> numbers = new ArrayList<>();
      for (int row = 0; row < count; row++) {
        scores[row] =
            switch (random.nextInt(3)) {
              case 0 -> AWKWARD[random.nextInt(AWKWARD.length)];
              case 1 -> random.nextInt(4);
              default -> random.nextFloat() - 0.5f;
            };
        numbers.add(random.nextInt(3) == 0 ? row : row + 1_000_000);
      }
      Collections.shuffle(numbers, random);
      int[] ties = numbers.stream().mapToInt(Integer::intValue).toArray();
      int k = random.nextInt(70);
      int[] best = new int[Math.max(1, k)];
      Arrays.fill(best, 77);

      int written = topK.select(scores, ties, count, k, best);

      assertThat(written).as("seed %d", seed).isEqualTo(Math.min(k, count));
      assertThat(Arrays.copyOf(best, written))
          .as("seed %d", seed)
          .isEqualTo(sorted(scores, ties, count, k));
      for (int at = written; at < best.length; at++) {
        assertThat(best[at]).isEqualTo(77);
      }
    }
  }

  @Test
  void ranksMissingScoresBelowEverythingAndZeroesAlike() {
    float[] scores = {Float.NaN, Float.NEGATIVE_INFINITY, -0f, 0f, Float.POSITIVE_INFINITY};
    int[] best = new int[5];
    new TopK().select(scores, new int[] {0, 1, 3, 2, 4}, 5, 5, best);
    assertThat(best).containsExactly(4, 3, 2, 1, 0);
  }

  @Test
  void takesTheGreatestTieNumberThereIs() {
    int[] best = new int[2];
    new TopK().select(new float[] {1, 1}, new int[] {Integer.MAX_VALUE, 0}, 2, 2, best);
    assertThat(best).containsExactly(1, 0);
  }

  /** By taking out the best again and again. */
  private static int[] sorted(float[] scores, int[] ties, int count, int k) {
    List<Integer> left = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      left.add(row);
    }
    int[] best = new int[Math.min(k, count)];
    for (int at = 0; at < best.length; at++) {
      Integer leading = left.get(0);
      for (Integer row : left) {
        if (better(scores[row], ties[row], scores[leading], ties[leading])) {
          leading = row;
        }
      }
      best[at] = leading;
      left.remove(leading);
    }
    return best;
  }

  private static boolean better(float score, int tie, float than, int thanTie) {
    if (Float.isNaN(score) != Float.isNaN(than)) {
      return Float.isNaN(than);
    }
    return score > than || (!(score < than) && tie < thanTie);
  }
}
