package dev.proffer.offline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void ofNextItemsAreTheirDefiningSums() {
    Random random = new Random(11);
    for (int round = 0; round < 50; round++) {
      NextItemMetrics metrics = new NextItemMetrics();
      int count = 1 + random.nextInt(200);
      double hits = 0;
      double gain = 0;
      double reciprocal = 0;
      for (int at = 0; at < count; at++) {
        int rank = random.nextInt(25);
        metrics.add(rank);
        for (int place = 1; place <= 10; place++) {
          if (rank == place) {
            hits += 1;
            gain += 1 / (Math.log(place + 1) / Math.log(2));
            reciprocal += 1.0 / place;
          }
        }
      }
      assertThat(metrics.count()).isEqualTo(count);
      assertThat(metrics.hitRate()).isCloseTo(hits / count, within(1e-12));
      assertThat(metrics.ndcg()).isCloseTo(gain / count, within(1e-12));
      assertThat(metrics.mrr()).isCloseTo(reciprocal / count, within(1e-12));
    }
  }

  @Test
  void ofNextItemsHaveTheMarginOfTheirHitRate() {
    NextItemMetrics metrics = new NextItemMetrics();
    for (int at = 0; at < 400; at++) {
      metrics.add(at % 2 == 0 ? 1 : 11);
    }
    assertThat(metrics.hitRateMargin()).isCloseTo(1.96 * 0.5 / 20, within(1e-12));
    assertThat(new NextItemMetrics().hitRateMargin()).isZero();
    assertThat(new NextItemMetrics().hitRate()).isZero();
    assertThat(new NextItemMetrics().ndcg()).isZero();
    assertThat(new NextItemMetrics().mrr()).isZero();
  }

  @Test
  void ofProbabilitiesAreTheirDefinitions() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      int count = 2 + random.nextInt(150);
      float[] probabilities = new float[count];
      boolean[] labels = new boolean[count];
      for (int at = 0; at < count; at++) {
        // Few different values, so that there are ties.
        probabilities[at] = random.nextInt(3) == 0 ? random.nextInt(11) / 10f : random.nextFloat();
        labels[at] = random.nextFloat() < probabilities[at];
      }
      BinaryMetrics metrics = new BinaryMetrics(probabilities, labels);
      assertThat(metrics.auc())
          .as("seed %d", seed)
          .isCloseTo(pairs(probabilities, labels), within(1e-9));
      assertThat(metrics.calibrationError())
          .as("seed %d", seed)
          .isCloseTo(bins(probabilities, labels), within(1e-6));
      double loss = 0;
      double yes = 0;
      for (int at = 0; at < count; at++) {
        double right = labels[at] ? probabilities[at] : 1 - (double) probabilities[at];
        loss -= Math.log(Math.max(1e-12, Math.min(1 - 1e-12, right)));
        yes += labels[at] ? 1 : 0;
      }
      assertThat(metrics.logLoss()).as("seed %d", seed).isCloseTo(loss / count, within(1e-6));
      assertThat(metrics.baseRate()).isCloseTo(yes / count, within(1e-12));
      assertThat(metrics.count()).isEqualTo(count);
    }
  }

  @Test
  void ofNothingOrOneLabelAreDefined() {
    BinaryMetrics nothing = new BinaryMetrics(new float[0], new boolean[0]);
    assertThat(nothing.logLoss()).isZero();
    assertThat(nothing.calibrationError()).isZero();
    assertThat(nothing.baseRate()).isZero();
    assertThat(nothing.auc()).isNaN();
    assertThat(new BinaryMetrics(new float[] {0.1f, 1f}, new boolean[] {true, true}).auc()).isNaN();
  }

  /** The share of pairs of a yes and a no that stand in the right order. */
  private static double pairs(float[] probabilities, boolean[] labels) {
    double right = 0;
    double pairs = 0;
    for (int yes = 0; yes < labels.length; yes++) {
      for (int no = 0; no < labels.length; no++) {
        if (labels[yes] && !labels[no]) {
          pairs++;
          right += probabilities[yes] > probabilities[no] ? 1 : 0;
          right += probabilities[yes] == probabilities[no] ? 0.5 : 0;
        }
      }
    }
    return right / pairs;
  }

  /** Bin by bin: its share of rows times the distance of mean predicted from mean true. */
  private static double bins(float[] probabilities, boolean[] labels) {
    double error = 0;
    for (int bin = 0; bin < 10; bin++) {
      double rows = 0;
      double predicted = 0;
      double came = 0;
      for (int at = 0; at < labels.length; at++) {
        boolean last = bin == 9 && probabilities[at] == 1f;
        float tenfold = probabilities[at] * 10;
        if ((tenfold >= bin && tenfold < bin + 1) || last) {
          rows++;
          predicted += probabilities[at];
          came += labels[at] ? 1 : 0;
        }
      }
      error += rows == 0 ? 0 : rows / labels.length * Math.abs(predicted / rows - came / rows);
    }
    return error;
  }
}
