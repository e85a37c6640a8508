package dev.proffer.ranker;

/**
 * A weighted sum and an intercept: linear regression, or logistic regression before its link. A
 * missing feature (NaN) counts as 0. Immutable.
 */
public final class LinearScorer implements Scorer {
  private final double[] weights;
  private final double intercept;

  public LinearScorer(double[] weights, double intercept) {
    this.weights = weights.clone();
    this.intercept = intercept;
  }

  /** The same of weights in single precision. */
  public LinearScorer(float[] weights, float intercept) {
    this.weights = new double[weights.length];
    for (int feature = 0; feature < weights.length; feature++) {
      this.weights[feature] = weights[feature];
    }
    this.intercept = intercept;
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    int width = weights.length;
    int row = 0;
    // Four rows side by side: each is a chain of additions that wait for each other.
    for (; row + 4 <= count; row += 4) {
      int at = row * width;
      double s0 = intercept;
      double s1 = intercept;
      double s2 = intercept;
      double s3 = intercept;
      for (int feature = 0; feature < width; feature++) {
        double weight = weights[feature];
        s0 += weight * known(rows[at + feature]);
        s1 += weight * known(rows[at + width + feature]);
        s2 += weight * known(rows[at + 2 * width + feature]);
        s3 += weight * known(rows[at + 3 * width + feature]);
      }
      scores[row] = (float) s0;
      scores[row + 1] = (float) s1;
      scores[row + 2] = (float) s2;
      scores[row + 3] = (float) s3;
    }
    for (; row < count; row++) {
      scores[row] = (float) score(rows, row * width);
    }
  }

  /** The score of the row that begins at {@code from}, before it is rounded. */
  double score(float[] rows, int from) {
    double sum = intercept;
    for (int feature = 0; feature < weights.length; feature++) {
      sum += weights[feature] * known(rows[from + feature]);
    }
    return sum;
  }

  /** The value, or 0 when it is missing. */
  static float known(float value) {
    return Float.isNaN(value) ? 0 : value;
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    int at = row * weights.length;
    for (int feature = 0; feature < weights.length; feature++) {
      contributions[feature] += (float) (weights[feature] * known(rows[at + feature]));
    }
  }

  @Override
  public float baseline() {
    return (float) intercept;
  }

  @Override
  public int width() {
    return weights.length;
  }
}
