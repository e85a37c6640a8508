package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Aside;
import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** All ways into {@code /log_event}, of one gateway whose registry keeps aside what is unknown. */
@ExtendWith(NoBlockedLoops.class)
final class IntakeTest {
  private static final String JSON = "application/json";
  private static final String CLOUDEVENT = "application/cloudevents+json";
  private static final String CLOUDEVENTS = "application/cloudevents-batch+json";

  @TempDir private static Path dir;
  private static RunningGateway running;

  @BeforeAll
  static void start() {
    Shop.open(dir.resolve("var"));
    Configuration configuration = Configuration.shipped(dir);
    configuration.with(
        "events.yaml",
        configuration.text("events.yaml").replace("unknown-types: refuse", "unknown-types: aside")
            + """
              quote:
                description: A price was asked for.
                unknown-fields: aside
                required: [item_id, price]
                fields:
                  price: {type: number, min: 0, max: 100, unit: EUR}
                  channel: {allowed: [web, phone]}
                  mail: {personal: true}
                  urgent: {type: flag}
            """);
    running = RunningGateway.on(dir, configuration);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  private static Answer cloudEvent(String json) {
    return running.open().postEvents(CLOUDEVENT, json);
  }

  private static Answer wrong(String mediaType, String body, String... headers) {
    return running
        .open()
        .postEventsWrong(mediaType, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  private static String id(Answer answer) {
    return answer.json().getString("event_id");
  }

  private static List<LogEntry> logged() {
    List<LogEntry> entries = new ArrayList<>();
    try (EventLog log = EventLog.open(dir.resolve("var").resolve(Gateway.LOG_DIRECTORY));
        EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static List<Event> events(String user) {
    return logged().stream()
        .filter(Event.class::isInstance)
        .map(Event.class::cast)
        .filter(event -> event.userId().equals(user))
        .toList();
  }

  private static List<Aside> asides(String id) {
    return logged().stream()
        .filter(Aside.class::isInstance)
        .map(Aside.class::cast)
        .filter(aside -> aside.id().equals(id + "#aside"))
        .toList();
  }

  private static void refused(Answer answer, int status, String field, String value) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    JsonObject error = answer.json().getJsonArray("errors").getJsonObject(0);
    assertThat(error.getString("field")).as(answer.body()).isEqualTo(field);
    assertThat(error.getString("value")).as(answer.body()).contains(value);
  }

  @Test
  void takesACloudEventInStructuredMode() {
    Answer answer =
        cloudEvent(
            """
            {"specversion": "1.0", "id": "7", "source": "/shop/web", "type": "dev.proffer.click",
             "time": "2026-05-17T09:30:00.250Z", "subject": "someone", "partitionkey": "x",
             "datacontenttype": "application/json", "dataschema": "urn:x",
             "data": {"user_id": "ce1", "item_id": "S1", "request_id": "r", "session_id": "s",
                      "position": 2}}
            """);

    assertThat(answer.status()).isEqualTo(202);
    assertThat(events("ce1"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.id()).isEqualTo(id(answer)).hasSize(36);
              assertThat(event.type()).isEqualTo("click");
              assertThat(event.itemId()).isEqualTo("S1");
              assertThat(event.requestId()).isEqualTo("r");
              assertThat(event.sessionId()).isEqualTo("s");
              assertThat(event.timeMillis()).isEqualTo(1_779_010_200_250L);
              assertThat(event.receivedMillis()).isGreaterThan(event.timeMillis());
              assertThat(event.fields()).isEqualTo(Map.of("position", 2L));
            });
  }

  @Test
  void takesTheSubjectForThePersonAndTheDataBeforeTheType() {
    cloudEvent(
        "{\"data\":{\"item_id\":\"S1\"},\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\","
            + "\"subject\":\"ce2\",\"type\":\"view\"}");

    assertThat(events("ce2")).extracting(Event::type).containsExactly("view");
  }

  @Test
  void tellsTheSameIdOfTwoSourcesApartAndARetryNot() {
    String event =
        "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"view\","
            + "\"subject\":\"ce3\",\"data\":{\"item_id\":\"S1\"}}";
    Answer first = cloudEvent(event.formatted("1", "same-a"));
    Answer retried = cloudEvent(event.formatted("1", "same-a"));
    Answer other = cloudEvent(event.formatted("1", "same-b"));
    Answer shifted = cloudEvent(event.formatted("1same-b", "1"));
    Answer back = cloudEvent(event.formatted("1", "same-b1"));

    assertThat(retried.body()).isEqualTo(first.body());
    assertThat(id(other)).isNotEqualTo(id(first));
    assertThat(events("ce3"))
        .extracting(Event::id)
        .containsExactly(id(first), id(other), id(shifted), id(back))
        .doesNotHaveDuplicates();
  }

  @Test
  void takesABatchOfCloudEventsAndRefusesTheWrongOnesByIndex() {
    Answer answer =
        wrong(
            CLOUDEVENTS,
            """
            [{"specversion":"1.0","id":"1","source":"b","type":"view","subject":"ce4",
              "data":{"item_id":"S1"}},
             {"specversion":"0.3","id":"2","source":"b","type":"view","subject":"ce4"},
             {"specversion":"1.0","id":"3","source":"b","type":"click","subject":"ce4",
              "data":{"item_id":"S1","position":0}},
             {"specversion":"1.0","id":"4","source":"b","type":"click","subject":"ce4"}]
            """);

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().getInteger("accepted")).isEqualTo(1);
    assertThat(Answer.objects(answer.json().getJsonArray("results")))
        .extracting(result -> result.getString("field"))
        .containsExactly(null, "specversion", "data.position", "data.item_id");
    assertThat(events("ce4")).hasSize(1);
  }

  @Test
  void takesACloudEventInBinaryMode() {
    Answer answer =
        running
            .open()
            .postEventsWrong(
                JSON,
                "{\"item_id\":\"S1\",\"seconds\":1.5}".getBytes(StandardCharsets.UTF_8),
                "ce-specversion",
                "1.0",
                "ce-id",
                "1",
                "ce-source",
                "/a%20b",
                "ce-type",
                "dev.proffer.view",
                "ce-subject",
                "ce+5",
                "ce-time",
                "2026-05-17T09:30:00Z");
    Answer structured =
        cloudEvent(
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a b\",\"type\":\"view\","
                + "\"subject\":\"ce+5\",\"data\":{\"item_id\":\"S1\"}}");

    assertThat(answer.status()).as(answer.body()).isEqualTo(202);
    assertThat(id(structured)).isEqualTo(id(answer));
    assertThat(events("ce+5"))
        .singleElement()
        .satisfies(event -> assertThat(event.fields()).isEqualTo(Map.of("seconds", 1.5)));
    refused(
        wrong(JSON, "{\"item_id\":\"S1\"}", "ce-specversion", "1.0", "ce-type", "view"),
        400,
        "id",
        "missing");
    refused(wrong(JSON, "[]", "ce-specversion", "1.0", "ce-type", "view"), 400, "body", "an array");
  }

  @Test
  void namesWhatIsWrongWithACloudEvent() {
    String good =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"w\",\"type\":\"view\","
            + "\"subject\":\"u\",\"data\":{\"item_id\":\"S1\"}}";
    refused(wrong(CLOUDEVENT, "{}"), 400, "specversion", "missing");
    refused(wrong(CLOUDEVENT, good.replace("1.0", "1.1")), 400, "specversion", "1.1");
    refused(wrong(CLOUDEVENT, good.replace("\"id\":\"1\",", "")), 400, "id", "missing");
    refused(wrong(CLOUDEVENT, good.replace("\"w\"", "5")), 400, "source", "5");
    refused(wrong(CLOUDEVENT, good.replace("\"source\":\"w\",", "")), 400, "source", "missing");
    refused(wrong(CLOUDEVENT, good.replace("\"subject\":\"u\",", "")), 400, "subject", "missing");
    refused(
        wrong(
            CLOUDEVENT, good.replace("\"data\":{\"item_id\":\"S1\"}", "\"data_base64\":\"e30=\"")),
        400,
        "data_base64",
        "binary data");
    refused(
        wrong(CLOUDEVENT, good.replace("{\"item_id\":\"S1\"}", "[1]")), 400, "data", "an array");
    refused(
        wrong(CLOUDEVENT, good.replace("\"item_id\"", "\"event_id\":\"e\",\"item_id\"")),
        400,
        "data.event_id",
        "e");
    refused(
        wrong(CLOUDEVENT, good.replace("{\"item_id\"", "{\"more\":{},\"item_id\"")),
        400,
        "data.more",
        "an object");
    refused(
        wrong(CLOUDEVENT, good.replace("\"source\"", "\"time\":5,\"source\"")), 400, "time", "5");
    refused(
        wrong(
            CLOUDEVENT, good.replace("\"source\"", "\"datacontenttype\":\"text/xml\",\"source\"")),
        400,
        "datacontenttype",
        "text/xml");
    refused(wrong(CLOUDEVENTS, good), 400, "body", "an object");
    refused(wrong(CLOUDEVENT, "[" + good + "]"), 400, "body", "an array");
    refused(wrong(CLOUDEVENTS, "[]"), 400, "body", "an empty array");
    refused(wrong("application/cloudevents+xml", good), 415, "content-type", "xml");
  }

  @Test
  void inflatesGzipWithinTheLimits() throws IOException {
    byte[] event =
        "{\"type\":\"view\",\"user_id\":\"zip\",\"item_id\":\"S1\"}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] packed = gzip(event);

    assertThat(zipped(packed).status()).isEqualTo(202);
    assertThat(events("zip")).hasSize(1);
    refused(zipped(event), 400, "body", "not gzip");
    refused(zipped(Arrays.copyOf(packed, packed.length - 1)), 400, "body", "not gzip, or cut off");
    packed[packed.length - 6] ^= 1; // within the checksum
    refused(zipped(packed), 400, "body", "not gzip");
    refused(zipped(gzip(new byte[100 << 20])), 413, "body", "inflates to more than 65536 bytes");
    byte[] array = new byte[100 << 20];
    Arrays.fill(array, (byte) ' ');
    array[0] = '[';
    refused(zipped(gzip(array)), 413, "body", "inflates to more than 1048576 bytes");
    refused(wrong(JSON, "{}", "content-encoding", "br"), 415, "content-encoding", "br");
    assertThat(events("zip")).hasSize(1);
  }

  private static Answer zipped(byte[] body) {
    return running.open().postEventsWrong(JSON, body, "content-encoding", "gzip");
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(body);
    }
    return packed.toByteArray();
  }

  @Test
  void answersARetryWithTheSameKeyAlikeAndKeepsItOnce() {
    String body =
        "[{\"type\":\"view\",\"user_id\":\"key\",\"item_id\":\"S1\"},"
            + "{\"type\":\"view\",\"user_id\":\"key\",\"item_id\":\"S1\"},"
            + "{\"type\":\"view\",\"user_id\":\"key\",\"item_id\":\"S1\",\"event_id\":\"mine\"},"
            + "{\"type\":\"view\"}]";
    Answer first = wrong(JSON, body, "idempotency-key", "k-1");
    Answer retried = wrong(JSON, body, "Idempotency-Key", "k-1");
    Answer other = wrong(JSON, body, "idempotency-key", "k-2");

    assertThat(first.status()).isEqualTo(202);
    assertThat(retried.body()).isEqualTo(first.body());
    List<String> ids =
        Answer.objects(first.json().getJsonArray("results")).stream()
            .map(result -> result.getString("event_id"))
            .filter(Objects::nonNull)
            .toList();
    assertThat(ids).doesNotHaveDuplicates().hasSize(3).contains("mine");
    assertThat(events("key"))
        .extracting(Event::id)
        .startsWith(ids.toArray(String[]::new))
        .hasSize(5);
    assertThat(other.body()).isNotEqualTo(first.body());
    refused(wrong(JSON, body, "idempotency-key", ""), 400, "idempotency-key", "\"\"");
    refused(wrong(JSON, body, "idempotency-key", "k".repeat(257)), 400, "idempotency-key", "kkk");
    refused(
        wrong(JSON, body, "idempotency-key", "a", "idempotency-key", "b"),
        400,
        "idempotency-key",
        "stands twice");
  }

  @Test
  void putsAnEventOfAnUnknownTypeAsideAsItWasWritten() {
    String event =
        "{\"type\": \"purchase\", \"user_id\": \"away\", \"cart\": [{\"ß\": 1}], \"event_id\": \"p1\"}";
    double before = running.metric("proffer_events_total", "outcome=\"aside\"");
    Answer answer = wrong(JSON, "[7, " + event + " ]");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().getInteger("accepted")).isZero();
    assertThat(answer.json().getInteger("aside")).isEqualTo(1);
    assertThat(answer.json().getInteger("refused")).isEqualTo(1);
    JsonObject result = answer.json().getJsonArray("results").getJsonObject(1);
    assertThat(result.getInteger("status")).isEqualTo(202);
    assertThat(result.getBoolean("aside")).isTrue();
    assertThat(result.getString("event_id")).isEqualTo("p1");
    assertThat(asides("p1"))
        .singleElement()
        .satisfies(
            aside -> {
              assertThat(aside.field()).isEqualTo("type");
              assertThat(aside.reason()).contains("purchase", "click", "quote");
              assertThat(aside.body()).isEqualTo(event);
            });
    assertThat(events("away")).isEmpty();
    assertThat(running.metric("proffer_events_total", "outcome=\"aside\"") - before).isEqualTo(1);
  }

