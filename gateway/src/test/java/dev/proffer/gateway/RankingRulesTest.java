package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rules after scoring over HTTP: what is served, told, logged, counted and remembered. */
@ExtendWith(NoBlockedLoops.class)
final class RankingRulesTest {
  private static final String RULES =
      """
      rules:
        - {rule: frequency-cap, most: 2, within-hours: 24}
        - {rule: pin, slot: 1, where: {price: {min: 0}}}
        - {rule: exploration, policy: softmax, temperature: 5, depth: 5, from-slot: 2}
      """;

  @TempDir private Path dir;

  @Test
  void servesTellsAndRemembersWhatTheRulesDecide() {
    Configuration configuration = Configuration.shipped(dir).with("ranking.yaml", RULES);
    Shop.open(dir.resolve("var"));
    new Models(configuration.settings(), dir.resolve("var")).publish("ranking", "v1");
    Answer first;
    try (RunningGateway running = RunningGateway.on(dir, configuration)) {
      first = suggest(running, "ann", true);
      assertThat(first.ids()).hasSize(4);
      List<JsonObject> told = Answer.objects(first.json().getJsonArray("propositions"));
      JsonObject pinned = told.get(0).getJsonArray("rules").getJsonObject(0);
      assertThat(pinned.getString("rule")).isEqualTo("pin");
      assertThat(pinned.getString("effect")).isEqualTo("pinned");
      assertThat(pinned.getInteger("amount")).isEqualTo(1);
      assertThat(told.get(1).getDouble("propensity")).isGreaterThan(0).isLessThan(1);
      assertThat(told.get(1).getJsonObject("families").fieldNames()).isNotEmpty();
      assertThat(told.get(1).getJsonArray("found").getJsonObject(0).getInteger("place"))
          .isPositive();
      assertThat(first.json().getJsonObject("removed").fieldNames()).isEmpty();
      // What was shown twice is left out, once the log has both showings.
      Answer second = suggest(running, "ann", true);
      List<String> both = new ArrayList<>(first.ids());
      both.retainAll(second.ids());
      assertThat(both).as("the pin at least").isNotEmpty();
      await()
          .untilAsserted(
              () ->
                  assertThat(suggest(running, "ann", false).ids())
                      .doesNotContainAnyElementsOf(both));
      assertThat(suggest(running, "bob", false).ids()).contains(first.ids().get(0));
      assertThat(running.metric("proffer_ruled_items_total", "rule=\"pin\"", "effect=\"moved\""))
          .isGreaterThanOrEqualTo(4);
      assertThat(
              running.metric(
                  "proffer_ruled_items_total", "rule=\"frequency-cap\"", "effect=\"removed\""))
          .isPositive();
    }
    Impression impression = impression(first.json().getString("request_id"));
    assertThat(impression.shown().get(0).propensity()).isEqualTo(1f);
    assertThat(impression.shown().subList(1, 4))
        .allMatch(shown -> shown.propensity() > 0 && shown.propensity() < 1);
  }

  private static Answer suggest(RunningGateway running, String user, boolean explain) {
    Answer answer =
        running
            .open()
            .post(
                "/suggest",
                "{\"user_id\":\"" + user + "\",\"limit\":4,\"explain\":" + explain + "}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  private Impression impression(String requestId) {
    try (EventLog log = EventLog.open(dir.resolve("var").resolve(Gateway.LOG_DIRECTORY));
        EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        if (entry instanceof Impression impression && impression.requestId().equals(requestId)) {
          return impression;
        }
      }
    }
    throw new AssertionError(requestId + " is not in the log");
  }
}
