package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
@TestInstance(Lifecycle.PER_CLASS)
final class ManagementTest {
  private static final String V1 = "model_version=\"v1\"";

  @TempDir private static Path dir;
  private static RunningGateway running;
  private static Models models;

  @BeforeAll
  static void start() {
    Configuration configuration = Configuration.shipped(dir).gateway("model-poll-ms", 50);
    Shop.open(dir.resolve("var"));
    models = new Models(configuration.settings(), dir.resolve("var")).publish("ranking", "v1");
    running = RunningGateway.on(dir, configuration);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void isAliveAndReady() {
    assertThat(running.management().get("/livez").json().getString("status")).isEqualTo("alive");
    assertThat(running.management().get("/readyz").json().getString("status")).isEqualTo("ready");
    assertThat(running.management().get("/nix").status()).isEqualTo(404);
    assertThat(
            running
                .management()
                .send(
                    "POST",
                    "/livez",
                    running.management().request("/livez").POST(BodyPublishers.noBody()))
                .status())
        .isEqualTo(405);
  }

  @Test
  void saysHowItIsInWords() {
    await()
        .untilAsserted(
            () -> {
              JsonObject health = running.open().get("/health").json();
              JsonObject parts = health.getJsonObject("parts");
              assertThat(health.getString("phase")).isEqualTo("ready");
              assertThat(parts.getJsonObject("statistics").getString("detail"))
                  .startsWith("12 items, 100 events");
              assertThat(parts.getJsonObject("users").getString("detail"))
                  .endsWith("users with a sequence");
              assertThat(parts.getJsonObject("models").getString("detail"))
                  .contains("ranking: champion v1; leave: no model");
              assertThat(health.getString("status")).isEqualTo("degraded");
            });
  }

  @Test
  void listsTheModelsOfEveryTask() {
    JsonObject tasks = running.management().get("/models").json().getJsonObject("tasks");
    assertThat(tasks.fieldNames()).containsExactly("ranking", "leave");
    assertThat(tasks.getJsonObject("ranking").getString("champion")).isEqualTo("v1");
    assertThat(tasks.getJsonObject("leave").getString("champion")).isNull();
  }

  @Test
  void rollsATaskBackAndAnswersWithTheModelBefore() {
    Answer nothing = rollback("leave");
    assertThat(nothing.status()).isEqualTo(409);
    assertThat(nothing.json().getJsonArray("errors").getJsonObject(0).getString("field"))
        .isEqualTo("task");
    assertThat(rollback("nix").status()).isEqualTo(404);

    models.publish("ranking", "v2");
    await().untilAsserted(() -> assertThat(served()).isEqualTo("v2"));
    assertThat(models.registry().served("ranking", System.currentTimeMillis()))
        .containsExactly("v1", "v2");
    Answer back = rollback("ranking");
    assertThat(back.status()).isEqualTo(200);
    assertThat(back.json().getString("champion")).isEqualTo("v1");
    assertThat(back.json().getString("previous")).isEqualTo("v2");
    assertThat(served()).isEqualTo("v1");
  }

  private static Answer rollback(String task) {
    return running
        .management()
        .send(
            "POST",
            "/models/{task}/rollback",
            running
                .management()
                .request("/models/" + task + "/rollback")
                .POST(BodyPublishers.noBody()));
  }

  private static String served() {
    return running
        .open()
        .post("/suggest", "{\"user_id\":\"somebody\"}")
        .json()
        .getString("model_version");
  }

  @Test
  void countsClicksAndConversionsForTheModelThatShowedThem() {
    double shownBefore = running.metric("proffer_impressions_total", V1);
    String requestId = suggest("clicker");
    suggest("other");
    for (int time = 0; time < 2; time++) {
      log("click", requestId, "click-" + time);
    }
    log("click", requestId, "click-0"); // sent again: counted once
    log("conversion", requestId, "conversion");
    log("click", "never-heard-of", "stray");

    // CTR and acceptance, as docs/metrics.md writes them.
    double shown = running.metric("proffer_impressions_total", V1) - shownBefore;
    assertThat(shown).isEqualTo(10);
    assertThat(running.metric("proffer_clicks_total", V1, "served_by=\"ml_ranker\"") / shown)
        .isEqualTo(0.2);
    assertThat(running.metric("proffer_accepted_total", V1)).isEqualTo(1);
    assertThat(running.metric("proffer_suggestions_total", V1)).isGreaterThanOrEqualTo(2);
    assertThat(running.metric("proffer_conversions_total", V1)).isEqualTo(1);
    assertThat(running.metric("proffer_clicks_total", "model_version=\"unknown\"")).isEqualTo(1);
  }

  private static String suggest(String user) {
    return running
        .open()
        .post("/suggest", "{\"user_id\":\"" + user + "\",\"limit\":5}")
        .json()
        .getString("request_id");
  }

  private static void log(String type, String requestId, String eventId) {
    JsonObject event =
        new JsonObject()
            .put("type", type)
            .put("user_id", "clicker")
            .put("item_id", "S1")
            .put("request_id", requestId)
            .put("event_id", eventId);
    assertThat(running.open().post("/log_event", event.encode()).status()).isEqualTo(202);
  }

  @Test
  void showsEveryMetricThatIsDocumented() {
    suggest("measured");
    log("view", "r", "measured");
    running.open().postWrong("/suggest", "{}");
    running.open().get("/nix");
    running.open().post("/predict", "{\"user_id\":\"u\",\"task\":\"leave\"}");
    String text = running.management().get("/metrics").body();

    assertThat(text)
        .contains(
            "http_server_request_duration_seconds_bucket{outcome=\"2xx\",route=\"/suggest\",le=\"1.0E-4\"}",
            "http_server_request_duration_seconds_bucket{outcome=\"4xx\",route=\"/suggest\",le=\"10.0\"}",
            "http_server_request_duration_seconds_count{outcome=\"4xx\",route=\"other\"}",
            "proffer_admission_limit ",
            "proffer_candidates_total{source=\"popular\"}",
            "proffer_coverage_ratio",
            "proffer_degraded_total{cause=\"champion_failed\"} 0.0",
            "proffer_events_total{outcome=\"kept\",type=\"view\"}",
            "proffer_impressions_total{model_version=\"v1\",served_by=\"ml_ranker\"}",
            "proffer_log_appended_total",
            "proffer_log_duplicates_total",
            "proffer_log_entries_total",
            "proffer_log_queue_depth",
            "proffer_log_silence_seconds",
            "proffer_log_unfolded_total",
            "proffer_log_unreadable_total",
            "proffer_model_info{alias=\"champion\",model_version=\"v1\",task=\"ranking\"} 1",
            "proffer_predictions_total{model_version=\"none\",served_by=\"static\",task=\"leave\"}",
            "proffer_problems_total{problem=\"malformed_request\"}",
            "proffer_suggestions_total{model_version=\"v1\",served_by=\"ml_ranker\"}",
            "proffer_users",
            "jvm_memory_used_bytes",
            "jvm_gc_",
            "process_uptime_seconds");
    await()
        .untilAsserted(
            () -> assertThat(running.metric("proffer_coverage_ratio")).isGreaterThan(0.3));
  }

  @Test
  void namesEveryMetricOfOursInTheDocumentation() throws Exception {
    String documented = java.nio.file.Files.readString(Path.of("..", "docs", "metrics.md"));
    for (String line : running.management().get("/metrics").body().split("\n", -1)) {
      if (line.startsWith("# TYPE proffer_") || line.startsWith("# TYPE http_")) {
        assertThat(documented).contains("`" + line.split(" ", -1)[2] + "`");
      }
    }
  }
}
