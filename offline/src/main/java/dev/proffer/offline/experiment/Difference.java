package dev.proffer.offline.experiment;

import dev.proffer.pipeline.experiments.SequentialTest;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * How a variant's figure differs from the control's. Immutable.
 *
 * @param difference the variant's less the control's
 * @param relative the same as a share of the control's
 * @param low of the confidence interval, good if this is the only look
 * @param pValue two-sided, by Welch's test; good if this is the only look
 * @param alwaysLow of the confidence sequence, good at any number of looks
 * @param alwaysPValue good at any number of looks: the least over all of them holds
 * @param cuped the same less what was known of the units before
 */
public record Difference(
    double difference,
    double relative,
    double low,
    double high,
    double pValue,
    double alwaysLow,
    double alwaysHigh,
    double alwaysPValue,
    Cuped cuped) {

  /**
   * The difference adjusted by what units did before: CUPED (Deng, Xu, Kohavi and Walker,
   * "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data",
   * WSDM 2013), with one coefficient for both arms.
   *
   * @param theta the coefficient of the covariate
   * @param correlation of value and covariate within arms; the variance falls by its square
   * @param varianceReduction by which share it fell
   */
  public record Cuped(
      double theta,
      double correlation,
      double varianceReduction,
      double difference,
      double low,
      double high,
      double pValue,
      double alwaysLow,
      double alwaysHigh,
      double alwaysPValue) {}

  /** The difference of two arms. */
  public static Difference of(Moments control, Moments variant, SequentialTest test) {
    double difference = variant.value() - control.value();
    Test plain =
        Test.of(
            difference,
            control.variance() / control.n(),
            control.n(),
            variant.variance() / variant.n(),
            variant.n(),
            test);
    return new Difference(
        difference,
        difference / control.value(),
        difference - plain.half,
        difference + plain.half,
        plain.pValue,
        difference - plain.alwaysHalf,
        difference + plain.alwaysHalf,
        plain.alwaysPValue,
        adjusted(control, variant, difference, test));
  }

  private static Cuped adjusted(
      Moments control, Moments variant, double difference, SequentialTest test) {
    double together = 0;
    double ofCovariate = 0;
    double ofValue = 0;
    for (Moments arm : new Moments[] {control, variant}) {
      together += (arm.n() - 1) * arm.covariance();
      ofCovariate += (arm.n() - 1) * arm.varianceOfCovariate();
      ofValue += (arm.n() - 1) * arm.variance();
    }
    boolean useless = !(ofCovariate > 0) || !(ofValue > 0);
    double theta = useless ? 0 : together / ofCovariate;
    double correlation = useless ? 0 : together / Math.sqrt(ofCovariate * ofValue);
    double moved = difference - theta * (variant.covariate() - control.covariate());
    double errorOfControl = adjustedVariance(control, theta) / control.n();
    double errorOfVariant = adjustedVariance(variant, theta) / variant.n();
    Test adjusted = Test.of(moved, errorOfControl, control.n(), errorOfVariant, variant.n(), test);
    double before = control.squaredError() + variant.squaredError();
    return new Cuped(
        theta,
        correlation,
        before > 0 ? 1 - (errorOfControl + errorOfVariant) / before : 0,
        moved,
        moved - adjusted.half,
        moved + adjusted.half,
        adjusted.pValue,
        moved - adjusted.alwaysHalf,
        moved + adjusted.alwaysHalf,
        adjusted.alwaysPValue);
  }

  private static double adjustedVariance(Moments arm, double theta) {
    return Math.max(
        0,
        arm.variance() - 2 * theta * arm.covariance() + theta * theta * arm.varianceOfCovariate());
  }

  private record Test(double half, double pValue, double alwaysHalf, double alwaysPValue) {
    static Test of(
        double difference,
        double errorOfControl,
        double ofControl,
        double errorOfVariant,
        double ofVariant,
        SequentialTest test) {
      double variance = errorOfControl + errorOfVariant;
      if (!(variance > 0)) {
        return new Test(Double.NaN, Double.NaN, Double.NaN, 1);
      }
      // Welch and Satterthwaite.
      double degrees =
          variance
              * variance
              / (errorOfControl * errorOfControl / (ofControl - 1)
                  + errorOfVariant * errorOfVariant / (ofVariant - 1));
      TDistribution t = TDistribution.of(degrees);
      double error = Math.sqrt(variance);
      double units = SequentialTest.units(ofControl, ofVariant);
      return new Test(
          -t.inverseCumulativeProbability(test.alpha() / 2) * error,
          2 * t.survivalProbability(Math.abs(difference) / error),
          test.halfWidth(variance, units),
          test.pValue(difference, variance, units));
    }
  }
}
