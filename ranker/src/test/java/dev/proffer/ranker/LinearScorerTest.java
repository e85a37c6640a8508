package dev.proffer.ranker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearScorerTest {
  @Test
  void isTheWeightedSumOfWhatIsThere() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      int width = random.nextInt(30);
      int count = random.nextInt(20);
      float[] weights = new float[width];
      for (int column = 0; column < width; column++) {
        weights[column] = (float) random.nextGaussian();
      }
      float[] rows = new float[count * width + 2];
      for (int at = 0; at < rows.length; at++) {
        rows[at] = random.nextInt(5) == 0 ? Float.NaN : (float) (100 * random.nextGaussian());
      }
      LinearScorer scorer = new LinearScorer(weights, 0.5f);
      float[] scores = new float[count];
      scorer.score(rows, count, scores);
      assertThat(scorer.width()).isEqualTo(width);
      assertThat(scorer.baseline()).isEqualTo(0.5f);
      for (int row = 0; row < count; row++) {
        BigDecimal exact = new BigDecimal("0.5");
        for (int column = 0; column < width; column++) {
          float value = rows[row * width + column];
          if (!Float.isNaN(value)) {
            exact = exact.add(new BigDecimal(weights[column]).multiply(new BigDecimal(value)));
          }
        }
        assertThat(scores[row]).as("seed %d", seed).isCloseTo(exact.floatValue(), within(1e-4f));
        float[] contributions = new float[width];
        scorer.contribute(rows, row, contributions);
        double sum = scorer.baseline();
        for (int column = 0; column < width; column++) {
          assertThat(Float.isNaN(rows[row * width + column]) && contributions[column] != 0)
              .isFalse();
          sum += contributions[column];
        }
        assertThat(sum).as("seed %d", seed).isCloseTo(scores[row], within(1e-3));
      }
    }
  }

  @Test
  void addsItsContributionsToWhatIsThere() {
    float[] contributions = {1, 2};
    new LinearScorer(new float[] {3, 5}, 0).contribute(new float[] {9, 9, 1, -1}, 1, contributions);
    assertThat(contributions).containsExactly(4, -3);
  }

  @Test
  void isNotChangedThroughTheWeightsItWasMadeOf() {
    float[] weights = {1};
    LinearScorer scorer = new LinearScorer(weights, 0);
    weights[0] = 100;
    float[] scores = new float[1];
    scorer.score(new float[] {2}, 1, scores);
    assertThat(scores[0]).isEqualTo(2);
  }
}
