package dev.proffer.pipeline.experiments;

import java.util.List;
import java.util.Map;

/**
 * A question asked of the units of a range of its layer's buckets. Immutable.
 *
 * @param layer the layer's name
 * @param from first bucket of its range
 * @param until the bucket behind its range
 * @param share of the range's units that are in it, from 0 to 1: the ramp
 * @param startMillis when it begins, epoch milliseconds
 * @param endMillis when it is over, exclusive
 * @param variants the control first, unless {@code control} says another
 * @param control the variant that others are held against
 * @param allowed by unit, the variant it sees whatever its bucket: forced, and left out of reports
 */
public record Experiment(
    String name,
    String layer,
    Unit unit,
    Bucketing.Salt salt,
    Bucketing.Salt rampSalt,
    int from,
    int until,
    double share,
    long startMillis,
    long endMillis,
    List<Variant> variants,
    String control,
    Map<String, String> allowed,
    List<Guardrail> guardrails) {

  /** What is assigned as a whole. */
  public enum Unit {
    USER,
    SESSION
  }

  public Experiment {
    variants = List.copyOf(variants);
    allowed = Map.copyOf(allowed);
    guardrails = List.copyOf(guardrails);
  }

  /** Whether it runs at an instant. */
  public boolean runsAt(long millis) {
    return startMillis <= millis && millis < endMillis;
  }

  /** The place of a variant by name; -1 when there is none. */
  public int indexOf(String variant) {
    for (int at = 0; at < variants.size(); at++) {
      if (variants.get(at).name().equals(variant)) {
        return at;
      }
    }
    return -1;
  }

  /** The place of the variant that a point from 0 to 1 falls to, by the weights. */
  int at(double point) {
    double all = 0;
    for (int at = 0; at < variants.size(); at++) {
      all += variants.get(at).weight();
    }
    double upTo = 0;
    for (int at = 0; at < variants.size(); at++) {
      upTo += variants.get(at).weight();
      if (point * all < upTo) {
        return at;
      }
    }
    return variants.size() - 1;
  }

  /** The share of the experiment's units that a variant has. */
  public double shareOf(Variant variant) {
    double all = variants.stream().mapToDouble(Variant::weight).sum();
    return variant.weight() / all;
  }
}
