package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
@TestInstance(Lifecycle.PER_CLASS)
final class SuggestTest {
  @TempDir private static Path dir;
  private static RunningGateway running;

  @BeforeAll
  static void start() {
    Configuration configuration = Configuration.shipped(dir);
    Shop.open(dir.resolve("var"));
    new Models(configuration.settings(), dir.resolve("var")).publish("ranking", "v1");
    running = RunningGateway.on(dir, configuration);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static Answer suggest(String json) {
    Answer answer = running.open().post("/suggest", json);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  @Test
  void answersAPersonNeverSeenWithTenPropositionsAndAReasonEach() {
    Answer answer = suggest("{\"user_id\":\"nobody\"}");

    assertThat(answer.ids()).hasSize(10).doesNotHaveDuplicates();
    assertThat(Answer.objects(answer.json().getJsonArray("propositions")))
        .allSatisfy(
            proposition -> {
              assertThat(proposition.getString("reason")).isNotBlank();
              assertThat(proposition.getDouble("confidence")).isBetween(0.0, 1.0);
              assertThat(proposition.getJsonArray("sources")).isNotEmpty();
              assertThat(proposition.fieldNames())
                  .containsExactly("id", "title", "category", "confidence", "reason", "sources");
            });
    assertThat(answer.json().fieldNames())
        .containsExactly(
            "request_id",
            "propositions",
            "served_by",
            "model_version",
            "variant",
            "degraded",
            "latency_ms");
    assertThat(answer.json().getString("variant")).isEqualTo("default");
  }

  @Test
  void answersEveryExampleOfTheContract() {
    for (String example : Contract.read().requestExamples("/suggest")) {
      suggest(example);
    }
  }

  @Test
  void proposesNoMoreThanAskedFor() {
    assertThat(suggest("{\"user_id\":\"u\",\"limit\":3}").ids()).hasSize(3);
    assertThat(suggest("{\"user_id\":\"u\",\"limit\":100}").ids()).hasSize(12);
  }

  @Test
  void ranksExactlyTheGivenItemsAndSaysThatSomeAreUnknown() {
    Answer answer = suggest("{\"user_id\":\"u\",\"items\":[\"T1\",\"nix\",\"B2\"]}");

    assertThat(answer.ids()).containsExactlyInAnyOrder("T1", "nix", "B2");
    assertThat(answer.degraded()).containsExactly("unknown_items");
  }

  @Test
  void proposesNothingThatIsExcluded() {
    assertThat(suggest("{\"user_id\":\"u\",\"limit\":100,\"exclude\":[\"S1\",\"B1\"]}").ids())
        .hasSize(10)
        .doesNotContain("S1", "B1");
  }

  @Test
  void proposesOnlyWhatPassesTheFilter() {
    assertThat(filtered("{\"category\":{\"equals\":\"skirts\"}}"))
        .containsExactlyInAnyOrder("S1", "S2", "S3", "S4");
    assertThat(filtered("{\"price\":{\"min\":20,\"max\":30},\"colour\":{\"in\":[\"black\"]}}"))
        .containsExactlyInAnyOrder("S2", "T2", "B2");
    assertThat(filtered("{\"price\":{\"equals\":40}}")).containsExactlyInAnyOrder("S4", "T4", "B4");
    assertThat(filtered("{\"price\":{\"min\":1000}}")).isEmpty();
    assertThat(filtered("{}")).hasSize(12);
  }

  private static List<String> filtered(String filter) {
    return suggest("{\"user_id\":\"u\",\"limit\":100,\"filter\":" + filter + "}").ids();
  }

  @Test
  void explainsScoreFeaturesAndContributionsWhenAsked() {
    Answer answer = suggest("{\"user_id\":\"u\",\"limit\":1,\"explain\":true}");

    assertThat(answer.json().getInteger("candidates")).isEqualTo(12);
    JsonObject proposition = answer.json().getJsonArray("propositions").getJsonObject(0);
    assertThat(proposition.getJsonObject("features").fieldNames())
        .contains("next_by_walk", "session_length")
        .isEqualTo(proposition.getJsonObject("contributions").fieldNames());
    assertThat(proposition.getDouble("score")).isNotNull();
  }

  @Test
  void takesTheContextAndTheInstantItIsGiven() {
    suggest(
        "{\"user_id\":\"u\",\"context\":\"trousers\",\"context_type\":\"category\",\"limit\":4}");
    suggest("{\"user_id\":\"u\",\"context\":\"S1\",\"context_type\":\"item\"}");
    suggest("{\"user_id\":\"u\",\"context\":\"red\",\"context_type\":\"search\"}");
    suggest("{\"user_id\":\"u\",\"timestamp\":\"2026-05-17T09:30:00+02:00\",\"device\":\"tv\"}");
    suggest("{\"user_id\":\"u\",\"timestamp\":1750000000000,\"session_id\":\"s\"}");
    suggest("{\"user_id\":\"u\",\"context\":null,\"context_type\":null,\"device\":null}");
  }

  @Test
  void logsWhatItWasServedWith() {
    Answer answer =
        suggest("{\"user_id\":\"impressed\",\"limit\":2,\"device\":\"tv\",\"session_id\":\"s9\"}");
    // The log takes turns: once this is acknowledged, the impression before it is in.
    running
        .open()
        .post("/log_event", "{\"type\":\"view\",\"user_id\":\"impressed\",\"item_id\":\"S1\"}");

    Impression impression = impression(answer.json().getString("request_id"));
    assertThat(impression.userId()).isEqualTo("impressed");
    assertThat(impression.device()).isEqualTo("tv");
    assertThat(impression.sessionId()).isEqualTo("s9");
    assertThat(impression.servedBy()).isEqualTo("ml_ranker");
    assertThat(impression.modelVersion()).isEqualTo("v1");
    assertThat(impression.variant()).isEqualTo("default");
    assertThat(impression.contractSha()).hasSize(64);
    assertThat(impression.shown())
        .extracting(Impression.Shown::itemId)
        .containsExactlyElementsOf(answer.ids());
    assertThat(impression.shown())
        .allSatisfy(
            shown -> {
              assertThat(shown.features()).isNotEmpty();
              assertThat(shown.propensity()).isEqualTo(1);
            });
  }

  private static Impression impression(String requestId) {
    List<Impression> found = new ArrayList<>();
    try (EventLog log = EventLog.open(dir.resolve("var").resolve(Gateway.LOG_DIRECTORY));
        EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        if (entry instanceof Impression impression && impression.requestId().equals(requestId)) {
          found.add(impression);
        }
      }
    }
    assertThat(found).hasSize(1);
    return found.get(0);
  }
}
