package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.perf.load.LatencyRecorder;
import dev.proffer.perf.load.Round;
import dev.proffer.perf.load.Traffic;
import dev.proffer.pipeline.SuggestQuery;
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

/** {@code proffer bench suggest}; the method is in {@code docs/perf/suggest.md}. */
@Command(
    name = "suggest",
    description = {
      "Measures POST /suggest over HTTP beside a bare handler.",
      "A gateway with one event loop and a Vert.x handler that answers with the same bytes take",
      "turns in one run, each in a process of its own. Works on a copy of the home."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class SuggestCommand implements Callable<Integer> {
  private static final String OURS = "ours";
  private static final int REWARM_SECONDS = 2;

  /** Enough that a request that is due finds one free. */
  private static final int OPEN_CONNECTIONS = 64;

  private static final int PATIENCE_MILLIS = 10_000;

  private static final Duration SLACK = Duration.ofSeconds(60);

  @Mixin private Report report = new Report();

  @Mixin private HomeOptions home = new HomeOptions();

  @Option(names = "--seconds", paramLabel = "N", description = "Length of a round, 1 to 60.")
  private int seconds = 5;

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each server, 1 to 50.")
  private int rounds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Seconds of load on each server and scenario beforehand, 0 to 300.")
  private int warmUp = 10;

  @Option(
      names = "--connections",
      paramLabel = "N",
      split = ",",
      description = "Connections, each 1 to 1000.")
  private List<Integer> connections = List.of(1, 16);

  @Option(
      names = "--scenarios",
      paramLabel = "NAME",
      split = ",",
      description = "given: items to rank; found: candidates of the sources.")
  private List<String> scenarios = List.of("given", "found");

  @Option(
      names = "--given",
      paramLabel = "N",
      split = ",",
      description = "How many items are given, each 1 to 1000.")
  private List<Integer> given = List.of(100);

  @Option(
      names = "--load",
      paramLabel = "PERCENT",
      split = ",",
      description = {
        "Shares of the most requests/s at which as many are due at fixed times, each 1 to 100; 0 for",
        "none."
      })
  private List<Integer> shares = List.of(50, 80);

  /** What is asked for, and the server that answers the same bytes without thinking. */
  private record Scenario(String words, Path requests, Servers.Running bare) {}

  /** Suggestions that were due at a share of the most there can be. */
  private record Loaded(
      String scenario, int share, int perSecond, LatencyRecorder latencies, long refused) {
    void write(ObjectNode json) {
      json.put("scenario", scenario);
      json.put("share_of_most", share / 100.0);
      json.put("requests_per_second", perSecond);
      json.put("refused", refused);
      Cell.write(json.putObject("latency_us"), latencies);
    }
  }

  @Override
  public Integer call() throws IOException {
    report.bounded("--seconds", seconds, 1, 60);
    report.bounded("--rounds", rounds, 1, 50);
    report.bounded("--warm-up", warmUp, 0, 300);
    connections.forEach(count -> report.bounded("--connections", count, 1, 1000));
    for (String scenario : scenarios) {
      if (!scenario.equals("given") && !scenario.equals("found")) {
        throw report.refused(
            "--scenarios " + scenario + " is not known; expected given, found or both");
      }
    }
    given.forEach(items -> report.bounded("--given", items, 1, SuggestQuery.MAX_ITEMS));
    shares.forEach(share -> report.bounded("--load", share, 0, 100));
    home.check();
    Machine machine = Machine.look();
    try (Resources resources = new Resources()) {
      return measure(machine, resources);
    }
  }

  private int measure(Machine machine, Resources resources) throws IOException {
    Path root = Path.of(System.getProperty("proffer.root", ".")).toAbsolutePath().normalize();
    report.begin(machine);
    Path directory = resources.directory();
    Home copy = home.copy(directory);
    Servers servers = new Servers(root, directory, machine, resources);
    Servers.Running gateway =
        servers.gateway(
            "gateway", copy.directory(), home.configs(directory), home.gatewayJavaOptions());
    Child load = servers.load();
    List<Scenario> chosen = new ArrayList<>();
    for (String name : scenarios) {
      for (int items : name.equals("given") ? given : List.of(0)) {
        chosen.add(scenario(items, copy, directory, servers, gateway));
      }
    }
    String collectors = chosen.get(0).bare().word();
    report.say(collectors + "; " + copy.users().size() + " users");

    int most = connections.stream().mapToInt(Integer::intValue).max().orElse(1);
    for (Scenario one : chosen) {
      if (warmUp > 0) {
        round(load, one, one.bare(), most, warmUp);
        round(load, one, gateway, most, warmUp);
      }
    }
    report.say("");
    report.say(Cell.HEADER);
    List<Cell> cells = new ArrayList<>();
    for (Scenario one : chosen) {
      for (int count : connections) {
        Cell cell = cell(servers, load, one, count, gateway);
        cell.lines().forEach(report::say);
        cells.add(cell);
      }
    }
    List<Loaded> loaded = loaded(load, chosen, cells, gateway);
    report.say("");
    report.say(
        "Latency is taken from the intended start in a closed loop; requests/s is over rounds of");
    report.say(
        "ours and bare in turns. client: the share of its core the load took; near 100 % it, and");
    report.say("not the server, is the bound.");
    write(copy, collectors, cells, loaded);
    return 0;
  }

  private Scenario scenario(
      int items, Home copy, Path directory, Servers servers, Servers.Running gateway)
      throws IOException {
    String words = items > 0 ? items + " given items" : "candidates found";
    List<String> bodies = items > 0 ? copy.givenBodies(items) : copy.foundBodies();
    Path requests = directory.resolve(items + ".requests");
    Files.write(requests, bodies, StandardCharsets.UTF_8);
    return new Scenario(
        words, requests, servers.bare(captured(words, bodies.get(0), servers, gateway)));
  }

  /** An answer to copy; also makes sure that what is measured is the model. */
  private Servers.Answer captured(
      String words, String body, Servers servers, Servers.Running gateway) throws IOException {
    Servers.Answer answer = servers.suggest(gateway.port(), body);
    String servedBy = answer.json().path("served_by").asText();
    if (!servedBy.equals("ml_ranker")) {
      throw new Failed(
          "the champion does not serve: answered by " + servedBy + ", not by ml_ranker");
    }
    int candidates =
        servers
            .suggest(gateway.port(), body.substring(0, body.length() - 1) + ",\"explain\":true}")
            .json()
            .path("candidates")
            .asInt();
    report.say(
        "%s: %d candidates, request %d bytes, answer %d bytes",
        words, candidates, body.length(), answer.body().length);
    return answer;
  }

  private Cell cell(
      Servers servers, Child load, Scenario scenario, int count, Servers.Running gateway)
      throws IOException {
    Cell cell = new Cell(scenario.words(), count, List.of(OURS));
    if (warmUp > 0) {
      round(load, scenario, scenario.bare(), count, REWARM_SECONDS);
      round(load, scenario, gateway, count, REWARM_SECONDS);
    }
    double degraded = servers.degraded(gateway);
    for (int at = 0; at < rounds; at++) {
      round(load, scenario, scenario.bare(), count, cell.bare());
      round(load, scenario, gateway, count, cell.ours(OURS));
    }
    cell.degraded(servers.degraded(gateway) - degraded);
    return cell;
  }

  private void round(
      Child load, Scenario scenario, Servers.Running server, int count, Cell.Side side) {
    Long before = server.child().cpuNanos();
    Round round = round(load, scenario, server, count, seconds);
    Long after = server.child().cpuNanos();
    side.add(round, before == null || after == null ? null : after - before);
  }

  private static Round round(
      Child load, Scenario scenario, Servers.Running server, int count, int lasting) {
    return round(
        load, server, Traffic.closed("/suggest", scenario.requests(), count, 200), lasting);
  }

  private static Round round(Child load, Servers.Running server, Traffic traffic, int lasting) {
    load.say(Traffic.order(server.port(), lasting * 1_000L, traffic));
    return Round.of(load.await("round ", Duration.ofSeconds(lasting).plus(SLACK))).get(0);
  }

  /** Suggestions due at shares of what each scenario took at most. */
  private List<Loaded> loaded(
      Child load, List<Scenario> chosen, List<Cell> cells, Servers.Running gateway) {
    List<Loaded> all = new ArrayList<>();
    List<Integer> wanted = shares.stream().filter(share -> share > 0).toList();
    if (!wanted.isEmpty()) {
      report.say("");
      report.say(
          "%-22s %12s %11s %9s %9s %9s %9s",
          "due at fixed times",
          "of the most",
          "requests/s",
          "p50 µs",
          "p99 µs",
          "p99.9 µs",
          "refused");
    }
    for (Scenario one : chosen) {
      double most =
          cells.stream()
              .filter(cell -> cell.scenario().equals(one.words()))
              .mapToDouble(cell -> cell.perSecond(OURS))
              .max()
              .orElse(0);
      for (int share : wanted) {
        int perSecond = (int) Math.max(1, most * share / 100);
        Traffic due =
            Traffic.open("/suggest", one.requests(), OPEN_CONNECTIONS, perSecond, 200)
                .impatient(PATIENCE_MILLIS);
        LatencyRecorder latencies = new LatencyRecorder();
        long refused = 0;
        for (int at = 0; at < rounds; at++) {
          Round round = round(load, gateway, due, seconds);
          latencies.add(round.latencies());
          refused += round.others() + round.unsent();
        }
        all.add(new Loaded(one.words(), share, perSecond, latencies, refused));
        report.say(
            "%-22s %10d %% %,11d %9.0f %9.0f %9.0f %9d",
            one.words(),
            share,
            perSecond,
            latencies.micros(50),
            latencies.micros(99),
            latencies.micros(99.9),
            refused);
      }
    }
    return all;
  }

  private void write(Home copy, String collectors, List<Cell> cells, List<Loaded> loaded)
      throws IOException {
    ObjectNode json = report.json();
    json.put("garbage_collectors", collectors);
    json.put("model_version", copy.champion());
    json.put("users", copy.users().size());
    json.put("items", copy.history().items().size());
    json.put("log_entries_at_start", copy.history().entries());
    json.put("round_seconds", seconds);
    json.put("rounds", rounds);
    json.put("warm_up_seconds", warmUp);
    ArrayNode all = json.putArray("cells");
    cells.forEach(cell -> cell.write(all.addObject()));
    ArrayNode due = json.putArray("due_at_fixed_times");
    loaded.forEach(one -> one.write(due.addObject()));
    report.write();
  }
}
