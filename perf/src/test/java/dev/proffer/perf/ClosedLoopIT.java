package dev.proffer.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.pipeline.sample.SampleFile;
import dev.proffer.pipeline.sample.ServedSample;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The loop that carries everything else: suggest, log, learn, suggest better; with the real
 * programs on real clicks.
 */
@Tag("slow")
class ClosedLoopIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String ANCHOR = "A15";
  private static final int CROWD = 300;

  /** Two weeks. */
  private static final int CLICKS = 24_000;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** What was answered and clicked, by the arm that answered. */
  private final Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();

  private final Map<String, AtomicInteger> clicks = new ConcurrentHashMap<>();
  private final Map<String, String> armOfRequest = new ConcurrentHashMap<>();

  @TempDir Path temporary;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void whatACrowdClicksRanksHighAfterRetrainingThoughItRankedLowBefore() throws Exception {
    Path config = quickConfig();
    Path home = temporary.resolve("home");
    String[] places = {"--home", home.toString(), "--config", config.toString()};
    run(
        places,
        "ingest",
        "--dataset",
        config.resolve("datasets/eshop.yaml").toString(),
        RealClicks.first(CLICKS, ROOT, temporary.resolve("clicks.csv")).toString());
    run(places, "train", "--task", "ranking", "--until", "2008-04-12T00:00:00Z");
    run(places, "evaluate", "--task", "ranking");
    run(places, "publish", "--task", "ranking");

    Process gateway = gateway(home, config);
    try {
      String url = url(gateway);
      click(url, "first", ANCHOR, null);
      JsonNode before = suggest(url, "first", 100);
      String wanted = before.path("propositions").path(60).path("id").asText();
      assertThat(rank(before, wanted)).isEqualTo(61);
      String oldModel = before.path("model_version").asText();

      for (int person = 0; person < CROWD; person++) {
        String user = "crowd-" + person;
        click(url, user, ANCHOR, null);
        JsonNode page = suggest(url, user, 100);
        String request = rank(page, wanted) > 0 ? page.path("request_id").asText() : null;
        click(url, user, wanted, request);
      }

      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger answered = new AtomicInteger();
      AtomicReference<Throwable> lost = new AtomicReference<>();
      Thread visitor = visitor(url, stop, answered, lost);
      run(places, "retrain", "--task", "ranking");
      await()
          .until(() -> !suggest(url, "first", 1).path("model_version").asText().equals(oldModel));
      stop.set(true);
      visitor.join(10_000);
      assertThat(lost.get()).as("a request lost while the model was swapped").isNull();
      assertThat(answered.get()).isPositive();

      click(url, "newcomer", ANCHOR, null);
      JsonNode after = suggest(url, "newcomer", 10);
      assertThat(after.path("served_by").asText()).isEqualTo("ml_ranker");
      assertThat(rank(after, wanted)).as("rank of %s in %s", wanted, after).isBetween(1, 3);
    } finally {
      gateway.destroy();
      if (!gateway.waitFor(20, TimeUnit.SECONDS)) {
        gateway.destroyForcibly();
      }
    }
    everythingServedIsComputedAgainFromTheLog(places);
    theReportCountsWhatWasAnsweredAndClicked(places);
    whatWasServedOtherwiseIsFound(places, home.resolve(SampleFile.DIRECTORY));
  }

  /** Values are put a bit beside what was served, as by another definition on one of two sides. */
  private void whatWasServedOtherwiseIsFound(String[] places, Path directory) throws IOException {
    FeatureContract contract =
        Objects.requireNonNull(
            Settings.read(temporary.resolve("configs")).contracts().contract("ranking"));
    int popularity = contract.names().indexOf("popularity");
    int length = contract.names().indexOf("session_length");
    Path first = SampleFile.list(directory).get(0);
    List<ServedSample> samples = SampleFile.read(first).stream().limit(20).toList();
    for (Path other : SampleFile.list(directory)) {
      Files.delete(other);
    }
    ServedSample planted = samples.get(0);
    for (int row = 0; row < 3; row++) {
      int at = row * planted.width() + popularity;
      planted.rows()[at] = Math.nextUp(planted.rows()[at]);
    }
    planted.rows()[2 * planted.width() + length] += 5;
    try (SampleFile anew = SampleFile.begin(directory, SampleFile.beganMillis(first))) {
      for (ServedSample sample : samples) {
        anew.write(sample);
      }
    }
    JsonNode audit = audit(places, 1);
    assertThat(audit.path("rowsEqual").asLong()).isEqualTo(audit.path("rows").asLong() - 3);
    assertThat(audit.path("valuesEqual").asLong()).isEqualTo(audit.path("values").asLong() - 4);
    JsonNode worst = audit.path("worst");
    assertThat(worst).hasSize(2);
    assertThat(worst.path(0).path("feature").asText()).isEqualTo("popularity");
    assertThat(worst.path(0).path("unequal").asLong()).isEqualTo(3);
    assertThat(worst.path(0).path("example").asText())
        .contains("request " + planted.requestId(), ": served ", ", computed ");
    assertThat(worst.path(1).path("feature").asText()).isEqualTo("session_length");
    assertThat(worst.path(1).path("largest").asDouble()).isEqualTo(5);
    audit(places, 0, "--tolerate", "0.01");
  }

  private void theReportCountsWhatWasAnsweredAndClicked(String[] places) throws IOException {
    Path figures = temporary.resolve("report.json");
    run(places, "compact");
    run(places, "experiment", "report", "same", "--json", figures.toString());
    JsonNode report = JSON.readTree(Files.readString(figures)).path(0);
    assertThat(report.path("crossed").asInt()).isZero();
    assertThat(report.path("sampleRatio").path("mismatch").asBoolean()).isFalse();
    assertThat(answers.keySet()).containsExactlyInAnyOrder("same:a", "same:b");
    for (JsonNode arm : report.path("variants")) {
      String name = "same:" + arm.path("variant").asText();
      assertThat(arm.path("counts").path("answers").asInt())
          .as(name)
          .isEqualTo(count(answers, name));
      assertThat(arm.path("counts").path("clicks").asInt()).as(name).isEqualTo(count(clicks, name));
      assertThat(count(clicks, name)).isPositive();
    }
  }

  private static int count(Map<String, AtomicInteger> counts, String name) {
    AtomicInteger count = counts.get(name);
    return count == null ? 0 : count.get();
  }

  /** Every candidate of every answer, from a state that was another at each of them. */
  private void everythingServedIsComputedAgainFromTheLog(String[] places) throws IOException {
    JsonNode audit = audit(places, 0);
    assertThat(audit.path("recomputed").asLong()).isEqualTo(audit.path("samples").asLong());
    assertThat(audit.path("rows").asLong()).isGreaterThan(10_000);
    assertThat(audit.path("rowsEqual").asLong()).isEqualTo(audit.path("rows").asLong());
  }

  private JsonNode audit(String[] places, int code, String... more) throws IOException {
    Path figures = temporary.resolve("audit.json");
    List<String> line = new ArrayList<>(List.of("features", "audit"));
    line.addAll(List.of(places));
    line.addAll(List.of("--json", figures.toString()));
    line.addAll(List.of(more));
    assertThat(dev.proffer.offline.cli.Main.run(line.toArray(new String[0]))).isEqualTo(code);
    return JSON.readTree(Files.readString(figures));
  }

  /** The shipped configuration with fewer trees, so that the test trains in seconds. */
  private Path quickConfig() throws IOException {
    Path config = temporary.resolve("configs");
    try (Stream<Path> files = Files.walk(ROOT.resolve("configs"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        Path to = config.resolve(ROOT.resolve("configs").relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.writeString(
            to,
            Files.readString(file)
                .replaceAll("rounds: \\d+", "rounds: 25")
                .replaceAll("sample-share: .*", "sample-share: 0.1"));
      }
    }
    // Two arms that answer alike: this test is about what is learned, and about counting.
    Files.writeString(
        config.resolve("experiments.yaml"),
        """
        layers:
          - name: all
            experiments:
              - {name: same, variants: [{name: a}, {name: b, model: champion}]}
        """);
    return config;
  }

  private static void run(String[] places, String command, String... more) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(List.of(more));
    line.addAll(List.of(places));
    assertThat(dev.proffer.offline.cli.Main.run(line.toArray(new String[0])))
        .as("exit code of %s", line)
        .isZero();
  }

  private Process gateway(Path home, Path config) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + ROOT.resolve("gateway/target/jvm.args"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "dev.proffer.gateway.Main", "serve"));
    command.addAll(List.of("--home", home.toString(), "--config", config.toString()));
    command.addAll(List.of("--port", "0", "--management-port", "0"));
    command.addAll(List.of("--ready-file", temporary.resolve("ready.json").toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(temporary.resolve("gateway.log").toFile())
        .start();
  }

  private String url(Process gateway) throws IOException {
    Path ready = temporary.resolve("ready.json");
    await().until(() -> Files.exists(ready) || !gateway.isAlive());
    assertThat(gateway.isAlive()).as(Files.readString(temporary.resolve("gateway.log"))).isTrue();
    return "http://127.0.0.1:" + JSON.readTree(Files.readString(ready)).path("port").asInt();
  }

  private Thread visitor(
      String url, AtomicBoolean stop, AtomicInteger answered, AtomicReference<Throwable> lost) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!stop.get()) {
                  suggest(url, "visitor-" + answered.incrementAndGet() % 50, 10);
                  TimeUnit.MILLISECONDS.sleep(2);
                }
              } catch (IOException | InterruptedException | AssertionError e) {
                lost.set(e);
              }
            },
            "visitor");
    thread.start();
    return thread;
  }

  private JsonNode suggest(String url, String user, int limit)
      throws IOException, InterruptedException {
    JsonNode page =
        post(url + "/suggest", "{\"user_id\": \"" + user + "\", \"limit\": " + limit + "}", 200);
    String arm = page.path("variant").asText();
    armOfRequest.put(page.path("request_id").asText(), arm);
    answers.computeIfAbsent(arm, any -> new AtomicInteger()).incrementAndGet();
    return page;
  }

  private void click(String url, String user, String item, @Nullable String request)
      throws IOException, InterruptedException {
    String arm = request == null ? null : armOfRequest.get(request);
    if (arm != null) {
      clicks.computeIfAbsent(arm, any -> new AtomicInteger()).incrementAndGet();
    }
    String naming = request == null ? "" : ", \"request_id\": \"" + request + "\"";
    post(
        url + "/log_event",
        "{\"type\": \"click\", \"user_id\": \""
            + user
            + "\", \"item_id\": \""
            + item
            + "\""
            + naming
            + "}",
        202);
  }

  private JsonNode post(String url, String body, int expected)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(expected);
    return JSON.readTree(response.body());
  }

  private static int rank(JsonNode page, String item) {
    int rank = 0;
    for (JsonNode proposition : page.path("propositions")) {
      rank++;
      if (proposition.path("id").asText().equals(item)) {
        return rank;
      }
    }
    return 0;
  }
}
