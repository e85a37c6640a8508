package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.perf.load.LatencyRecorder;
import dev.proffer.perf.load.Round;
import dev.proffer.perf.load.Traffic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench overload}: what is left of the answers when far too many ask. */
@Command(
    name = "overload",
    description = {
      "Measures overload: the most suggestions a second of a closed loop, then several times as many",
      "due from callers who say how long they wait (X-Request-Timeout-Ms) and never come back; what is",
      "answered, how, and how long it takes; and how soon all is as before afterwards."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class OverloadCommand implements Callable<Integer> {
  private static final int CLOSED_CONNECTIONS = 16;
  private static final int PART_MILLIS = 500;
  private static final int PARTS = 30; // until everything is as before, at most
  private static final Duration SLACK = Duration.ofSeconds(60);

  @Mixin private Report report = new Report();
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(names = "--times", paramLabel = "N", description = "Times as many, 1 to 100.")
  private int times = 10;

  @Option(names = "--seconds", paramLabel = "N", description = "How long, 1 to 600.")
  private int seconds = 60;

  @Option(
      names = "--deadline-ms",
      paramLabel = "N",
      description = "How long a caller waits, 1 to 10000.")
  private int deadlineMillis = 100;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections of the callers, 1 to 10000; who finds none free goes away.")
  private int connections = 1_000;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Seconds of load beforehand, 0 to 300.")
  private int warmUp = 10;

  @Option(
      names = "--quick",
      hidden = true,
      description = "A second of it, to see that it works; no figures to keep.")
  private boolean quick;

  /** What the gateway says that it answered, by who answered. */
  private record Answered(double model, double rules) {
    Answered since(Answered before) {
      return new Answered(model - before.model, rules - before.rules);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (quick) {
      seconds = 1;
      warmUp = 0;
    }
    report.bounded("--times", times, 1, 100);
    report.bounded("--seconds", seconds, 1, 600);
    report.bounded("--deadline-ms", deadlineMillis, 1, 10_000);
    report.bounded("--connections", connections, 1, 10_000);
    report.bounded("--warm-up", warmUp, 0, 300);
    home.check();
    try (Resources resources = new Resources()) {
      measure(resources);
    }
    return 0;
  }

  private void measure(Resources resources) throws IOException {
    Machine machine = Machine.look();
    report.begin(machine);
    Path directory = resources.directory();
    Home copy = home.copy(directory);
    Servers servers = new Servers(Programs.root(), directory, machine, resources);
    Servers.Running gateway =
        servers.gateway(
            "gateway", copy.directory(), home.configs(directory), home.gatewayJavaOptions());
    Child load = servers.load();
    Path bodies = directory.resolve("bodies");
    Files.write(bodies, copy.foundBodies(), StandardCharsets.UTF_8);

    Traffic closed = Traffic.closed("/suggest", bodies, CLOSED_CONNECTIONS, 200);
    if (warmUp > 0) {
      round(load, gateway, closed, warmUp * 1_000L);
    }
    double most = most(load, gateway, closed);
    Traffic half =
        Traffic.open("/suggest", bodies, connections, (int) Math.max(1, most / 2), 200)
            .impatient(deadlineMillis);
    Round calm = round(load, gateway, half, quick ? PART_MILLIS : 10_000);
    LatencyRecorder before = calm.latencies();
    report.say("");
    report.say("saturation: %,.0f requests/s over %d connections", most, CLOSED_CONNECTIONS);
    report.say(
        "at half of it: p50 %,.0f µs, p99 %,.0f µs, %d refused",
        before.micros(50), before.micros(99), calm.others());

    Traffic many =
        Traffic.open("/suggest", bodies, connections, (int) (most * times), 200)
            .impatient(deadlineMillis);
    Answered counted = answered(servers, gateway);
    Round round = round(load, gateway, many, seconds * 1_000L);
    List<Round> parts = parts(load, gateway, half);
    Answered answered = answered(servers, gateway).since(counted);
    say(most, round, answered, before, parts);
    report.write();
  }

  private double most(Child load, Servers.Running gateway, Traffic closed) {
    List<Double> rates = new ArrayList<>();
    for (int at = 0; at < (quick ? 1 : 5); at++) {
      rates.add(round(load, gateway, closed, quick ? PART_MILLIS : 3_000).perSecond());
    }
    return Cell.median(rates.stream().mapToDouble(Double::doubleValue).sorted().toArray());
  }

  /** Half of the most, in parts, until all is as before for five parts. */
  private List<Round> parts(Child load, Servers.Running gateway, Traffic half) {
    List<Round> parts = new ArrayList<>();
    for (int at = 0; at < (quick ? 2 : PARTS); at++) {
      parts.add(round(load, gateway, half, PART_MILLIS));
    }
    return parts;
  }

  private void say(
      double most, Round round, Answered answered, LatencyRecorder before, List<Round> parts) {
    double sent = round.latencies().count() + round.others();
    double elapsed = round.elapsedNanos() / 1e9;
    double good = round.perSecond();
    LatencyRecorder accepted = round.latencies();
    report.say("");
    report.say(
        "%d times as many for %d s: %,.0f due a second, %,.0f sent (the others found none of %,d"
            + " connections free)",
        times, seconds, most * times, sent / elapsed, connections);
    report.say(
        "answered with propositions: %,.0f a second, %.2f of saturation (aim 0.90); refused: %,.0f a"
            + " second",
        good, good / most, round.others() / elapsed);
    report.say(
        "in both phases the model answered %,.0f, the rules %,.0f",
        answered.model(), answered.rules());
    report.say(
        "of those answered: p50 %,.1f ms, p99 %,.1f ms, p99.9 %,.1f ms (deadline %d)",
        accepted.micros(50) / 1e3,
        accepted.micros(99) / 1e3,
        accepted.micros(99.9) / 1e3,
        deadlineMillis);
    int well = recovered(before, parts);
    report.say(
        well < 0
            ? "half of saturation afterwards: not as before within "
                + parts.size() * PART_MILLIS / 1_000
                + " s"
            : "half of saturation afterwards: as before after "
                + well * PART_MILLIS / 1e3
                + " s (aim 5): no refusal, p99 at most twice what it was");
    ObjectNode json = report.json();
    json.put("saturation_per_second", most);
    json.put("times", times);
    json.put("seconds", seconds);
    json.put("deadline_ms", deadlineMillis);
    json.put("connections", connections);
    json.put("sent_per_second", sent / elapsed);
    json.put("goodput_per_second", good);
    json.put("goodput_of_saturation", good / most);
    json.put("refused_per_second", round.others() / elapsed);
    json.put("answered_by_model", answered.model());
    json.put("answered_by_rules", answered.rules());
    Cell.write(json.putObject("latency_us"), accepted);
    Cell.write(json.putObject("before_latency_us"), before);
    json.put("recovery_seconds", well < 0 ? Double.NaN : well * PART_MILLIS / 1e3);
    ArrayNode after = json.putArray("afterwards_by_half_second");
    for (Round part : parts) {
      ObjectNode one = after.addObject();
      one.put("refused", part.others());
      Cell.write(one.putObject("latency_us"), part.latencies());
    }
  }

  /** The first part from which on four of five are as before; -1 for none. */
  private static int recovered(LatencyRecorder before, List<Round> parts) {
    double bound = 2 * before.micros(99);
    for (int from = 0; from < parts.size(); from++) {
      List<Round> next = parts.subList(from, Math.min(from + 5, parts.size()));
      long well =
          next.stream()
              .filter(part -> part.others() == 0 && part.latencies().micros(99) <= bound)
              .count();
      if (well >= Math.min(4, next.size())) {
        return from;
      }
    }
    return -1;
  }

  private static Answered answered(Servers servers, Servers.Running gateway) throws IOException {
    return new Answered(
        servers.sum(gateway, line -> servedBy(line, "ml_ranker")),
        servers.sum(gateway, line -> servedBy(line, "rule_based")));
  }

  private static boolean servedBy(String line, String rung) {
    return line.startsWith("proffer_suggestions_total") && line.contains('"' + rung + '"');
  }

  private static Round round(Child load, Servers.Running gateway, Traffic traffic, long millis) {
    load.say(Traffic.order(gateway.port(), millis, traffic));
    return Round.of(load.await("round ", Duration.ofMillis(millis).plus(SLACK))).get(0);
  }
}
