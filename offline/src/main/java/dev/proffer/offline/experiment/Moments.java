package dev.proffer.offline.experiment;

/**
 * The sums over an arm's units that all its figures need: of a numerator {@code y}, a denominator
 * {@code x} (1 for a mean) and a covariate {@code z} from before the experiment. Immutable.
 *
 * <p>A ratio of sums is treated as the mean of its linearization per unit, {@code (y - r x) / mean
 * x}: the delta method (Deng, Knoblich and Lu, "Applying the delta method in metric analytics", KDD
 * 2018). So the unit that was randomized is the unit of analysis.
 *
 * @param n how many units
 */
public record Moments(
    double n,
    double y,
    double x,
    double yy,
    double xx,
    double xy,
    double z,
    double zz,
    double yz,
    double xz) {

  /** The figure: NaN of nothing. */
  public double value() {
    return x == 0 ? Double.NaN : y / x;
  }

  /** The variance of one unit's linearized value. */
  public double variance() {
    double ratio = value();
    double mean = x / n;
    return Math.max(0, yy - 2 * ratio * xy + ratio * ratio * xx) / (n - 1) / (mean * mean);
  }

  /** The variance of the figure. */
  public double squaredError() {
    return variance() / n;
  }

  /** The mean of the covariate. */
  double covariate() {
    return z / n;
  }

  /** The variance of the covariate. */
  double varianceOfCovariate() {
    return Math.max(0, zz - z * z / n) / (n - 1);
  }

  /** The covariance of a unit's linearized value and its covariate. */
  double covariance() {
    return (yz - value() * xz) / (x / n) / (n - 1);
  }
}
