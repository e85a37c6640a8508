package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.offline.Settings;
import dev.proffer.perf.load.Round;
import dev.proffer.perf.load.Traffic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench intake}; the method is in {@code docs/perf/intake.md}. */
@Command(
    name = "intake",
    description = {
      "Measures POST /log_event over HTTP beside a bare handler, for each durability, what intake",
      "at full speed does to /suggest, and what a busy disk does to intake. The servers take turns in one run, each in a process",
      "of its own. Works on copies of the home."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class IntakeCommand implements Callable<Integer> {
  private static final Duration SLACK = Duration.ofSeconds(60);
  private static final int BODIES = 20_000;
  private static final int BATCH = 100;
  private static final int BATCHES = 300;
  private static final List<String> DURABILITIES = List.of("process", "power");
  private static final List<String> PARTS = List.of("intake", "suggest", "disk");

  @Mixin private Report report = new Report();

  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(names = "--millis", paramLabel = "N", description = "Length of a round, 100 to 60000.")
  private int millis = 2_000;

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each server, 1 to 50.")
  private int rounds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Seconds of load on each server and kind of request beforehand, 0 to 300.")
  private int warmUp = 30;

  @Option(
      names = "--connections",
      paramLabel = "N",
      split = ",",
      description = "Connections for single events, each 1 to 1000; nothing is pipelined.")
  private List<Integer> connections = List.of(1, 16);

  @Option(
      names = "--batch-connections",
      paramLabel = "N",
      description = "Connections for batches of 100 events, 1 to 1000; nothing is pipelined.")
  private int batchConnections = 16;

  @Option(
      names = "--durability",
      paramLabel = "NAME",
      split = ",",
      description = "process: survives the process; power: synced before it is acknowledged.")
  private List<String> durabilities = DURABILITIES;

  @Option(
      names = "--suggestions-per-second",
      paramLabel = "N",
      description = "How many suggestions are asked for beside intake, 1 to 100000.")
  private int suggestionsPerSecond = 500;

  @Option(
      names = "--events-per-second",
      paramLabel = "N",
      description = "How many events are sent with the disk idle and busy, 1 to 100000.")
  private int eventsPerSecond = 2_000;

  @Option(
      names = "--part",
      paramLabel = "NAME",
      split = ",",
      description = {
        "intake: beside the bare handler; suggest: suggestions beside intake; disk: single events",
        "while another writes to the same disk."
      })
  private List<String> parts = PARTS;

  @Option(
      names = "--server-cores",
      paramLabel = "CORES",
      description = {
        "Cores of the gateways and the bare handler, as taskset names them: 0 alone, or 0,1 with the",
        "load on core 1 as well. Every server has one event loop either way."
      })
  private String serverCores = Machine.SERVER_CORE;

  @Option(names = "--quick", description = "One short round and no warm-up: that it measures.")
  private boolean quick;

  @Option(
      names = "--gateway-java-options",
      paramLabel = "OPTIONS",
      description = "JVM options for the gateways alone, such as those that record a profile.")
  private String gatewayJavaOptions = "";

  /** What the bare server with a second thread is called. */
  private static final String HANDING_OVER = "handover";

  /** What is sent, and the server that answers the same bytes without thinking. */
  private record Scenario(
      String words,
      Path bodies,
      int eventsARequest,
      List<Integer> connections,
      Servers.Running bare,
      Servers.Running handingOver) {

    /** Over as many of its connections as there are. */
    Traffic atFullSpeed() {
      return over(connections.stream().mapToInt(Integer::intValue).max().orElse(1));
    }

    Traffic over(int count) {
      return Traffic.closed("/log_event", bodies, count, 202);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (quick) {
      millis = 300;
      rounds = 1;
      warmUp = 0;
    }
    report.bounded("--millis", millis, 100, 60_000);
    report.bounded("--rounds", rounds, 1, 50);
    report.bounded("--warm-up", warmUp, 0, 300);
    connections.forEach(count -> report.bounded("--connections", count, 1, 1000));
    report.bounded("--batch-connections", batchConnections, 1, 1000);
    report.bounded("--suggestions-per-second", suggestionsPerSecond, 1, 100_000);
    known("--durability", durabilities, DURABILITIES);
    report.bounded("--events-per-second", eventsPerSecond, 1, 100_000);
    known("--part", parts, PARTS);
    Home.champion(home);
    Machine machine = Machine.look(serverCores);
    try (Resources resources = new Resources()) {
      return measure(machine, resources);
    }
  }

  private void known(String option, List<String> values, List<String> all) {
    for (String value : values) {
      if (!all.contains(value)) {
        throw report.refused(option + " " + value + " is not known; expected some of " + all);
      }
    }
  }

  private int measure(Machine machine, Resources resources) throws IOException {
    Path root = Path.of(System.getProperty("proffer.root", ".")).toAbsolutePath().normalize();
    report.begin(machine);
    Path directory = resources.directory();
    Home copy = Home.copy(home, directory.resolve("home"), Settings.read(config));
    Servers servers = new Servers(root, directory, machine, resources);
    Map<String, Servers.Running> gateways = new LinkedHashMap<>();
    for (String durability : durabilities) {
      Path own = directory.resolve("home-" + durability);
      Home.copyAll(copy.directory(), own);
      gateways.put(
          durability,
          servers.gateway(
              durability,
              own,
              ConfigCopy.of(config, directory.resolve("configs-" + durability))
                  .set("log.yaml", "durability", durability),
              HomeOptions.words(gatewayJavaOptions)));
    }
    Child load = servers.load();
    List<Scenario> scenarios = scenarios(copy, directory, servers, gateways);
    report.say(
        "%d users, %d items; %d rounds of %d ms",
        copy.users().size(), copy.history().items().size(), rounds, millis);

    List<Cell> cells =
        parts.contains("intake") ? cells(load, servers, scenarios, gateways) : List.of();
    List<Beside> besides =
        parts.contains("suggest")
            ? besides(load, servers, copy, directory, scenarios, gateways)
            : List.of();
    List<Beside> disks =
        parts.contains("disk") ? disks(load, directory, scenarios.get(0), gateways) : List.of();
    for (Map.Entry<String, Servers.Running> gateway : gateways.entrySet()) {
      double notKept = servers.notKept(gateway.getValue());
      if (notKept > 0) {
        throw new Failed(
            String.format(
                Locale.ROOT,
                "the gateway (%s) did not keep %.0f events: these figures mean nothing",
                gateway.getKey(),
                notKept));
      }
    }
    report.say("");
    summary(cells, scenarios, besides, disks);
    write(copy, cells, besides, disks);
    return 0;
  }

  private List<Scenario> scenarios(
      Home copy, Path directory, Servers servers, Map<String, Servers.Running> gateways)
      throws IOException {
    Clicks clicks = new Clicks(copy.history().events());
    Servers.Running first = gateways.values().iterator().next();
    return List.of(
        scenario("single events", clicks.single(BODIES), 1, connections, directory, servers, first),
        scenario(
            "batches of " + BATCH,
            clicks.batches(BATCHES, BATCH),
            BATCH,
            List.of(batchConnections),
            directory,
            servers,
            first));
  }

  private Scenario scenario(
      String words,
      List<String> bodies,
      int eventsARequest,
      List<Integer> counts,
      Path directory,
      Servers servers,
      Servers.Running gateway)
      throws IOException {
    Path file = directory.resolve("bodies-" + eventsARequest);
    Files.write(file, bodies, StandardCharsets.UTF_8);
    Servers.Answer answer = servers.post(gateway.port(), "/log_event", bodies.get(1), 202);
    report.say(
        "%s: request %d bytes, answer %d bytes",
        words, bodies.get(1).length(), answer.body().length);
    return new Scenario(
        words, file, eventsARequest, counts, servers.bare(answer), servers.handingOver(answer));
  }

  private List<Cell> cells(
      Child load, Servers servers, List<Scenario> scenarios, Map<String, Servers.Running> gateways)
      throws IOException {
    List<Cell> cells = new ArrayList<>();
    List<String> sides = new ArrayList<>(gateways.keySet());
    sides.add(HANDING_OVER);
    report.say("");
    report.say(Cell.HEADER);
    for (Scenario scenario : scenarios) {
      if (warmUp > 0) {
        round(load, scenario.bare().port(), warmUp * 1_000, scenario.atFullSpeed());
        round(load, scenario.handingOver().port(), warmUp * 1_000, scenario.atFullSpeed());
        for (Servers.Running gateway : gateways.values()) {
          round(load, gateway.port(), warmUp * 1_000, scenario.atFullSpeed());
          servers.awaitFold(gateway);
        }
      }
      for (int count : scenario.connections()) {
        Cell cell = new Cell(scenario.words(), count, sides);
        for (int at = 0; at < rounds; at++) {
          measured(load, scenario.bare(), scenario, count, cell.bare());
          measured(load, scenario.handingOver(), scenario, count, cell.ours(HANDING_OVER));
          for (Map.Entry<String, Servers.Running> gateway : gateways.entrySet()) {
            Cell.Side side = cell.ours(gateway.getKey());
            measured(load, gateway.getValue(), scenario, count, side);
            side.behind(servers.awaitFold(gateway.getValue()));
          }
        }
        cell.lines().forEach(report::say);
        cells.add(cell);
      }
    }
    return cells;
  }

  private void measured(
      Child load, Servers.Running server, Scenario scenario, int count, Cell.Side side) {
    Long before = server.child().cpuNanos();
    Round round = round(load, server.port(), millis, scenario.over(count)).get(0);
    Long after = server.child().cpuNanos();
    side.add(round, before == null || after == null ? null : after - before);
  }

  private List<Beside> besides(
      Child load,
      Servers servers,
      Home copy,
      Path directory,
      List<Scenario> scenarios,
      Map<String, Servers.Running> gateways)
      throws IOException {
    Path bodies = directory.resolve("suggestions");
    Files.write(bodies, copy.foundBodies(), StandardCharsets.UTF_8);
    Traffic suggestions =
        Traffic.open("/suggest", bodies, batchConnections, suggestionsPerSecond, 200);
    List<Beside> besides = new ArrayList<>();
    report.say("");
    report.say(Beside.header("suggestions at a fixed rate"));
    for (Map.Entry<String, Servers.Running> gateway : gateways.entrySet()) {
      int port = gateway.getValue().port();
      if (warmUp > 0) {
        round(load, port, warmUp * 1_000, Traffic.closed("/suggest", bodies, 16, 200));
      }
      List<Beside> own = new ArrayList<>();
      for (Scenario scenario : scenarios) {
        own.add(
            new Beside(
                gateway.getKey(), scenario.words() + " at full speed", scenario.eventsARequest()));
        if (warmUp > 0) {
          round(load, port, warmUp * 1_000, suggestions, scenario.atFullSpeed());
          servers.awaitFold(gateway.getValue());
        }
      }
      for (int at = 0; at < rounds; at++) {
        round(load, port, lead(), suggestions);
        Round alone = round(load, port, millis, suggestions).get(0);
        for (int kind = 0; kind < scenarios.size(); kind++) {
          Traffic events = scenarios.get(kind).atFullSpeed();
          round(load, port, lead(), suggestions, events);
          List<Round> both = round(load, port, millis, suggestions, events);
          servers.awaitFold(gateway.getValue());
          own.get(kind).add(alone, both.get(0), both.get(1));
        }
      }
      own.forEach(beside -> beside.lines().forEach(report::say));
      besides.addAll(own);
    }
    return besides;
  }

  /** Single events at a fixed rate, with the disk idle and busy, in turns. */
  private List<Beside> disks(
      Child load, Path directory, Scenario singles, Map<String, Servers.Running> gateways) {
    Traffic events =
        Traffic.open("/log_event", singles.bodies(), batchConnections, eventsPerSecond, 202);
    List<Beside> disks = new ArrayList<>();
    report.say("");
    report.say(Beside.header("single events at a fixed rate"));
    gateways.forEach(
        (name, gateway) -> {
          Beside beside = new Beside(name, "a busy disk", 1);
          long bytes = 0;
          for (int at = 0; at < rounds; at++) {
            Round idle = round(load, gateway.port(), millis, events).get(0);
            try (BusyDisk disk = BusyDisk.in(directory)) {
              Round busy = round(load, gateway.port(), millis, events).get(0);
              bytes += disk.written();
              beside.add(idle, busy, busy);
            }
          }
          beside.lines().forEach(report::say);
          report.say(
              "%s: the other wrote and forced %.0f MiB/s",
              name, bytes / 1048576.0 / (rounds * millis / 1e3));
          disks.add(beside);
        });
    return disks;
  }

  /** What came before may still be worked off as a condition begins: so much of it is not taken. */
  private int lead() {
    return Math.min(1_000, millis);
  }

  private static List<Round> round(Child load, int port, int lasting, Traffic... traffic) {
    load.say(Traffic.order(port, lasting, traffic));
    return Round.of(load.await("round ", Duration.ofMillis(lasting).plus(SLACK)));
  }

  private void summary(
      List<Cell> cells, List<Scenario> scenarios, List<Beside> besides, List<Beside> disks) {
    int at = 0;
    for (Scenario scenario : cells.isEmpty() ? List.<Scenario>of() : scenarios) {
      for (int count : scenario.connections()) {
        Cell cell = cells.get(at++);
        report.say(
            "%s, %d connections: a bare handler that answers by way of a second thread comes to %.2f",
            scenario.words(), count, cell.ratio(HANDING_OVER));
        for (String name : durabilities) {
          report.say(
              "%s, %d connections, %s: %,.0f events/s, p99 %,.0f µs, %.2f of the bare handler",
              scenario.words(),
              count,
              name,
              cell.perSecond(name) * scenario.eventsARequest(),
              cell.p99(name),
              cell.ratio(name));
        }
      }
    }
    for (Beside beside : besides) {
      report.say(
          "suggestions' p99, %s: %.2f times that of suggestions alone",
          beside.words(), beside.ratio());
    }
    for (Beside disk : disks) {
      report.say("events' p99, %s: %.2f times that with the disk idle", disk.words(), disk.ratio());
    }
    report.say("");
    report.say(
        "Aims: single events at 0.70 of the bare handler's requests/s; batches of 100 at 300,000");
    report.say(
        "events/s; suggestions' p99 at most 2 times. One request outstanding per connection, none");
    report.say(
        "pipelined; suggestions are due at a fixed rate, their latency runs from when they were");
    report.say("due. client: the share of its core the load took; near 100 % it is the bound.");
  }

  private void write(Home copy, List<Cell> cells, List<Beside> besides, List<Beside> disks)
      throws IOException {
    ObjectNode json = report.json();
    json.put("users", copy.users().size());
    json.put("items", copy.history().items().size());
    json.put("round_millis", millis);
    json.put("rounds", rounds);
    json.put("warm_up_seconds", warmUp);
    json.put("suggestions_per_second", suggestionsPerSecond);
    ArrayNode all = json.putArray("cells");
    cells.forEach(cell -> cell.write(all.addObject()));
    ArrayNode beside = json.putArray("suggestions_beside_intake");
    besides.forEach(one -> one.write(beside.addObject()));
    json.put("events_sent_per_second", eventsPerSecond);
    ArrayNode busy = json.putArray("events_beside_a_busy_disk");
    disks.forEach(one -> one.write(busy.addObject()));
    report.write();
  }
}
