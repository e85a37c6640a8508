package dev.proffer.pipeline.experiments;

import dev.proffer.events.Impression;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sums of every arm since this process began. Safe to share: the log's thread adds, whoever
 * wants figures takes a copy; either waits for the other for microseconds, so not for an event
 * loop. Units that an allow-list forced and variants that are stopped are not counted.
 */
public final class Tallies {
  private static final double NANOS_A_MILLI = 1e6;

  private final Map<String, Tally> byVariant = new TreeMap<>();

  /** An answer was given. */
  public synchronized void answered(Impression impression, List<Arm.Logged> arm, int group) {
    for (Arm.Logged part : arm) {
      if (counts(part)) {
        Tally tally = of(part);
        tally.add(Tally.Sum.ANSWERS, group, 1);
        tally.add(Tally.Sum.PROPOSITIONS, group, impression.shown().size());
        tally.add(Tally.Sum.DEGRADED, group, impression.degraded().isEmpty() ? 0 : 1);
        tally.add(Tally.Sum.MILLIS, group, Math.max(0, impression.tookNanos()) / NANOS_A_MILLI);
      }
    }
  }

  /** A click answered an answer of that arm, and was the {@code first} to. */
  public synchronized void clicked(List<Arm.Logged> arm, int group, boolean first) {
    for (Arm.Logged part : arm) {
      if (counts(part)) {
        of(part).add(Tally.Sum.CLICKS, group, 1);
        of(part).add(Tally.Sum.ACCEPTED, group, first ? 1 : 0);
      }
    }
  }

  /** A conversion answered an answer of that arm. */
  public synchronized void converted(List<Arm.Logged> arm, int group, double value) {
    for (Arm.Logged part : arm) {
      if (counts(part)) {
        of(part).add(Tally.Sum.CONVERSIONS, group, 1);
        of(part).add(Tally.Sum.VALUE, group, value);
      }
    }
  }

  private static boolean counts(Arm.Logged part) {
    return !part.forced() && !part.stopped();
  }

  private Tally of(Arm.Logged part) {
    return byVariant.computeIfAbsent(part.experiment() + ":" + part.variant(), word -> new Tally());
  }

  /** A copy of a variant's sums; of one that nobody saw, zeroes. */
  public synchronized Tally of(String experiment, String variant) {
    Tally tally = byVariant.get(experiment + ":" + variant);
    return tally == null ? new Tally() : tally.copy();
  }
}
