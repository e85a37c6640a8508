package dev.proffer.offline.train;

import dev.proffer.ranker.Calibration;

/**
 * Logistic regression on one number by Newton's method: what turns scores into probabilities (Platt
 * 1999), and the baseline of a task that knows one number only. The slope is kept above a small
 * positive bound, so that a calibration never reorders.
 */
public final class PlattScaling {
  private static final int MOST_STEPS = 50;

  private PlattScaling() {}

  /**
   * Fits slope and intercept.
   *
   * @param weights a weight a row, above 0
   */
  public static Calibration fit(float[] scores, float[] labels, float[] weights) {
    double[] line = line(scores, labels, weights);
    return new Calibration(Math.max(1e-3, line[0]), line[1]);
  }

  /** Slope and intercept of the most likely line; the slope may have either sign. */
  public static double[] line(float[] scores, float[] labels, float[] weights) {
    double slope = 0;
    double intercept = 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      double g0 = 0;
      double g1 = 0;
      double h00 = 1e-9;
      double h01 = 0;
      double h11 = 1e-9;
      for (int row = 0; row < scores.length; row++) {
        double x = scores[row];
        double p = 1 / (1 + Math.exp(-(slope * x + intercept)));
        double r = weights[row] * (labels[row] - p);
        double h = weights[row] * p * (1 - p);
        g0 += r;
        g1 += r * x;
        h00 += h;
        h01 += h * x;
        h11 += h * x * x;
      }
      double determinant = h00 * h11 - h01 * h01;
      double toIntercept = (h11 * g0 - h01 * g1) / determinant;
      double toSlope = (h00 * g1 - h01 * g0) / determinant;
      intercept += toIntercept;
      slope += toSlope;
      if (Math.abs(toSlope) + Math.abs(toIntercept) < 1e-9) {
        break;
      }
    }
    return new double[] {slope, intercept};
  }
}
