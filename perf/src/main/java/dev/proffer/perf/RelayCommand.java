package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.fixtures.KafkaBroker;
import dev.proffer.offline.Settings;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench relay}; the method is in {@code docs/perf/intake.md}. */
@Command(
    name = "relay",
    description = {
      "Measures how fast the relay catches up after Kafka was gone, and intake before, during and",
      "after the outage, at a fixed rate. A real broker is killed and started again. Works on a copy",
      "of the home."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class RelayCommand implements Callable<Integer> {
  private static final Duration SLACK = Duration.ofSeconds(60);
  private static final Duration CATCH_UP = Duration.ofMinutes(20);
  private static final int ROUND_MILLIS = 2_000;
  private static final int BODIES = 20_000;
  private static final int CONNECTIONS = 16;
  private static final String RELAYED = "proffer_relay_relayed_total";
  private static final String BEHIND = "proffer_relay_behind";

  @Mixin private Report report = new Report();

  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(
      names = "--outage-minutes",
      paramLabel = "M",
      description = "How long the broker is gone; a fraction will do. 0.05 to 120.")
  private double outageMinutes = 5;

  @Option(
      names = "--events-per-second",
      paramLabel = "R",
      description = "What intake takes throughout, 1 to 50000.")
  private int eventsPerSecond = 2_000;

  @Option(
      names = "--before-seconds",
      paramLabel = "N",
      description = "How long intake is measured before the outage, 2 to 600.")
  private int beforeSeconds = 30;

  /** Intake while the relay was in one condition. */
  private static final class Phase {
    private final String words;
    private final List<Round> rounds = new ArrayList<>();

    Phase(String words) {
      this.words = words;
    }

    LatencyRecorder latencies() {
      LatencyRecorder all = new LatencyRecorder();
      rounds.forEach(round -> all.add(round.latencies()));
      return all;
    }

    double perSecond() {
      double nanos = rounds.stream().mapToDouble(Round::elapsedNanos).sum();
      return nanos == 0 ? 0 : latencies().count() * 1e9 / nanos;
    }
  }

  @Override
  public Integer call() throws IOException {
    report.bounded("--outage-minutes", outageMinutes, 0.05, 120);
    report.bounded("--events-per-second", eventsPerSecond, 1, 50_000);
    report.bounded("--before-seconds", beforeSeconds, 2, 600);
    Home.champion(home);
    try (Resources resources = new Resources()) {
      return measure(resources);
    }
  }

  private int measure(Resources resources) throws IOException {
    Machine machine = Machine.look();
    report.begin(machine);
    Path directory = resources.directory();
    Home copy = Home.copy(home, directory.resolve("home"), Settings.read(config));
    KafkaBroker broker =
        resources.add(KafkaBroker.in(directory.resolve("kafka")).heapMebibytes(512).start());
    Servers servers = new Servers(Programs.root(), directory, machine, resources);
    Servers.Running gateway =
        servers.gateway(
            "gateway",
            copy.directory(),
            ConfigCopy.of(config, directory.resolve("configs"))
                .set("kafka.yaml", "bootstrap-servers", "\"" + broker.bootstrapServers() + "\""),
            List.of());
    Child client = servers.load();
    Path bodies = directory.resolve("bodies");
    Files.write(bodies, new Clicks(copy.history().events()).single(BODIES), StandardCharsets.UTF_8);
    Traffic events = Traffic.open("/log_event", bodies, CONNECTIONS, eventsPerSecond, 202);

    awaitRelayed(servers, gateway);
    for (int at = 0; at < 5; at++) {
      round(client, gateway, events);
    }
    Phase before = new Phase("before, the relay up to date");
    Phase during = new Phase("during the outage");
    Phase after = new Phase("while the relay catches up");
    last(before, beforeSeconds, client, gateway, events);
    broker.kill();
    last(during, outageMinutes * 60, client, gateway, events);
    double left = behind(servers, gateway);
    double relayed = servers.sum(gateway, line -> line.startsWith(RELAYED));
    long back = System.nanoTime();
    broker.start();
    long answers = System.nanoTime();
    long caughtUp;
    do {
      after.rounds.add(round(client, gateway, events));
      caughtUp = System.nanoTime();
      if (caughtUp - back > CATCH_UP.toNanos()) {
        throw new Failed("the relay did not catch up within " + CATCH_UP.toMinutes() + " minutes");
      }
    } while (behind(servers, gateway) > 1.5 * eventsPerSecond);
    double sent = servers.sum(gateway, line -> line.startsWith(RELAYED)) - relayed;
    double seconds = (caughtUp - answers) / 1e9;

    report.say("");
    report.say(
        "%-32s %9s %9s %9s %9s %9s",
        "intake", "seconds", "events/s", "p50 µs", "p99 µs", "p99.9 µs");
    for (Phase phase : List.of(before, during, after)) {
      LatencyRecorder all = phase.latencies();
      report.say(
          "%-32s %9.0f %,9.0f %9.0f %9.0f %9.0f",
          phase.words,
          phase.rounds.stream().mapToDouble(Round::elapsedNanos).sum() / 1e9,
          phase.perSecond(),
          all.micros(50),
          all.micros(99),
          all.micros(99.9));
    }
    report.say("");
    report.say(
        "%,.0f entries waited when the broker began to start; %,.0f were relayed in %.1f s:"
            + " %,.0f a second, intake going on",
        left, sent, seconds, sent / seconds);
    report.say(
        "Events are due at a fixed rate, latency runs from when they were due; intake on core 0,");
    report.say(
        "load on core 1, the broker on either. Caught up is less than 1.5 s of intake behind,");
    report.say("looked at every 2 s.");
    ObjectNode json = report.json();
    json.put("outage_minutes", outageMinutes);
    json.put("events_per_second", eventsPerSecond);
    ArrayNode phases = json.putArray("intake");
    for (Phase phase : List.of(before, during, after)) {
      ObjectNode one = phases.addObject();
      one.put("phase", phase.words);
      one.put("events_per_second", phase.perSecond());
      Cell.write(one.putObject("latency_us"), phase.latencies());
    }
    json.put("waited", left);
    json.put("relayed", sent);
    json.put("catch_up_seconds", seconds);
    json.put("catch_up_per_second", sent / seconds);
    report.write();
    return 0;
  }

  private static void last(
      Phase phase, double seconds, Child client, Servers.Running gateway, Traffic events) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      phase.rounds.add(round(client, gateway, events));
    }
  }

  private static Round round(Child client, Servers.Running gateway, Traffic events) {
    client.say(Traffic.order(gateway.port(), ROUND_MILLIS, events));
    return Round.of(client.await("round ", SLACK)).get(0);
  }

  private static double behind(Servers servers, Servers.Running gateway) throws IOException {
    return servers.sum(gateway, line -> line.startsWith(BEHIND + " "));
  }

  private static void awaitRelayed(Servers servers, Servers.Running gateway) throws IOException {
    long began = System.nanoTime();
    // The figure is looked at every second: at the start, nothing behind says nothing yet.
    do {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
      if (System.nanoTime() - began > CATCH_UP.toNanos()) {
        throw new Failed("the home's log was not relayed in " + CATCH_UP.toMinutes() + " minutes");
      }
    } while (behind(servers, gateway) > 0);
  }
}
