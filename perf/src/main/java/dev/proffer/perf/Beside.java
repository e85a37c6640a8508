package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.perf.load.LatencyRecorder;
import dev.proffer.perf.load.Round;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Suggestions at a fixed rate while intake runs at full speed on the same gateway, beside the same
 * suggestions alone, in turns.
 */
final class Beside {
  private final String durability;
  private final String intake;
  private final int eventsARequest;
  private final List<Round> alone = new ArrayList<>();
  private final List<Round> beside = new ArrayList<>();
  private final List<Round> events = new ArrayList<>();

  /**
   * Without rounds.
   *
   * @param intake what intake takes meanwhile
   */
  Beside(String durability, String intake, int eventsARequest) {
    this.durability = durability;
    this.intake = intake;
    this.eventsARequest = eventsARequest;
  }

  /** What stands over the lines, of which the first column is called so. */
  static String header(String measured) {
    return String.format(
        Locale.ROOT,
        "%-40s %9s %9s %9s %14s %23s",
        measured,
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "intake/s",
        "p99 ratio (min-med-max)");
  }

  /** Adds a pair of rounds, and what intake took in the second. */
  void add(Round suggestionsAlone, Round suggestionsBeside, Round taken) {
    alone.add(suggestionsAlone);
    beside.add(suggestionsBeside);
    events.add(taken);
  }

  List<String> lines() {
    double[] ratios = ratios();
    return List.of(
        line(durability + ", alone", all(alone), "", ""),
        line(
            durability + ", beside " + intake,
            all(beside),
            String.format(Locale.ROOT, "%,.0f", eventsPerSecond()),
            String.format(
                Locale.ROOT, "%.2f - %.2f - %.2f", ratios[0], ratio(), ratios[ratios.length - 1])));
  }

  private static String line(String words, LatencyRecorder latencies, String rate, String ratio) {
    return String.format(
        Locale.ROOT,
        "%-40s %9.0f %9.0f %9.0f %14s %23s",
        words,
        latencies.micros(50),
        latencies.micros(99),
        latencies.micros(99.9),
        rate,
        ratio);
  }

  /** The median over the pairs of rounds of how many times the 99th percentile became. */
  double ratio() {
    return Cell.median(ratios());
  }

  /** What it says in a line of its own. */
  String words() {
    return durability + ", beside " + intake;
  }

  private double[] ratios() {
    double[] ratios = new double[alone.size()];
    for (int at = 0; at < ratios.length; at++) {
      ratios[at] = beside.get(at).latencies().micros(99) / alone.get(at).latencies().micros(99);
    }
    Arrays.sort(ratios);
    return ratios;
  }

  private double eventsPerSecond() {
    return eventsARequest
        * Cell.median(events.stream().mapToDouble(Round::perSecond).sorted().toArray());
  }

  private static LatencyRecorder all(List<Round> rounds) {
    LatencyRecorder all = new LatencyRecorder();
    rounds.forEach(round -> all.add(round.latencies()));
    return all;
  }

  void write(ObjectNode json) {
    json.put("durability", durability);
    json.put("intake", intake);
    Cell.write(json.putObject("alone_latency_us"), all(alone));
    Cell.write(json.putObject("beside_latency_us"), all(beside));
    json.put("events_per_second", eventsPerSecond());
    Cell.spread(json.putObject("p99_ratio"), ratios());
  }
}
