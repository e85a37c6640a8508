package dev.proffer.offline.texts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WithinRidgeTest {
  @Test
  void solvesTheNormalEquationsOfWhatIsLessItsGroupsMean() {
    for (long seed = 1; seed <= 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int width = 1 + random.nextInt(8);
      int[] sizes = new int[3 + random.nextInt(10)];
      List<Ngrams.Vector> rows = new ArrayList<>();
      List<double[]> centred = new ArrayList<>();
      for (int group = 0; group < sizes.length; group++) {
        sizes[group] = 1 + random.nextInt(5);
        double[][] dense = new double[sizes[group]][width];
        for (double[] row : dense) {
          rows.add(sparse(row, random));
        }
        for (int column = 0; column < width; column++) {
          double mean = 0;
          for (double[] row : dense) {
            mean += row[column] / dense.length;
          }
          for (double[] row : dense) {
            row[column] -= mean;
          }
        }
        centred.addAll(List.of(dense));
      }
      double[] targets = random.doubles(rows.size(), -1, 1).toArray();
      double[] weights = random.doubles(rows.size(), 0.1, 3).toArray();
      double penalty = random.nextDouble(0.01, 5);

      double[] solution = WithinRidge.fit(rows, sizes, width, targets, weights, penalty);

      double[] less = less(targets, sizes);
      for (int column = 0; column < width; column++) {
        // The gradient of the penalised sum of squares, by its definition, is zero.
        double gradient = penalty * solution[column];
        for (int row = 0; row < centred.size(); row++) {
          double error = less[row];
          for (int other = 0; other < width; other++) {
            error -= centred.get(row)[other] * solution[other];
          }
          gradient -= weights[row] * centred.get(row)[column] * error;
        }
        assertThat(gradient).as("seed %d, column %d", seed, column).isCloseTo(0, within(1e-3));
      }
    }
  }

  /** Fills a row and gives it as a sparse vector. */
  private static Ngrams.Vector sparse(double[] row, SplittableRandom random) {
    List<Integer> columns = new ArrayList<>();
    for (int column = 0; column < row.length; column++) {
      if (random.nextBoolean()) {
        row[column] = (float) random.nextDouble(-1, 1);
        columns.add(column);
      }
    }
    float[] values = new float[columns.size()];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) row[columns.get(at)];
    }
    return new Ngrams.Vector(columns.stream().mapToInt(Integer::intValue).toArray(), values);
  }

  private static double[] less(double[] values, int[] sizes) {
    double[] less = values.clone();
    int from = 0;
    for (int size : sizes) {
      double mean = 0;
      for (int row = from; row < from + size; row++) {
        mean += values[row] / size;
      }
      for (int row = from; row < from + size; row++) {
        less[row] -= mean;
      }
      from += size;
    }
    return less;
  }
}
