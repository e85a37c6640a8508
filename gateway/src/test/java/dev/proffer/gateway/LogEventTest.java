package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
final class LogEventTest {
  @TempDir private Path dir;
  private RunningGateway running;

  @BeforeEach
  void start() {
    Shop.open(dir.resolve("var"));
    running = RunningGateway.on(dir, Configuration.shipped(dir));
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private Answer log(String json) {
    return running.open().post("/log_event", json);
  }

  private List<String> suggested(String user) {
    return running.open().post("/suggest", "{\"user_id\":\"" + user + "\"}").ids();
  }

  @Test
  void changesTheNextSuggestionOfThePersonAtOnce() {
    assertThat(suggested("fresh")).startsWith("S1");

    for (int time = 0; time < 3; time++) {
      Answer answer = log("{\"type\":\"click\",\"user_id\":\"fresh\",\"item_id\":\"B3\"}");
      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.json().getString("event_id")).isNotBlank();
    }

    assertThat(suggested("fresh")).startsWith("B3");
  }

  @Test
  void countsAnEventOfAClockThatRunsAheadInTheNextSuggestion() {
    String ahead = java.time.Instant.now().plusSeconds(60).toString();
    for (int time = 0; time < 3; time++) {
      log(
          "{\"type\":\"click\",\"user_id\":\"ahead\",\"item_id\":\"B3\",\"timestamp\":\""
              + ahead
              + "\"}");
    }

    assertThat(suggested("ahead")).startsWith("B3");
  }

  @Test
  void keepsTheGoodElementsAndRefusesTheWrongOnesByIndex() {
    Answer answer =
        running
            .open()
            .postWrong(
                "/log_event",
                """
                [{"type":"click","user_id":"u","item_id":"S1","event_id":"e1"},
                 {"type":"purchase","user_id":"u","item_id":"S1"},
                 {"type":"view","user_id":"u","item_id":"S1","seconds":-1},
                 7,
                 {"type":"view","user_id":"u","item_id":"T1"}]
                """);

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().getInteger("accepted")).isEqualTo(2);
    assertThat(answer.json().getInteger("refused")).isEqualTo(3);
    List<JsonObject> results = Answer.objects(answer.json().getJsonArray("results"));
    assertThat(results).extracting(r -> r.getInteger("index")).containsExactly(0, 1, 2, 3, 4);
    assertThat(results)
        .extracting(r -> r.getInteger("status"))
        .containsExactly(202, 400, 400, 400, 202);
    assertThat(results.get(0).getString("event_id")).isEqualTo("e1");
    assertThat(results.get(1).getString("field")).isEqualTo("type");
    assertThat(results.get(1).getString("value")).isEqualTo("purchase");
    assertThat(results.get(1).getString("allowed"))
        .isEqualTo("one of [impression, view, click, conversion]");
    assertThat(results.get(2).getString("field")).isEqualTo("seconds");
    assertThat(results.get(3).getString("field")).isEqualTo("event");
    assertThat(running.metric("proffer_events_total", "outcome=\"kept\"")).isEqualTo(2);
    assertThat(running.metric("proffer_events_total", "outcome=\"refused\"")).isEqualTo(3);
  }

  @Test
  void refusesAsAWholeWhenNoneCanBeKept() {
    Answer answer =
        running.open().postWrong("/log_event", "[{\"type\":\"x\",\"user_id\":\"u\"},{}]");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().getString("type")).isEqualTo("urn:proffer:problem:nothing_kept");
    List<JsonObject> errors = Answer.objects(answer.json().getJsonArray("errors"));
    assertThat(errors).extracting(e -> e.getInteger("index")).containsExactly(0, 1);
    assertThat(errors).extracting(e -> e.getString("field")).containsExactly("type", "type");
  }

  @Test
  void keepsARepeatedEventOnceAndAcknowledgesItAgain() {
    String event =
        "{\"type\":\"click\",\"user_id\":\"again\",\"item_id\":\"B3\",\"event_id\":\"same\"}";
    double before = running.metric("proffer_log_appended_total");

    for (int time = 0; time < 3; time++) {
      Answer answer = log(event);
      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.json().getString("event_id")).isEqualTo("same");
    }

    assertThat(running.metric("proffer_log_appended_total") - before).isEqualTo(1);
    assertThat(running.metric("proffer_log_duplicates_total")).isEqualTo(2);
  }

  @Test
  void takesAThousandEventsAtOnceAndNotOneMore() {
    assertThat(log(batch(1_000)).json().getInteger("accepted")).isEqualTo(1_000);

    Answer more = running.open().postWrong("/log_event", batch(1_001));
    assertThat(more.status()).isEqualTo(400);
    assertThat(more.body()).contains("more than 1000 events", "1 to 1000 events");
  }

  private static String batch(int events) {
    return IntStream.range(0, events)
        .mapToObj(
            at ->
                "{\"type\":\"view\",\"user_id\":\"batch-user\",\"item_id\":\"S1\","
                    + "\"session_id\":\"a-session-of-some-length\",\"event_id\":\"event-"
                    + at
                    + "\"}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Test
  void acceptsEveryExampleOfTheContract() {
    for (String example : Contract.read().requestExamples("/log_event")) {
      assertThat(log(example).status()).isEqualTo(202);
    }
  }

  @Test
  void outlivesAStop() {
    log("{\"type\":\"click\",\"user_id\":\"kept\",\"item_id\":\"B3\",\"event_id\":\"k1\"}");
    running.close();
    running = RunningGateway.on(dir, Configuration.shipped(dir));

    assertThat(running.metric("proffer_log_entries_total"))
        .isEqualTo(Shop.items().size() + Shop.events().size() + 1.0);
    assertThat(suggested("kept")).contains("B3");
  }

  /** The log is held up by a writer of another process that does not finish its record. */
  @Test
  void saysThatTheQueueIsFullAndSuggestsAllTheSame() throws Exception {
    running.close();
    running = RunningGateway.on(dir, Configuration.shipped(dir).gateway("log-queue", 1));
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (ChronicleQueue queue =
            SingleChronicleQueueBuilder.binary(dir.resolve("var").resolve(Gateway.LOG_DIRECTORY))
                .rollCycle(LegacyRollCycles.HOURLY)
                .build();
        ExcerptAppender appender = queue.createAppender()) {
      DocumentContext unfinished = appender.writingDocument();
      CompletableFuture<Answer> first =
          CompletableFuture.supplyAsync(
              () -> log("{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S1\"}"), other);
      await().until(() -> running.metric("proffer_log_queue_depth") == 1);

      Answer second = log("{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S2\"}");
      Answer suggestion = running.open().post("/suggest", "{\"user_id\":\"u\"}");
      unfinished.rollbackOnClose();
      unfinished.close();

      assertThat(second.status()).isEqualTo(503);
      assertThat(second.headers().firstValue("retry-after")).hasValue("1");
      assertThat(second.json().getString("type")).endsWith("log_queue_full");
      assertThat(suggestion.status()).isEqualTo(200);
      assertThat(suggestion.degraded()).contains("impression_lost");
      assertThat(first.get(10, TimeUnit.SECONDS).status()).isEqualTo(202);
      assertThat(running.metric("proffer_degraded_total", "cause=\"impression_lost\""))
          .isEqualTo(1);
    } finally {
      other.shutdownNow();
    }
  }
}
