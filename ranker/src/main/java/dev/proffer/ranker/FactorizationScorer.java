package dev.proffer.ranker;

/**
 * A factorization machine of degree two for yes and no (Rendle, "Factorization Machines", ICDM
 * 2010): a weighted sum, and for every pair of features the product of their values and of their
 * factors, summed in time linear in the features. A missing feature (NaN) counts as 0. Immutable.
 *
 * <p>Contributions are Shapley values against a row of zeros: a pair's part goes to its two
 * features in halves.
 */
public final class FactorizationScorer implements Scorer {
  private final LinearScorer linear;
  private final double[][] yes;
  private final double[][] no;

  /**
   * Weights and intercept of yes less those of no, and the factors of either: one row a factor, one
   * column a feature.
   */
  public FactorizationScorer(double[] weights, double intercept, double[][] yes, double[][] no) {
    linear = new LinearScorer(weights, intercept);
    this.yes = copy(yes);
    this.no = copy(no);
  }

  private static double[][] copy(double[][] factors) {
    double[][] copy = new double[factors.length][];
    for (int factor = 0; factor < copy.length; factor++) {
      copy[factor] = factors[factor].clone();
    }
    return copy;
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    for (int row = 0; row < count; row++) {
      int from = row * width();
      scores[row] =
          (float) (linear.score(rows, from) + (pairs(yes, rows, from) - pairs(no, rows, from)) / 2);
    }
  }

  /** Twice the sum over pairs: the square of the sum, less the sum of the squares. */
  private static double pairs(double[][] factors, float[] rows, int from) {
    double sum = 0;
    for (double[] factor : factors) {
      double all = 0;
      double squares = 0;
      for (int feature = 0; feature < factor.length; feature++) {
        double part = factor[feature] * LinearScorer.known(rows[from + feature]);
        all += part;
        squares += part * part;
      }
      sum += all * all - squares;
    }
    return sum;
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    linear.contribute(rows, row, contributions);
    contribute(yes, rows, row * width(), 0.5, contributions);
    contribute(no, rows, row * width(), -0.5, contributions);
  }

  private static void contribute(
      double[][] factors, float[] rows, int from, double scale, float[] contributions) {
    for (double[] factor : factors) {
      double all = 0;
      for (int feature = 0; feature < factor.length; feature++) {
        all += factor[feature] * LinearScorer.known(rows[from + feature]);
      }
      for (int feature = 0; feature < factor.length; feature++) {
        double part = factor[feature] * LinearScorer.known(rows[from + feature]);
        contributions[feature] += (float) (scale * part * (all - part));
      }
    }
  }

  @Override
  public float baseline() {
    return linear.baseline();
  }

  @Override
  public int width() {
    return linear.width();
  }
}
