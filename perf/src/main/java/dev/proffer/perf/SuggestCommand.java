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
  private static final Duration SLACK = Duration.ofSeconds(60);

  @Mixin private Report report = new Report();

  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

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
      description = "given: 100 items to rank; found: candidates of the sources.")
  private List<String> scenarios = List.of("given", "found");

  @Option(
      names = "--gateway-java-options",
      paramLabel = "OPTIONS",
      description = "JVM options for the gateway alone, such as those that record a profile.")
  private String gatewayJavaOptions = "";

  /** What is asked for, and the server that answers the same bytes without thinking. */
  private record Scenario(String words, Path requests, Servers.Running bare) {}

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
    Home.champion(home);
    Machine machine = Machine.look();
    try (Resources resources = new Resources()) {
      return measure(machine, resources);
    }
  }

  private int measure(Machine machine, Resources resources) throws IOException {
    Path root = Path.of(System.getProperty("proffer.root", ".")).toAbsolutePath().normalize();
    report.begin(machine);
    Path directory = resources.directory();
    Home copy = Home.copy(home, directory.resolve("home"), Settings.read(config));
    Servers servers = new Servers(root, directory, machine, resources);
    Servers.Running gateway =
        servers.gateway(
            "gateway",
            copy.directory(),
            ConfigCopy.of(config, directory.resolve("configs")),
            options(gatewayJavaOptions));
    Child load = servers.load();
    List<Scenario> chosen = new ArrayList<>();
    for (String name : scenarios) {
      chosen.add(scenario(name, copy, directory, servers, gateway));
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
    report.say("");
    report.say(
        "Latency is taken from the intended start in a closed loop; requests/s is over rounds of");
    report.say(
        "ours and bare in turns. client: the share of its core the load took; near 100 % it, and");
    report.say("not the server, is the bound.");
    write(copy, collectors, cells);
    return 0;
  }

  static List<String> options(String words) {
    return words.isBlank() ? List.of() : List.of(words.strip().split("\\s+"));
  }

  private Scenario scenario(
      String name, Home copy, Path directory, Servers servers, Servers.Running gateway)
      throws IOException {
    boolean given = name.equals("given");
    String words = given ? copy.given() + " given items" : "candidates found";
    List<String> bodies = given ? copy.givenBodies() : copy.foundBodies();
    Path requests = directory.resolve(name + ".requests");
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
    load.say(
        Traffic.order(
            server.port(),
            lasting * 1_000L,
            Traffic.closed("/suggest", scenario.requests(), count, 200)));
    return Round.of(load.await("round ", Duration.ofSeconds(lasting).plus(SLACK))).get(0);
  }

  private void write(Home copy, String collectors, List<Cell> cells) throws IOException {
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
    report.write();
  }
}
