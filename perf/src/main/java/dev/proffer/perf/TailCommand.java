package dev.proffer.perf;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.events.Item;
import dev.proffer.perf.load.LatencyRecorder;
import dev.proffer.perf.load.Round;
import dev.proffer.perf.load.Traffic;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench tail}: the slowest suggestions while something else goes on. */
@Command(
    name = "tail",
    description = {
      "Measures the tail of suggestions that are due at a fixed rate: alone, while the model is",
      "swapped every two seconds, while items change ten times a second, and beside intake at full",
      "speed; all in turns. With --beside-java-home a second gateway on another JDK takes part."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class TailCommand implements Callable<Integer> {
  private static final int CONNECTIONS = 64;
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int BODIES = 20_000;
  private static final int SWAP_MILLIS = 2_000;
  private static final int ITEM_MILLIS = 100;
  private static final int LEAD_MILLIS = 3_000;
  private static final Duration SLACK = Duration.ofSeconds(60);
  private static final String OURS = "ours";
  private static final String BESIDE = "beside";

  @Mixin private Report report = new Report();
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--suggestions-per-second",
      paramLabel = "N",
      description = "How many are due, 1 to 100000.")
  private int perSecond = 500;

  @Option(names = "--seconds", paramLabel = "N", description = "Length of a round, 1 to 60.")
  private int seconds = 6;

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each, 1 to 50.")
  private int rounds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Seconds of load on each gateway beforehand, 0 to 300.")
  private int warmUp = 60;

  @Option(
      names = "--beside-java-home",
      paramLabel = "DIR",
      description = "Another JDK, for a second gateway that is measured in turns with the first.")
  private @Nullable Path besideJavaHome;

  @Option(
      names = "--beside-java-options",
      paramLabel = "OPTIONS",
      description = "JVM options of that second gateway.")
  private String besideJavaOptions = "-XX:+UseZGC -Xms1g -Xmx1g -XX:+AlwaysPreTouch";

  private enum Meanwhile {
    ALONE("alone"),
    SWAPS("the model swapped"),
    ITEMS("items changed"),
    INTAKE("events at full speed");

    private final String words;

    Meanwhile(String words) {
      this.words = words;
    }
  }

  /** The rounds of one condition. */
  private static final class Tail {
    private final LatencyRecorder latencies = new LatencyRecorder();
    private long refused;

    void add(Round round) {
      latencies.add(round.latencies());
      refused += round.others() + round.unsent();
    }
  }

  /** A gateway with what was measured of it. */
  private record Measured(
      String name, Servers.Running gateway, Path models, Map<Meanwhile, Tail> tails) {
    Tail of(Meanwhile meanwhile) {
      return tails.computeIfAbsent(meanwhile, unused -> new Tail());
    }
  }

  @Override
  public Integer call() throws IOException {
    report.bounded("--suggestions-per-second", perSecond, 1, 100_000);
    report.bounded("--seconds", seconds, 1, 60);
    report.bounded("--rounds", rounds, 1, 50);
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
    twin(copy.directory().resolve("models"));
    Servers servers = new Servers(Programs.root(), directory, machine, resources);
    ConfigCopy configs = home.configs(directory);
    List<Measured> all = new ArrayList<>();
    Path own = directory.resolve("home-beside");
    if (besideJavaHome != null) {
      Home.copyAll(copy.directory(), own);
    }
    all.add(
        measured(
            OURS,
            servers.gateway("gateway", copy.directory(), configs, home.gatewayJavaOptions()),
            copy.directory()));
    if (besideJavaHome != null) {
      all.add(
          measured(
              BESIDE,
              servers.gateway(
                  "gateway-beside",
                  own,
                  configs,
                  besideJavaHome,
                  HomeOptions.words(besideJavaOptions)),
              own));
    }
    Child load = servers.load();
    Path asked = directory.resolve("suggestions");
    Files.write(asked, copy.foundBodies(), StandardCharsets.UTF_8);
    Path clicked = directory.resolve("events");
    Files.write(
        clicked, new Clicks(copy.history().events()).single(BODIES), StandardCharsets.UTF_8);
    Traffic suggestions =
        Traffic.open("/suggest", asked, CONNECTIONS, perSecond, 200).impatient(PATIENCE_MILLIS);
    Traffic events = Traffic.closed("/log_event", clicked, CONNECTIONS / 4, 202);
    for (Measured one : all) {
      if (warmUp > 0) {
        round(load, one, warmUp * 1_000, Traffic.closed("/suggest", asked, 16, 200));
      }
    }
    for (int at = 0; at < rounds; at++) {
      for (Meanwhile meanwhile : Meanwhile.values()) {
        for (Measured one : all) {
          Condition condition =
              new Condition(meanwhile, load, one, copy.history().items(), suggestions, events);
          measure(condition, LEAD_MILLIS); // what came before may still be worked off
          one.of(meanwhile).add(measure(condition, seconds * 1_000));
        }
      }
    }
    say(all);
    report.write();
  }

  private static Measured measured(String name, Servers.Running gateway, Path home) {
    return new Measured(name, gateway, home.resolve("models"), new EnumMap<>(Meanwhile.class));
  }

  /** Publishes the champion once more under another name, so that there is one to swap with. */
  private static void twin(Path models) throws IOException {
    ModelRegistry registry = new ModelRegistry(models);
    String champion = registry.alias(SuggestPipeline.TASK, ModelRegistry.CHAMPION);
    if (champion == null) {
      throw new Failed("no champion to swap with");
    }
    String twin = champion + "-twin";
    Path to = registry.begin(SuggestPipeline.TASK, twin);
    Home.copyAll(registry.directory(SuggestPipeline.TASK, champion), to);
    Path manifest = to.resolve("manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace(champion, twin));
    registry.complete(SuggestPipeline.TASK, twin);
    registry.promote(SuggestPipeline.TASK, twin);
  }

  private record Condition(
      Meanwhile meanwhile,
      Child load,
      Measured one,
      List<Item> items,
      Traffic suggestions,
      Traffic events) {}

  private static Round measure(Condition condition, int millis) throws IOException {
    Child load = condition.load();
    Measured one = condition.one();
    Traffic suggestions = condition.suggestions();
    return switch (condition.meanwhile()) {
      case ALONE -> round(load, one, millis, suggestions);
      case INTAKE -> round(load, one, millis, suggestions, condition.events());
      case SWAPS ->
          during(
              SWAP_MILLIS,
              () -> new ModelRegistry(one.models()).rollback(SuggestPipeline.TASK),
              () -> round(load, one, millis, suggestions));
      case ITEMS -> {
        ItemChanges changes = new ItemChanges(one.gateway().managementPort(), condition.items());
        yield during(ITEM_MILLIS, changes, () -> round(load, one, millis, suggestions));
      }
    };
  }

  /** Does something again and again while something is measured; what fails ends the bench. */
  private static Round during(int everyMillis, Runnable again, Callable<Round> measured)
      throws IOException {
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      var unused =
          timer.scheduleAtFixedRate(
              () -> {
                try {
                  again.run();
                } catch (RuntimeException e) {
                  failure.compareAndSet(null, e);
                }
              },
              everyMillis / 2,
              everyMillis,
              TimeUnit.MILLISECONDS);
      Round round = measured.call();
      RuntimeException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
      return round;
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new Failed("cannot measure", e);
    } finally {
      end(timer);
    }
  }

  /**
   * Lets what is being done come to its end: a swap that is cut short leaves nobody to swap with.
   */
  private static void end(ScheduledExecutorService timer) {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(SLACK.toSeconds(), TimeUnit.SECONDS)) {
        timer.shutdownNow();
      }
    } catch (InterruptedException e) {
      timer.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Replaces one item after another by itself with another price. */
  private static final class ItemChanges implements Runnable {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;
    private final List<Item> items;
    private int next;

    ItemChanges(int port, List<Item> items) {
      this.port = port;
      this.items = items;
    }

    @Override
    public void run() {
      Item item = items.get(next++ % items.size());
      ObjectNode body = JSON.createObjectNode();
      body.put("title", item.title());
      body.put("category", item.category());
      ObjectNode attributes = body.putObject("attributes");
      item.attributes().forEach((name, value) -> attributes.set(name, JSON.valueToTree(value)));
      attributes.put("price", 10 + next % 50);
      try {
        HttpResponse<String> response =
            client.send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/items/" + item.id()))
                    .header("Content-Type", "application/json")
                    .PUT(HttpRequest.BodyPublishers.ofString(body.toString()))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
          throw new Failed("PUT /items/" + item.id() + " answered " + response.body());
        }
      } catch (IOException e) {
        throw new Failed("PUT /items/" + item.id(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the round is over
      }
    }
  }

  private void say(List<Measured> all) {
    report.say("");
    report.say(
        "%-10s %-24s %9s %9s %9s %9s %9s",
        "gateway", "suggestions", "p50 µs", "p99 µs", "p99.9 µs", "max µs", "refused");
    ArrayNode figures = report.json().putArray("tails");
    for (Measured one : all) {
      for (Meanwhile meanwhile : Meanwhile.values()) {
        Tail tail = one.of(meanwhile);
        LatencyRecorder latencies = tail.latencies;
        report.say(
            "%-10s %-24s %9.0f %9.0f %9.0f %9.0f %9d",
            one.name(),
            meanwhile.words,
            latencies.micros(50),
            latencies.micros(99),
            latencies.micros(99.9),
            latencies.maxMicros(),
            tail.refused);
        ObjectNode figure = figures.addObject();
        figure.put("gateway", one.name());
        figure.put("java", one.gateway().word());
        figure.put("meanwhile", meanwhile.words);
        figure.put("refused", tail.refused);
        Cell.write(figure.putObject("latency_us"), latencies);
      }
    }
    report.say("");
    report.say(
        "%d suggestions a second are due at fixed times over %d connections; %d rounds of %d s of each",
        perSecond, CONNECTIONS, rounds, seconds);
  }

  private static Round round(Child load, Measured one, int millis, Traffic... traffic) {
    load.say(Traffic.order(one.gateway().port(), millis, traffic));
    return Round.of(load.await("round ", Duration.ofMillis(millis).plus(SLACK))).get(0);
  }
}
