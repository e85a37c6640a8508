package dev.proffer.pipeline.experiments;

import dev.proffer.events.Hash64;
import dev.proffer.pipeline.experiments.Guardrail.Metric;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Running sums of one arm, in groups of users: a user is in one group with everything they do, so
 * groups are independent of each other where a user's answers are not, and the spread between them
 * tells how sure a figure is. Not thread-safe; see {@link Tallies}.
 *
 * <p>The variance of a ratio of sums is that of the delta method over groups (Deng, Knoblich and
 * Lu, "Applying the delta method in metric analytics", KDD 2018).
 */
public final class Tally {
  /** How many groups there are. */
  public static final int GROUPS = 128;

  /** What is summed. */
  enum Sum {
    ANSWERS,
    PROPOSITIONS,
    CLICKS,
    ACCEPTED,
    CONVERSIONS,
    VALUE,
    DEGRADED,
    MILLIS
  }

  private final Map<Sum, double[]> sums = new EnumMap<>(Sum.class);

  /**
   * A figure and how sure it is.
   *
   * @param value NaN of nothing
   * @param variance of the value
   * @param answers it is of
   */
  public record Figure(double value, double variance, double answers) {}

  /** An arm that nobody saw. */
  Tally() {
    for (Sum sum : Sum.values()) {
      sums.put(sum, new double[GROUPS]);
    }
  }

  private double[] parts(Sum sum) {
    return Objects.requireNonNull(sums.get(sum));
  }

  /** The group of a user. */
  public static int group(String userId) {
    return (int) (Hash64.of(userId) >>> 40) & (GROUPS - 1);
  }

  /** Adds to a sum. */
  void add(Sum sum, int group, double amount) {
    parts(sum)[group] += amount;
  }

  /** A sum over all groups. */
  double total(Sum sum) {
    double total = 0;
    for (double part : parts(sum)) {
      total += part;
    }
    return total;
  }

  /** A figure of the arm. */
  public Figure figure(Metric metric) {
    return switch (metric) {
      case CTR -> ratio(Sum.CLICKS, Sum.PROPOSITIONS, true);
      case ACCEPTANCE -> ratio(Sum.ACCEPTED, Sum.ANSWERS, true);
      case CONVERSIONS -> ratio(Sum.CONVERSIONS, Sum.ANSWERS, true);
      case VALUE -> ratio(Sum.VALUE, Sum.ANSWERS, false);
      case DEGRADED -> ratio(Sum.DEGRADED, Sum.ANSWERS, true);
      case LATENCY -> ratio(Sum.MILLIS, Sum.ANSWERS, false);
    };
  }

  /**
   * A ratio of sums.
   *
   * @param share whether it is a share: then it is at most as sure as that of as many independent
   *     trials, by the rule of succession, so that none or all of them is no certainty
   */
  private Figure ratio(Sum above, Sum below, boolean share) {
    double denominator = total(below);
    double answers = total(Sum.ANSWERS);
    if (denominator == 0) {
      return new Figure(Double.NaN, Double.NaN, answers);
    }
    double value = total(above) / denominator;
    double squares = 0;
    for (int group = 0; group < GROUPS; group++) {
      double off = parts(above)[group] - value * parts(below)[group];
      squares += off * off;
    }
    double variance = squares * GROUPS / (GROUPS - 1) / (denominator * denominator);
    double least = Math.min(1, (total(above) + 1) / (denominator + 2));
    return new Figure(
        value, share ? Math.max(variance, least * (1 - least) / denominator) : variance, answers);
  }

  /** The same sums, apart from these. */
  Tally copy() {
    Tally copy = new Tally();
    sums.forEach((sum, parts) -> copy.sums.put(sum, parts.clone()));
    return copy;
  }

  /** How many answers the arm gave. */
  public long answers() {
    return Math.round(total(Sum.ANSWERS));
  }

  /** How many propositions it showed. */
  public long propositions() {
    return Math.round(total(Sum.PROPOSITIONS));
  }

  /** How many clicks answered it. */
  public long clicks() {
    return Math.round(total(Sum.CLICKS));
  }

  /** How many answers at least one click answered. */
  public long accepted() {
    return Math.round(total(Sum.ACCEPTED));
  }

  /** How many conversions answered it. */
  public long conversions() {
    return Math.round(total(Sum.CONVERSIONS));
  }

  /** The value of those. */
  public double value() {
    return total(Sum.VALUE);
  }

  /** How many answers something was missing for. */
  public long degraded() {
    return Math.round(total(Sum.DEGRADED));
  }
}
