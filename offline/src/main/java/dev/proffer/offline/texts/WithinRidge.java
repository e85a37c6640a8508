package dev.proffer.offline.texts;

import java.util.List;

/**
 * Weighted ridge regression of a target on sparse vectors, both less their means over a group: it
 * learns from differences within groups alone ("within" or fixed-effects regression). The weights
 * {@code b} minimise {@code sum w (y - x b)^2 + penalty |b|^2}. Solved by conjugate gradients on
 * the normal equations, without building a matrix.
 */
final class WithinRidge {
  private static final int MOST_STEPS = 200;
  private static final double ENOUGH = 1e-5;

  private final List<Ngrams.Vector> rows;
  private final int[] sizes;
  private final int width;
  private final double[] weights;

  private WithinRidge(List<Ngrams.Vector> rows, int[] sizes, int width, double[] weights) {
    this.rows = rows;
    this.sizes = sizes;
    this.width = width;
    this.weights = weights;
  }

  /**
   * Fits.
   *
   * @param sizes how many rows each group has, in their order
   * @param width columns of the vectors
   * @param targets a row each; their means over groups are taken off
   * @param weights a row each, above 0
   */
  static double[] fit(
      List<Ngrams.Vector> rows,
      int[] sizes,
      int width,
      double[] targets,
      double[] weights,
      double penalty) {
    return new WithinRidge(rows, sizes, width, weights).solve(targets, penalty);
  }

  private double[] solve(double[] targets, double penalty) {
    double[] centred = targets.clone();
    centre(centred);
    double[] solution = new double[width];
    double[] residual = transposed(centred);
    double[] direction = residual.clone();
    double squared = dot(residual, residual);
    double goal = ENOUGH * ENOUGH * squared;
    for (int step = 0; step < MOST_STEPS && squared > goal; step++) {
      double[] product = times(direction);
      centre(product);
      double[] image = transposed(product);
      for (int column = 0; column < width; column++) {
        image[column] += penalty * direction[column];
      }
      double length = squared / dot(direction, image);
      for (int column = 0; column < width; column++) {
        solution[column] += length * direction[column];
        residual[column] -= length * image[column];
      }
      double next = dot(residual, residual);
      for (int column = 0; column < width; column++) {
        direction[column] = residual[column] + next / squared * direction[column];
      }
      squared = next;
    }
    return solution;
  }

  /** The score of one vector. */
  static double score(Ngrams.Vector row, double[] solution) {
    double sum = 0;
    for (int at = 0; at < row.columns().length; at++) {
      sum += row.values()[at] * solution[row.columns()[at]];
    }
    return sum;
  }

  private double[] times(double[] solution) {
    double[] product = new double[rows.size()];
    for (int row = 0; row < product.length; row++) {
      product[row] = score(rows.get(row), solution);
    }
    return product;
  }

  /** Centred columns, transposed, times weighted values. */
  private double[] transposed(double[] values) {
    double[] weighted = new double[values.length];
    for (int row = 0; row < values.length; row++) {
      weighted[row] = weights[row] * values[row];
    }
    centre(weighted);
    double[] product = new double[width];
    for (int row = 0; row < weighted.length; row++) {
      Ngrams.Vector vector = rows.get(row);
      for (int at = 0; at < vector.columns().length; at++) {
        product[vector.columns()[at]] += vector.values()[at] * weighted[row];
      }
    }
    return product;
  }

  private void centre(double[] values) {
    int from = 0;
    for (int size : sizes) {
      double sum = 0;
      for (int row = from; row < from + size; row++) {
        sum += values[row];
      }
      for (int row = from; row < from + size; row++) {
        values[row] -= sum / size;
      }
      from += size;
    }
  }

  private static double dot(double[] one, double[] two) {
    double sum = 0;
    for (int at = 0; at < one.length; at++) {
      sum += one[at] * two[at];
    }
    return sum;
  }
}
