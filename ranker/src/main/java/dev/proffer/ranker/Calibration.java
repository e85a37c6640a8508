package dev.proffer.ranker;

/**
 * Turns scores into probabilities: {@code 1 / (1 + exp(-(slope * score + intercept)))}, fitted on
 * rows no tree has seen (Platt, "Probabilistic outputs for support vector machines", 1999).
 * Monotone, so it never reorders.
 *
 * @param slope above 0
 */
public record Calibration(double slope, double intercept) {
  /** The logistic function of the score itself. */
  public static final Calibration NONE = new Calibration(1, 0);

  public Calibration {
    if (!(slope > 0) || !Double.isFinite(slope) || !Double.isFinite(intercept)) {
      throw new IllegalArgumentException(
          "slope=" + slope + " intercept=" + intercept + ", expected a slope above 0");
    }
  }

  /** The probability, strictly between 0 and 1 for finite scores of ordinary size. */
  public float probability(float score) {
    return (float) (1 / (1 + Math.exp(-(slope * score + intercept))));
  }
}
