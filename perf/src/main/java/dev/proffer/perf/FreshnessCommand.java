package dev.proffer.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.fixtures.KafkaBroker;
import dev.proffer.fixtures.RedisServer;
import dev.proffer.perf.load.LatencyRecorder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench freshness}; the method is in {@code docs/perf/intake.md}. */
@Command(
    name = "freshness",
    description = {
      "Measures how long a click takes to change a suggestion: through the same gateway, and through",
      "another one that shares a real Kafka and a real Redis with it. Works on a copy of the home."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class FreshnessCommand implements Callable<Integer> {
  private static final Duration SETTLE = Duration.ofMinutes(3);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SAME = 0;
  private static final int OTHER = 1;
  private static final String FEATURE = "session_length";

  @Mixin private Report report = new Report();

  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(
      names = "--clicks",
      paramLabel = "N",
      description = "Clicks of people never seen, for each way; 1 to 100000.")
  private int clicks = 500;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Clicks beforehand, a tenth of them asked of the other gateway; 0 to 100000.")
  private int warmUp = 2_000;

  @Option(
      names = "--pause-ms",
      paramLabel = "N",
      description = "Between two questions to the other gateway; 0 to 1000.")
  private int pauseMillis = 1;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final JsonMapper mapper = new JsonMapper();

  @Override
  public Integer call() throws IOException {
    report.bounded("--clicks", clicks, 1, 100_000);
    report.bounded("--warm-up", warmUp, 0, 100_000);
    report.bounded("--pause-ms", pauseMillis, 0, 1_000);
    Home.champion(home);
    try (Resources resources = new Resources()) {
      return measure(resources);
    }
  }

  private int measure(Resources resources) throws IOException {
    report.begin(Machine.look());
    Path directory = resources.directory();
    KafkaBroker kafka = resources.add(KafkaBroker.in(directory.resolve("kafka")).start());
    RedisServer redis = resources.add(RedisServer.in(directory.resolve("redis")).start());
    Gateways gateways = new Gateways(Programs.here(), directory, resources, 2);
    Home.copyAll(home.resolve("models"), gateways.home(SAME).resolve("models"));
    Home.copyAll(home.resolve("log"), gateways.home(SAME).resolve("log"));
    // The other has no log of its own: all it knows comes through Kafka and Redis.
    Home.copyAll(home.resolve("models"), gateways.home(OTHER).resolve("models"));
    for (int gateway = 0; gateway < gateways.count(); gateway++) {
      ConfigCopy copy =
          ConfigCopy.of(config, directory.resolve("configs-" + gateway))
              .set("gateway.yaml", "event-loops", "1")
              .set("kafka.yaml", "bootstrap-servers", "\"" + kafka.bootstrapServers() + "\"")
              .set("kafka.yaml", "source", "/bench/" + gateway)
              .set("redis.yaml", "endpoints", "[\"127.0.0.1:" + redis.port() + "\"]");
      gateways.start(gateway, copy.directory());
    }
    settle(gateways);
    // Freshly started, all there is compiles beside what is measured.
    for (int at = 0; at < warmUp; at++) {
      once(gateways, at % 10 == 0 ? OTHER : SAME, "warm-" + at);
    }
    LatencyRecorder same = clicked(gateways, SAME, "same");
    LatencyRecorder other = clicked(gateways, OTHER, "other");
    report.say("");
    report.say("%-32s %9s %9s %9s", "click to changed suggestion", "p50 ms", "p99 ms", "max ms");
    report.say(line("the same gateway (aim 5)", same));
    report.say(line("another gateway (aim 300)", other));
    report.say("");
    report.say(
        clicks
            + " clicks each, of people never seen, one after another; from the click's first byte"
            + " to the");
    report.say(
        "last byte of the first suggestion whose features know it. Nothing is tied to a core.");
    ObjectNode json = report.json();
    json.put("clicks", clicks);
    json.put("warm_up_clicks", warmUp);
    Cell.write(json.putObject("same_gateway_us"), same);
    Cell.write(json.putObject("another_gateway_us"), other);
    report.write();
    return 0;
  }

  private static String line(String words, LatencyRecorder latencies) {
    return String.format(
        Locale.ROOT,
        "%-32s %9.2f %9.2f %9.2f",
        words,
        latencies.micros(50) / 1e3,
        latencies.micros(99) / 1e3,
        latencies.maxMicros() / 1e3);
  }

  /**
   * Until the log is relayed, both follow it and the other gateway ranks, and twenty clicks have
   * come through.
   */
  private void settle(Gateways gateways) {
    long began = System.nanoTime();
    while (true) {
      Double behind = gateways.metric(SAME, "proffer_relay_behind");
      if (behind != null
          && behind == 0
          && hasPartitions(gateways, SAME)
          && hasPartitions(gateways, OTHER)
          && servedBy(gateways).equals("ml_ranker")) {
        break;
      }
      if (System.nanoTime() - began > SETTLE.toNanos()) {
        throw new Failed(
            "the gateways do not share what they know within "
                + SETTLE.toMinutes()
                + " minutes: behind "
                + behind
                + ", served by "
                + servedBy(gateways));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }
    for (int at = 0; at < 20; at++) {
      once(gateways, SAME, "warm-same-" + at);
      once(gateways, OTHER, "warm-other-" + at);
    }
  }

  /** Whether its updater has joined: nobody follows the partitions that move to it meanwhile. */
  private static boolean hasPartitions(Gateways gateways, int gateway) {
    Double partitions = gateways.metric(gateway, "proffer_updater_partitions");
    return partitions != null && partitions > 0;
  }

  private String servedBy(Gateways gateways) {
    return suggested(gateways, OTHER, "nobody").path("served_by").asText();
  }

  private LatencyRecorder clicked(Gateways gateways, int asked, String words) {
    LatencyRecorder latencies = new LatencyRecorder();
    for (int at = 0; at < clicks; at++) {
      long took = once(gateways, asked, words + "-" + at);
      latencies.record(0, took);
    }
    return latencies;
  }

  /** One click through the first gateway; how long until the asked one knows it. */
  private long once(Gateways gateways, int asked, String user) {
    if (knows(suggested(gateways, asked, user))) {
      throw new Failed("a person never seen has a history: " + user);
    }
    long began = System.nanoTime();
    post(
        gateways.ports().get(SAME),
        "/log_event",
        "{\"type\":\"click\",\"user_id\":\"" + user + "\",\"item_id\":\"A1\"}",
        202);
    while (!knows(suggested(gateways, asked, user))) {
      if (System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new Failed("a click did not show within " + PATIENCE.toSeconds() + " s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
    }
    return System.nanoTime() - began;
  }

  private static boolean knows(JsonNode answer) {
    return answer.path("propositions").path(0).path("features").path(FEATURE).asDouble(0) >= 1;
  }

  private JsonNode suggested(Gateways gateways, int gateway, String user) {
    return post(
        gateways.ports().get(gateway),
        "/suggest",
        "{\"user_id\":\"" + user + "\",\"limit\":10,\"explain\":true}",
        200);
  }

  private JsonNode post(int port, String path, String body, int status) {
    try {
      HttpResponse<byte[]> response =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                  .timeout(PATIENCE)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      JsonNode answer = mapper.readTree(response.body());
      if (response.statusCode() != status) {
        throw new Failed(path + " answered " + response.statusCode() + ": " + answer);
      }
      return answer;
    } catch (IOException e) {
      throw new Failed(path + " did not answer: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("interrupted", e);
    }
  }
}
