package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.perf.load.LatencyRecorder;
import dev.proffer.perf.load.Round;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One scenario at one number of connections: the rounds of one or several gateways and those of the
 * bare server that they are read beside.
 */
final class Cell {
  static final String HEADER =
      String.format(
          Locale.ROOT,
          "%-22s %5s %-8s %25s %9s %9s %9s %11s %7s",
          "scenario",
          "conns",
          "",
          "requests/s (min-med-max)",
          "p50 µs",
          "p99 µs",
          "p99.9 µs",
          "CPU µs/req",
          "client");

  private final String scenario;
  private final int connections;
  private final Map<String, Side> ours = new LinkedHashMap<>();
  private final Side bare = new Side();
  private double degraded;

  /** The rounds of one server. */
  static final class Side {
    private final List<Round> rounds = new ArrayList<>();
    private final List<@Nullable Double> cpuMicros = new ArrayList<>();
    private final List<Servers.Behind> behind = new ArrayList<>();

    void add(Round round, @Nullable Long cpuNanos) {
      rounds.add(round);
      cpuMicros.add(
          cpuNanos == null ? null : cpuNanos / 1e3 / Math.max(1, round.latencies().count()));
    }

    /** What the latest round left to be folded. */
    void behind(Servers.Behind left) {
      behind.add(left);
    }

    /** What state was behind after the rounds, and how fast it caught up; "" when it was not. */
    private String behind() {
      double entries = behind.stream().mapToDouble(Servers.Behind::entries).sum();
      double seconds = behind.stream().mapToDouble(Servers.Behind::seconds).sum();
      return entries == 0
          ? ""
          : String.format(
              Locale.ROOT,
              "%,.0f entries behind after a round (mean), folded at %,.0f a second",
              entries / behind.size(),
              entries / seconds);
    }

    private double[] sorted(ToDoubleFunction<Round> figure) {
      return rounds.stream().mapToDouble(figure).sorted().toArray();
    }

    private double cpu() {
      return median(
          cpuMicros.stream()
              .mapToDouble(micros -> micros == null ? Double.NaN : micros)
              .sorted()
              .toArray());
    }

    private LatencyRecorder all() {
      LatencyRecorder all = new LatencyRecorder();
      rounds.forEach(round -> all.add(round.latencies()));
      return all;
    }
  }

  /**
   * A cell without rounds.
   *
   * @param gateways what each of the gateways is called
   */
  Cell(String scenario, int connections, List<String> gateways) {
    this.scenario = scenario;
    this.connections = connections;
    gateways.forEach(name -> ours.put(name, new Side()));
  }

  /** What was asked for. */
  String scenario() {
    return scenario;
  }

  /** The rounds of a gateway. */
  Side ours(String name) {
    return Objects.requireNonNull(ours.get(name), name);
  }

  Side bare() {
    return bare;
  }

  /** Notes answers that something was missing for, such as a lost impression. */
  void degraded(double answers) {
    degraded += answers;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    ours.forEach((name, side) -> lines.add(line(name, side, lines.isEmpty())));
    lines.add(line("bare", bare, false));
    ours.forEach(
        (name, side) -> {
          double[] ratios = ratios(side);
          lines.add(
              String.format(
                  Locale.ROOT,
                  "%-22s %5s %-8s %25s %s",
                  "",
                  "",
                  "ratio",
                  String.format(
                      Locale.ROOT,
                      "%.3f - %.3f - %.3f",
                      ratios[0],
                      median(ratios),
                      ratios[ratios.length - 1]),
                  ours.size() > 1 ? name : ""));
        });
    ours.forEach(
        (name, side) -> {
          if (!side.behind().isEmpty()) {
            lines.add(String.format(Locale.ROOT, "%-28s %-8s %s", "", name, side.behind()));
          }
        });
    if (degraded > 0) {
      lines.add(String.format(Locale.ROOT, "%.0f answers degraded", degraded));
    }
    return lines;
  }

  private String line(String server, Side side, boolean first) {
    double[] rates = side.sorted(Round::perSecond);
    LatencyRecorder all = side.all();
    double cpu = side.cpu();
    return String.format(
        Locale.ROOT,
        "%-22s %5s %-8s %25s %9.0f %9.0f %9.0f %11s %6.0f%%",
        first ? scenario : "",
        first ? String.valueOf(connections) : "",
        server,
        String.format(
            Locale.ROOT, "%,.0f - %,.0f - %,.0f", rates[0], median(rates), rates[rates.length - 1]),
        all.micros(50),
        all.micros(99),
        all.micros(99.9),
        Double.isNaN(cpu) ? "unknown" : String.format(Locale.ROOT, "%.1f", cpu),
        100 * median(side.sorted(Round::clientShare)));
  }

  /** The median of a gateway's requests a second. */
  double perSecond(String name) {
    return median(ours(name).sorted(Round::perSecond));
  }

  /** The median ratio of a gateway to bare. */
  double ratio(String name) {
    return median(ratios(ours(name)));
  }

  /** A gateway's 99th percentile, in microseconds. */
  double p99(String name) {
    return ours(name).all().micros(99);
  }

  /** A gateway to bare in requests a second, by pair of rounds, smallest first. */
  private double[] ratios(Side side) {
    double[] ratios = new double[side.rounds.size()];
    for (int at = 0; at < ratios.length; at++) {
      ratios[at] = side.rounds.get(at).perSecond() / bare.rounds.get(at).perSecond();
    }
    Arrays.sort(ratios);
    return ratios;
  }

  static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  void write(ObjectNode json) {
    json.put("scenario", scenario);
    json.put("connections", connections);
    json.put("degraded", degraded);
    write(json.putObject("bare"), bare);
    ours.forEach(
        (name, side) -> {
          ObjectNode own = json.putObject(name);
          write(own, side);
          spread(own.putObject("ratio"), ratios(side));
        });
  }

  static void spread(ObjectNode json, double[] sorted) {
    json.put("min", sorted[0]);
    json.put("median", median(sorted));
    json.put("max", sorted[sorted.length - 1]);
  }

  private static void write(ObjectNode json, Side side) {
    double[] rates = side.sorted(Round::perSecond);
    spread(json.putObject("requests_per_second"), rates);
    write(json.putObject("latency_us"), side.all());
    number(json, "cpu_us_per_request", side.cpu());
    ArrayNode rounds = json.putArray("rounds");
    for (int at = 0; at < side.rounds.size(); at++) {
      Round round = side.rounds.get(at);
      ObjectNode one = rounds.addObject();
      one.put("requests", round.latencies().count());
      one.put("seconds", round.elapsedNanos() / 1e9);
      one.put("requests_per_second", round.perSecond());
      write(one.putObject("latency_us"), round.latencies());
      Double cpu = side.cpuMicros.get(at);
      number(one, "cpu_us_per_request", cpu == null ? Double.NaN : cpu);
      one.put("client_core_share", round.clientShare());
      if (at < side.behind.size()) {
        one.put("entries_behind", side.behind.get(at).entries());
        one.put("catch_up_seconds", side.behind.get(at).seconds());
      }
    }
  }

  static void write(ObjectNode json, LatencyRecorder latencies) {
    json.put("p50", latencies.micros(50));
    json.put("p99", latencies.micros(99));
    json.put("p99.9", latencies.micros(99.9));
    json.put("max", latencies.maxMicros());
  }

  private static void number(ObjectNode json, String field, double value) {
    if (Double.isNaN(value)) {
      json.putNull(field);
    } else {
      json.put(field, value);
    }
  }
}