  @Test
  void putsAnUnknownFieldAsideAndKeepsTheEventWithoutIt() {
    String event =
        "{\"type\":\"quote\",\"user_id\":\"part\",\"item_id\":\"S1\",\"price\":5,\"deep\":{\"a\":[1]},"
            + "\"colour\":\"red\",\"event_id\":\"q1\"}";
    Answer answer = wrong(JSON, event);

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().getInteger("accepted")).isEqualTo(1);
    JsonObject result = answer.json().getJsonArray("results").getJsonObject(0);
    assertThat(result.getBoolean("aside")).isTrue();
    assertThat(result.getString("field")).isEqualTo("deep");
    assertThat(events("part"))
        .singleElement()
        .satisfies(kept -> assertThat(kept.fields()).isEqualTo(Map.of("price", 5L)));
    assertThat(asides("q1")).singleElement().extracting(Aside::body).isEqualTo(event);
    assertThat(running.metric("proffer_events_total", "outcome=\"trimmed\"")).isEqualTo(1);
    // Other types of this registry refuse what they do not know.
    refused(
        wrong(JSON, "{\"type\":\"view\",\"user_id\":\"part\",\"item_id\":\"S1\",\"colour\":1}"),
        400,
        "colour",
        "1");
  }

  @Test
  void countsAViewedImpressionApartAndNeverAsASecondOne() {
    JsonObject suggestion = running.open().post("/suggest", "{\"user_id\":\"viewer\"}").json();
    double impressions = running.metric("proffer_impressions_total");
    for (String item : List.of("S1", "S2", "S2")) { // the last one is a retry
      Answer answer =
          running
              .open()
              .post(
                  "/log_event",
                  new JsonObject()
                      .put("type", "impression")
                      .put("user_id", "viewer")
                      .put("item_id", item)
                      .put("request_id", suggestion.getString("request_id"))
                      .put("event_id", "viewed-" + item)
                      .encode());
      assertThat(answer.status()).isEqualTo(202);
    }

    assertThat(running.metric("proffer_impressions_total")).isEqualTo(impressions);
    assertThat(running.metric("proffer_viewed_total", "served_by=\"rule_based\"")).isEqualTo(2);
    assertThat(running.metric("proffer_clicks_total")).isZero();
  }

  @Test
  void takesTheCloudEventExamplesOfTheContract() {
    for (String mediaType : List.of(CLOUDEVENT, CLOUDEVENTS)) {
      for (String example : Contract.read().requestExamples("/log_event", mediaType)) {
        assertThat(running.open().postEvents(mediaType, example).status()).isEqualTo(202);
      }
    }
  }

  /** What the schema of the added type says of an event, the gateway says too. */
  @Test
  void servesASchemaOfEveryTypeThatAgreesWithTheGateway() {
    JsonObject contract =
        new JsonObject(
            new Yaml().<Map<String, Object>>load(running.open().get("/openapi.yaml").body()));
    assertThat(contract.getJsonObject("components").getJsonObject("schemas").fieldNames())
        .contains("Event_impression", "Event_view", "Event_click", "Event_conversion", "Event");
    String start = "{\"type\":\"quote\",\"user_id\":\"u\",\"item_id\":\"S1\"";
    for (String good :
        List.of(
            start + ",\"price\":5}",
            start + ",\"price\":0.5,\"channel\":\"web\",\"urgent\":true,\"mail\":\"a\"}",
            start + ",\"price\":100,\"channel\":null,\"timestamp\":5,\"session_id\":null}")) {
      agrees(contract, good, true);
    }
    for (String bad :
        List.of(
            start + "}",
            start + ",\"price\":null}",
            start + ",\"price\":101}",
            start + ",\"price\":\"5\"}",
            start + ",\"price\":5,\"channel\":\"fax\"}",
            start + ",\"price\":5,\"urgent\":1}",
            start + ",\"price\":5,\"mail\":\"\"}",
            start + ",\"price\":5,\"session_id\":\" \"}",
            "{\"type\":\"quote\",\"item_id\":\"S1\",\"price\":5}")) {
      agrees(contract, bad, false);
    }
  }

  private static void agrees(JsonObject contract, String event, boolean good) {
    assertThat(Contract.holds(contract, "#/components/schemas/Event_quote", event).getValid())
        .as(event)
        .isEqualTo(good);
    assertThat(wrong(JSON, event).status()).as(event).isEqualTo(good ? 202 : 400);
  }
}
