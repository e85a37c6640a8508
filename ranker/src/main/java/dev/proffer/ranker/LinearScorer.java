package dev.proffer.ranker;

/**
 * A weighted sum and an intercept: logistic regression before its link. A missing feature (NaN)
 * counts as 0.
 */
public final class LinearScorer implements Scorer {
  private final float[] weights;
  private final float intercept;

  public LinearScorer(float[] weights, float intercept) {
    this.weights = weights.clone();
    this.intercept = intercept;
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    int at = 0;
    for (int row = 0; row < count; row++) {
      double sum = intercept;
      for (float weight : weights) {
        float value = rows[at++];
        sum += !Float.isNaN(value) ? (double) weight * value : 0;
      }
      scores[row] = (float) sum;
    }
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    int at = row * weights.length;
    for (int feature = 0; feature < weights.length; feature++) {
      float value = rows[at + feature];
      contributions[feature] += !Float.isNaN(value) ? weights[feature] * value : 0;
    }
  }

  @Override
  public float baseline() {
    return intercept;
  }

  @Override
  public int width() {
    return weights.length;
  }
}
