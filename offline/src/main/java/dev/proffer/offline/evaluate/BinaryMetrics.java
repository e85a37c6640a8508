package dev.proffer.offline.evaluate;

import java.util.Arrays;

/** Figures of predicted probabilities against what came true. */
public final class BinaryMetrics {
  private static final int BINS = 10;
  private static final double LEAST = 1e-12;

  private final float[] probabilities;
  private final boolean[] labels;

  /**
   * Figures over all rows.
   *
   * @param probabilities between 0 and 1, as many as labels
   */
  public BinaryMetrics(float[] probabilities, boolean[] labels) {
    this.probabilities = probabilities.clone();
    this.labels = labels.clone();
  }

  public int count() {
    return labels.length;
  }

  /** The share of yes. */
  public double baseRate() {
    int yes = 0;
    for (boolean label : labels) {
      yes += label ? 1 : 0;
    }
    return labels.length == 0 ? 0 : (double) yes / labels.length;
  }

  /**
   * The area under the ROC curve, ties at half (Mann and Whitney); NaN when all labels are equal.
   */
  public double auc() {
    long[] keys = new long[labels.length];
    for (int row = 0; row < keys.length; row++) {
      keys[row] = ((long) Float.floatToIntBits(probabilities[row]) << 32) | row;
    }
    Arrays.sort(keys);
    double rankSum = 0;
    double yes = 0;
    for (int from = 0; from < keys.length; ) {
      int to = from;
      while (to < keys.length && keys[to] >> 32 == keys[from] >> 32) {
        to++;
      }
      double rank = (from + to + 1) / 2.0;
      for (int at = from; at < to; at++) {
        if (labels[(int) keys[at]]) {
          rankSum += rank;
          yes++;
        }
      }
      from = to;
    }
    double no = labels.length - yes;
    return yes == 0 || no == 0 ? Double.NaN : (rankSum - yes * (yes + 1) / 2) / (yes * no);
  }

  /** The mean negative log-likelihood, natural logarithm. */
  public double logLoss() {
    double sum = 0;
    for (int row = 0; row < labels.length; row++) {
      double p = Math.min(1 - LEAST, Math.max(LEAST, probabilities[row]));
      sum -= Math.log(labels[row] ? p : 1 - p);
    }
    return labels.length == 0 ? 0 : sum / labels.length;
  }

  /**
   * The expected calibration error over ten bins of equal width: the mean distance of a bin's
   * predicted from its true rate, weighted by rows (Guo et al. 2017).
   */
  public double calibrationError() {
    double[] predicted = new double[BINS];
    double[] came = new double[BINS];
    for (int row = 0; row < labels.length; row++) {
      int bin = (int) Math.min(BINS - 1, probabilities[row] * BINS);
      predicted[bin] += probabilities[row];
      came[bin] += labels[row] ? 1 : 0;
    }
    double error = 0;
    for (int bin = 0; bin < BINS; bin++) {
      error += Math.abs(predicted[bin] - came[bin]);
    }
    return labels.length == 0 ? 0 : error / labels.length;
  }
}
