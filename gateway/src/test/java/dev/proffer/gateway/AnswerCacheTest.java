package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
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
final class AnswerCacheTest {
  @TempDir private static Path dir;
  private static RunningGateway running;
  private static Models models;

  @BeforeAll
  static void start() {
    Configuration configuration =
        Configuration.shipped(dir)
            .gateway("answer-cache-ms", 600_000)
            .gateway("event-loops", 1)
            .gateway("statistics-refresh-ms", 0)
            .gateway("model-poll-ms", 50);
    Shop.open(dir.resolve("var"));
    models = new Models(configuration.settings(), dir.resolve("var")).publish("ranking", "v1");
    running = RunningGateway.on(dir, configuration);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static Answer suggest(String json) {
    return running.open().post("/suggest", json);
  }

  private static String servedBy(String json) {
    return suggest(json).json().getString("served_by");
  }

  @Test
  void givesTheSamePageAgainAsAnImpressionOfItsOwn() {
    double shown = running.metric("proffer_impressions_total", "served_by=\"cache\"");
    Answer first = suggest("{\"user_id\":\"again\",\"limit\":4}");
    Answer second = suggest("{\"user_id\":\"again\",\"limit\":4}");

    assertThat(first.json().getString("served_by")).isEqualTo("ml_ranker");
    assertThat(second.json().getString("served_by")).isEqualTo("cache");
    assertThat(second.json().getString("model_version")).isEqualTo("v1");
    assertThat(second.json().getJsonArray("propositions"))
        .isEqualTo(first.json().getJsonArray("propositions"));
    assertThat(second.json().getString("request_id"))
        .isNotEqualTo(first.json().getString("request_id"));
    assertThat(running.metric("proffer_impressions_total", "served_by=\"cache\"") - shown)
        .isEqualTo(4);
  }

  @Test
  void anEventOfThePersonEndsIt() {
    String question = "{\"user_id\":\"clicker\"}";
    suggest(question);
    assertThat(servedBy(question)).isEqualTo("cache");
    JsonObject click =
        new JsonObject().put("type", "click").put("user_id", "clicker").put("item_id", "S1");
    assertThat(running.open().post("/log_event", click.encode()).status()).isEqualTo(202);
    assertThat(servedBy(question)).isEqualTo("ml_ranker");
    assertThat(servedBy(question)).isEqualTo("cache");
    // Somebody else's does not.
    click.put("user_id", "other");
    assertThat(running.open().post("/log_event", click.encode()).status()).isEqualTo(202);
    assertThat(servedBy(question)).isEqualTo("cache");
  }

  @Test
  void anotherQuestionIsAnotherAnswer() {
    suggest("{\"user_id\":\"asker\"}");
    for (String other :
        new String[] {
          "{\"user_id\":\"asker\",\"limit\":3}",
          "{\"user_id\":\"asker\",\"exclude\":[\"S1\"]}",
          "{\"user_id\":\"asker\",\"device\":\"mobile\"}",
          "{\"user_id\":\"asker\",\"context\":\"S1\",\"context_type\":\"item\"}",
          "{\"user_id\":\"asker\",\"items\":[\"S1\",\"S2\"]}"
        }) {
      assertThat(servedBy(other)).as(other).isEqualTo("ml_ranker");
      assertThat(servedBy(other)).as(other).isEqualTo("cache");
    }
  }

  @Test
  void whatIsExplainedOrAskedForAnInstantIsComputed() {
    suggest("{\"user_id\":\"curious\"}");
    assertThat(servedBy("{\"user_id\":\"curious\",\"explain\":true}")).isEqualTo("ml_ranker");
    assertThat(servedBy("{\"user_id\":\"curious\",\"explain\":true}")).isEqualTo("ml_ranker");
    String then = "{\"user_id\":\"curious\",\"timestamp\":\"2026-01-01T00:00:00Z\"}";
    assertThat(servedBy(then)).isEqualTo("ml_ranker");
    assertThat(servedBy(then)).isEqualTo("ml_ranker");
  }

  @Test
  void anotherModelAnswersAnew() {
    String question = "{\"user_id\":\"patient\"}";
    suggest(question);
    String before = suggest(question).json().getString("model_version");
    models.publish("ranking", "v-next");
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(suggest(question).json().getString("model_version"))
                    .isEqualTo("v-next"));
    assertThat(before).isEqualTo("v1");
  }
}
