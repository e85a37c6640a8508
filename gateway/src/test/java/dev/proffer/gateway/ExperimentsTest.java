package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.pipeline.experiments.Arm;
import dev.proffer.pipeline.experiments.Assigner;
import dev.proffer.pipeline.experiments.StopDirectory;
import dev.proffer.pipeline.experiments.Stops;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Experiments over HTTP: who is served what, what is logged, counted, stopped and remembered. */
@ExtendWith(NoBlockedLoops.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ExperimentsTest {
  private static final String EXPERIMENTS =
      """
      shadow: {model: challenger, share: 1}
      layers:
        - name: models
          experiments:
            - name: older
              variants: [{name: now}, {name: before, model: v1}]
              allow: {tester: before}
              guardrails: [{metric: acceptance, max-loss: 0.2, min-answers: 100, alpha: 0.05}]
        - name: rules
          experiments:
            - {name: first, variants: [{name: best}, {name: pinned, rules: pinned}]}
      """;
  private static final int USERS = 40;

  @TempDir private static Path dir;
  private static Configuration configuration;
  private static Models models;
  private static RunningGateway running;

  @BeforeAll
  static void start() {
    configuration =
        Configuration.shipped(dir)
            .gateway("model-poll-ms", 50)
            .gateway("event-loops", 1)
            .gateway("answer-cache-ms", 600_000)
            .gateway("statistics-refresh-ms", 0)
            .with("experiments.yaml", EXPERIMENTS)
            .with("ranking.yaml", "sets: {pinned: {rules: [{rule: pin, slot: 1, items: [B4]}]}}\n");
    Shop.open(dir.resolve("var"));
    models =
        new Models(configuration.settings(), dir.resolve("var"))
            .publish("ranking", "v1")
            .publish("ranking", "v2");
    running = RunningGateway.on(dir, configuration);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static Answer suggest(String user) {
    Answer answer = running.open().post("/suggest", "{\"user_id\":\"" + user + "\",\"limit\":4}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  private static String arm(Answer answer) {
    return answer.json().getString("variant");
  }

  private static void log(String type, String user, Answer answer) {
    JsonObject event =
        new JsonObject()
            .put("type", type)
            .put("user_id", user)
            .put("item_id", "S1")
            .put("request_id", answer.json().getString("request_id"));
    if (type.equals("conversion")) {
      event.put("value", 12.5);
    }
    assertThat(running.open().post("/log_event", event.encode()).status()).isEqualTo(202);
  }

  private static JsonObject variant(String experiment, String name) {
    JsonObject all = running.management().get("/experiments").json();
    return Answer.objects(all.getJsonArray("experiments")).stream()
        .filter(one -> one.getString("experiment").equals(experiment))
        .flatMap(one -> Answer.objects(one.getJsonArray("variants")).stream())
        .filter(one -> one.getString("variant").equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Order(1)
  void everybodyIsServedTheirArmAndItIsLoggedAndCounted() {
    Assigner assigner = new Assigner(configuration.settings().experiments());
    Map<String, String> logged = new HashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (int user = 0; user < USERS; user++) {
      String id = "user-" + user;
      Answer answer = suggest(id);
      Arm expected = assigner.assign(id, null, System.currentTimeMillis(), Stops.NONE);
      assertThat(arm(answer)).isEqualTo(expected.word()).startsWith("older:");
      boolean before = arm(answer).contains("older:before");
      boolean pinned = arm(answer).contains("first:pinned");
      assertThat(answer.json().getString("model_version")).isEqualTo(before ? "v1" : "v2");
      assertThat(answer.ids().get(0).equals("B4")).isEqualTo(pinned);
      assertThat(answer.degraded()).isEmpty();
      logged.put(answer.json().getString("request_id"), arm(answer));
      counts.merge(before ? "before" : "now", 1, Integer::sum);
      if (user % 4 == 0) {
        log("click", id, answer);
        log("conversion", id, answer);
        counts.merge((before ? "before" : "now") + " clicked", 1, Integer::sum);
      }
      Answer again = suggest(id);
      assertThat(arm(again)).isEqualTo(arm(answer));
      assertThat(again.ids().get(0).equals("B4")).isEqualTo(pinned);
      assertThat(again.json().getString("served_by"))
          .isEqualTo(user % 4 == 0 ? "ml_ranker" : "cache");
    }
    assertThat(counts.keySet()).contains("now", "before");
    await()
        .untilAsserted(
            () -> {
              for (String name : new String[] {"now", "before"}) {
                JsonObject variant = variant("older", name);
                int units = counts.getOrDefault(name, 0);
                int clicked = counts.getOrDefault(name + " clicked", 0);
                assertThat(variant.getInteger("answers")).isEqualTo(2 * units);
                assertThat(variant.getInteger("propositions")).isEqualTo(8 * units);
                assertThat(variant.getInteger("clicks")).isEqualTo(clicked);
                assertThat(variant.getInteger("accepted")).isEqualTo(clicked);
                assertThat(variant.getInteger("conversions")).isEqualTo(clicked);
                assertThat(variant.getDouble("value")).isEqualTo(12.5 * clicked);
              }
            });
    assertThat(running.metric("proffer_experiment_answers_total", "experiment=\"older\""))
        .isEqualTo(2.0 * USERS);
    JsonObject report =
        running
            .management()
            .send(
                "GET",
                "/experiments/{experiment}/report",
                running.management().request("/experiments/older/report").GET())
            .json();
    JsonObject figures =
        Answer.objects(report.getJsonArray("variants")).get(1).getJsonObject("figures");
    assertThat(figures.getJsonObject("ctr").getDouble("value")).isPositive();
    assertThat(figures.getJsonObject("ctr").getDouble("low"))
        .isLessThan(figures.getJsonObject("ctr").getDouble("high"));
    assertThat(figures.getJsonObject("latency").getDouble("value")).isPositive();
    Map<String, Impression> impressions = impressions();
    logged.forEach(
        (request, arm) -> {
          Impression impression = Objects.requireNonNull(impressions.get(request), request);
          assertThat(impression.variant()).isEqualTo(arm);
          assertThat(impression.tookNanos()).isPositive();
        });
  }

  private static Map<String, Impression> impressions() {
    Map<String, Impression> found = new HashMap<>();
    try (EventLog log = EventLog.open(dir.resolve("var").resolve(Gateway.LOG_DIRECTORY));
        EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        if (entry instanceof Impression impression) {
          found.put(impression.requestId(), impression);
        }
      }
    }
    return found;
  }

  @Test
  @Order(2)
  void aTesterIsForcedAndCountsNowhere() {
    int before = variant("older", "before").getInteger("answers");
    Answer answer = suggest("tester");
    assertThat(arm(answer)).startsWith("older:before*,first:");
    assertThat(answer.json().getString("model_version")).isEqualTo("v1");
    suggest("after-the-tester");
    await()
        .untilAsserted(
            () ->
                assertThat(
                        variant("older", "before").getInteger("answers")
                            + variant("older", "now").getInteger("answers"))
                    .isEqualTo(2 * USERS + 1));
    assertThat(variant("older", "before").getInteger("answers")).isBetween(before, before + 1);
  }

  @Test
  @Order(3)
  void theShadowChangesNoAnswer() {
    Map<String, String> without = new LinkedHashMap<>();
    for (int user = 0; user < 20; user++) {
      without.put("shadowed-" + user, explained("shadowed-" + user));
    }
    assertThat(running.metric("proffer_shadow_duration_seconds_count")).isZero();
    models.registry().challenge("ranking", "v1");
    await()
        .untilAsserted(
            () ->
                assertThat(
                        running
                            .management()
                            .get("/models")
                            .json()
                            .getJsonObject("tasks")
                            .getJsonObject("ranking")
                            .getJsonObject("variants")
                            .getString("challenger"))
                    .isEqualTo("v1"));
    without.forEach((user, answer) -> assertThat(explained(user)).isEqualTo(answer));
    await()
        .untilAsserted(
            () ->
                assertThat(
                        running.metric("proffer_shadow_difference_count") // counted last
                            + running.metric("proffer_shadow_dropped_total"))
                    .isEqualTo(20));
    // v1 and v2 learned the same from the same.
    double shadowed = running.metric("proffer_shadow_overlap_count");
    assertThat(running.metric("proffer_shadow_overlap_sum")).isEqualTo(shadowed).isPositive();
    assertThat(running.metric("proffer_shadow_rank_distance_sum")).isZero();
    assertThat(running.metric("proffer_shadow_difference_sum")).isZero();
  }

  /** An answer less what is of its moment. */
  private static String explained(String user) {
    JsonObject answer =
        running
            .open()
            .post(
                "/suggest",
                "{\"user_id\":\""
                    + user
                    + "\",\"explain\":true,\"timestamp\":\"2026-01-01T00:00:00Z\"}")
            .json();
    answer.remove("request_id");
    answer.remove("latency_ms");
    return answer.encode();
  }

  @Test
  @Order(4)
  void isStoppedAndStartedByHandAndByAFile() throws Exception {
    String user = userOf("first:pinned");
    assertThat(suggest(user).ids().get(0)).isEqualTo("B4");
    JsonObject stopped = set("first", "stop?variant=pinned", 200).json();
    assertThat(Answer.objects(stopped.getJsonArray("variants")).get(1).getString("stopped_for"))
        .contains("management port");
    Answer now = suggest(user);
    assertThat(arm(now)).endsWith("first:pinned!");
    assertThat(now.ids().get(0)).isNotEqualTo("B4");
    assertThat(running.metric("proffer_experiment_stopped", "variant=\"pinned\"")).isEqualTo(1);
    set("first", "start", 200);
    assertThat(suggest(user).ids().get(0)).isEqualTo("B4");

    new StopDirectory(dir.resolve("var")).stop("first", "pinned", 1, "another process");
    await().untilAsserted(() -> assertThat(arm(suggest(user))).endsWith("first:pinned!"));
    Files.delete(dir.resolve("var").resolve(StopDirectory.DIRECTORY).resolve("first.pinned"));
    await().untilAsserted(() -> assertThat(arm(suggest(user))).endsWith("first:pinned"));

    Answer unknown = set("first", "stop?variant=nix", 404);
    assertThat(unknown.json().getString("type")).endsWith("no_such_variant");
    assertThat(unknown.body()).contains("one of [best, pinned]");
    set("nix", "stop", 404);
  }

  private static String userOf(String part) {
    Assigner assigner = new Assigner(configuration.settings().experiments());
    for (int user = 0; ; user++) {
      String id = "other-" + user;
      if (assigner.assign(id, null, System.currentTimeMillis(), Stops.NONE).word().contains(part)) {
        return id;
      }
    }
  }

  private static Answer set(String experiment, String how, int status) {
    Answer answer =
        running
            .management()
            .send(
                "POST",
                "/experiments/{experiment}/" + how.replaceFirst("[?].*", ""),
                running
                    .management()
                    .request("/experiments/" + experiment + "/" + how)
                    .POST(BodyPublishers.noBody()));
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    return answer;
  }

  @Test
  @Order(5)
  void aGuardrailStopsWhatNobodyAcceptsAndARestartDoesNotUndoIt() {
    int answered = 0;
    for (int user = 0; user < 600 && stoppedFor("before") == null; user++) {
      String id = "crowd-" + user;
      Answer answer = suggest(id);
      answered++;
      if (arm(answer).contains("older:now")) {
        log("click", id, answer);
      }
    }
    await()
        .untilAsserted(
            () -> assertThat(stoppedFor("before")).startsWith("guardrail acceptance: 0"));
    assertThat(stoppedFor("now")).isNull();
    assertThat(answered).isGreaterThan(10);
    String user = userOf("older:before");
    assertThat(suggest(user).json().getString("model_version")).isEqualTo("v2");

    running.close();
    running = RunningGateway.on(dir, configuration);
    assertThat(stoppedFor("before")).startsWith("guardrail acceptance: 0");
    Answer after = suggest(user);
    assertThat(arm(after)).startsWith("older:before!");
    assertThat(after.json().getString("model_version")).isEqualTo("v2");
    assertThat(variant("older", "now").getInteger("answers")).isLessThan(2);
    set("older", "start", 200);
    assertThat(suggest(user).json().getString("model_version")).isEqualTo("v1");
  }

  private static String stoppedFor(String variant) {
    return variant("older", variant).getString("stopped_for");
  }

  @Test
  @Order(6)
  void namesItsMetricsInTheDocumentation() throws Exception {
    String documented = Files.readString(Path.of("..", "docs", "metrics.md"));
    for (String line : running.management().get("/metrics").body().split("\n", -1)) {
      if (line.startsWith("# TYPE proffer_experiment")
          || line.startsWith("# TYPE proffer_shadow")) {
        assertThat(documented).contains("`" + line.split(" ", -1)[2] + "`");
      }
    }
  }
}
