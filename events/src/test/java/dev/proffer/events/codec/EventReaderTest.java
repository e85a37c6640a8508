package dev.proffer.events.codec;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.time.Time;
import dev.proffer.events.time.TimeOrderedIds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventReaderTest {
  private static final long NOW = 1_790_000_000_000L;

  @TempDir Path home;

  private EventReader reader;

  @BeforeEach
  void readTheRegistry() throws IOException {
    Files.writeString(
        home.resolve(EventRegistry.FILE),
        """
        max-future-seconds: 60
        types:
          impression: {required: [item_id, request_id]}
          view: {required: [item_id]}
          click:
            required: [item_id]
            fields:
              position: {type: integer, min: 1, max: 10}
              price: {type: number, min: 0, max: 100}
              channel: {allowed: [web, phone]}
              urgent: {type: flag}
              body: {type: number, min: 0, max: 100}
          conversion: {required: [item_id, session_id, event_id, timestamp]}
        """);
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.read(home, problems);
    problems.throwIfAny();
    reader = new EventReader(registry, new TimeOrderedIds(Time.standing(NOW), 1));
  }

  @Test
  void readsAnEventWithEverything() throws InvalidInput {
    Event event =
        accepted(
            """
            {"type": "click", "user_id": "u1", "item_id": "a", "request_id": "r", "session_id": "s",
             "event_id": "e", "timestamp": "2026-01-02T03:04:05.006Z", "position": 3, "price": 2.5,
             "channel": "web", "urgent": true}
            """);

    assertThat(event)
        .isEqualTo(
            new Event(
                "e",
                "click",
                "u1",
                "a",
                "r",
                "s",
                1_767_323_045_006L,
                NOW,
                Map.of("position", 3L, "price", 2.5, "channel", "web", "urgent", true)));
  }

  @Test
  void fillsInIdAndTimeWhereTheyAreMissingOrNull() throws InvalidInput {
    Event event =
        accepted(
            "{\"type\":\"view\",\"user_id\":\"u\",\"item_id\":\"a\",\"timestamp\":null,"
                + "\"event_id\":null,\"session_id\":null}");

    assertThat(event.timeMillis()).isEqualTo(NOW);
    assertThat(event.receivedMillis()).isEqualTo(NOW);
    assertThat(event.sessionId()).isNull();
    assertThat(event.id()).hasSize(36);
    assertThat(accepted("{\"type\":\"view\",\"user_id\":\"u\",\"item_id\":\"a\"}").id())
        .isGreaterThan(event.id());
  }

  @Test
  void takesATextMadeOfWhatNeedsEscapingAsItIs() throws InvalidInput {
    Event event =
        accepted(
            "{\"type\":\"view\",\"user_id\":\"\\\"\\u0000\\ud83d\\ude00ß\",\"item_id\":\"a\"}");
    assertThat(event.userId()).isEqualTo("\"\u0000\uD83D\uDE00ß");
  }

  @Test
  void namesFieldValueAndWhatIsAllowed() throws InvalidInput {
    String ids = "a text of 1 to 256 characters";
    String types = "one of [impression, view, click, conversion]";
    refused("{\"user_id\":\"u\"}", "type", "missing", types);
    refused("{\"type\":\"clck\",\"user_id\":\"u\"}", "type", "clck", types);
    refused("{\"type\":\"click\",\"item_id\":\"a\"}", "user_id", "missing", ids);
    refused("{\"type\":\"click\",\"user_id\":\"u\"}", "item_id", "missing", "it in every click");
    refused("{\"type\":\"click\",\"user_id\":5}", "user_id", "5", ids);
    refused("{\"type\":\"click\",\"user_id\":\"  \"}", "user_id", "\"  \"", ids);
    refused(
        click("\"session_id\":\"" + "x".repeat(257) + "\""),
        "session_id",
        "\"" + "x".repeat(79) + "…",
        ids);
    refused(
        click("\"colour\":\"red\""),
        "colour",
        "red",
        "only the envelope and [position, price, channel, urgent, body] in a click");
    refused(click("\"position\":11"), "position", "11", "a whole number from 1 to 10");
    refused(click("\"position\":1.0"), "position", "1.0", "a whole number from 1 to 10");
    refused(click("\"position\":\"1\""), "position", "1", "a whole number from 1 to 10");
    refused(click("\"price\":-0.5"), "price", "-0.5", "a number from 0.0 to 100.0");
    refused(click("\"channel\":\"fax\""), "channel", "fax", "one of [web, phone]");
    refused(click("\"urgent\":1"), "urgent", "1", "true or false");
    refused(click("\"position\":[1]"), "position", "an array", "a plain value");
    refused(click("\"position\":{\"a\":{}}"), "position", "an object", "a plain value");
    refused(click("\"price\":1e999"), "price", "1e999", "a finite number");
    refused(click("\"position\":1,\"position\":2"), "position", "stands twice", "each field once");
    refused(
        click("\"user_id\":\"u\",\"user_id\":\"v\""), "user_id", "stands twice", "each field once");
    refused(
        click("\"channel\":\"\\ud800\""), "channel", "\\ud800", "text without unpaired surrogates");
    refused(
        "{\"type\":\"impression\",\"user_id\":\"u\",\"item_id\":\"a\"}",
        "request_id",
        "missing",
        "it in every impression");
    refused("[]", "event", "an array", "an object");
    refused("5", "event", "5", "an object");
    refused("null", "event", "null", "an object");
  }

  /** The fast way through a time agrees with the slow one, whatever the text. */
  @Test
  void readsEveryTimeAsTheLibraryDoes() throws InvalidInput {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      String text =
          String.format(
              java.util.Locale.ROOT,
              "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
              1960 + random.nextInt(500),
              random.nextInt(14),
              random.nextInt(33),
              random.nextInt(26),
              random.nextInt(62),
              random.nextInt(62),
              List.of("", ".5", ".25", ".125", ".123456789", ".", ".1x", ".1234567890")
                  .get(random.nextInt(8)));
      String slow;
      try {
        slow = Long.toString(JsonInput.instant("t", text));
      } catch (InvalidInput e) {
        slow = e.getMessage();
      }
      String fast;
      byte[] json = ('"' + text + '"').getBytes(StandardCharsets.UTF_8);
      try (JsonInput in = new JsonInput(json, 0, json.length)) {
        in.next();
        fast = Long.toString(in.instant("t"));
      } catch (InvalidInput e) {
        fast = e.getMessage();
      }
      assertThat(fast).as(text).isEqualTo(slow);
    }
  }

  @Test
  void makesTheSameIdOfTheSameKeyAndPlaceAlways() throws InvalidInput {
    String event = "{\"type\":\"view\",\"user_id\":\"u\",\"item_id\":\"a\"}";

    assertThat(keyed(event, "k", 0)).isEqualTo(keyed(event, "k", 0)).hasSize(36);
    assertThat(keyed(event, "k", 1)).isNotEqualTo(keyed(event, "k", 0));
    assertThat(keyed(event, "k1", 1)).isNotEqualTo(keyed(event, "k", 11));
    assertThat(java.util.UUID.fromString(keyed(event, "k", 0)).version()).isEqualTo(8);
    assertThat(keyed(event, "k", 0)).isEqualTo("5a644747-1f92-81a0-8fcc-ee4beef3bae7");
    assertThat(keyed(event.replace("}", ",\"event_id\":\"mine\"}"), "k", 0)).isEqualTo("mine");
  }

  private String keyed(String json, String key, int index) throws InvalidInput {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    try (JsonInput in = new JsonInput(body, 0, body.length)) {
      in.next();
      return reader.read(in, NOW, key, index).id();
    }
  }

  @Test
  void boundsTheFieldsOfAnEvent() throws InvalidInput {
    StringBuilder many = new StringBuilder("\"f0\":1");
    for (int field = 1; field <= 256; field++) {
      many.append(",\"f").append(field).append("\":1");
    }
    refused(click(many.toString()), "f256", "one field too many", "at most 256 fields");
  }

  @Test
  void refusesTimesThatAreNoneOrTooFarAhead() throws InvalidInput {
    String ahead = "a time at most 60 s after the server's clock";
    refused(click("\"timestamp\":" + (NOW + 60_001)), "timestamp", "" + (NOW + 60_001), ahead);
    refused(
        click("\"timestamp\":\"9999-12-31T23:59:59Z\""),
        "timestamp",
        "9999-12-31T23:59:59Z",
        ahead);
    assertThat(accepted(click("\"timestamp\":" + (NOW + 60_000))).timeMillis())
        .isEqualTo(NOW + 60_000);
    assertThat(accepted(click("\"timestamp\":0")).timeMillis()).isZero();
    for (String time :
        List.of(
            "-1", "1.5", "true", "\"noon\"", "\"+999999999-12-31T00:00:00Z\"", "\"2026-01-01\"")) {
      EventReader.Read read = readOne(click("\"timestamp\":" + time));
      assertThat(requireNonNull(read.refusal()).field()).as(time).isEqualTo("timestamp");
    }
  }

  @Test
  void requiresWhateverTheTypeRequiresOfTheEnvelope() throws InvalidInput {
    String all = "\"session_id\":\"s\",\"event_id\":\"e\",\"timestamp\":5";
    accepted(conversion(all));
    for (String one : List.of("\"session_id\":\"s\"", "\"event_id\":\"e\"", "\"timestamp\":5")) {
      String others = all.replace(one + ",", "").replace("," + one, "");
      refused(
          conversion(others),
          one.substring(1, one.indexOf('"', 1)),
          "missing",
          "it in every conversion");
    }
  }

  @Test
  void readsTheEventsBehindARefusedOne() throws InvalidInput {
    List<EventReader.Read> read =
        readAll(
            "["
                + String.join(
                    ",",
                    click("\"position\":1"),
                    "{\"type\":{\"deep\":[[{}]]},\"user_id\":[1,2],\"more\":{\"a\":1}}",
                    "7",
                    "[[1],{}]",
                    "\"text\"",
                    click("\"position\":0,\"price\":{\"a\":[1]},\"channel\":\"web\""),
                    click("\"body\":1e999,\"position\":1"),
                    click("\"body\":{\"a\":1},\"position\":1"),
                    click("\"body\":\"\\ud800\""),
                    "{}",
                    click("\"position\":2"))
                + "]");

    assertThat(read).hasSize(11);
    assertThat(requireNonNull(read.get(0).event()).fields()).isEqualTo(Map.of("position", 1L));
    for (int at = 1; at < 10; at++) {
      assertThat(read.get(at).event()).as("element %d", at).isNull();
      assertThat(read.get(at).refusal()).as("element %d", at).isNotNull();
    }
    assertThat(requireNonNull(read.get(6).refusal()).field()).isEqualTo("body");
    assertThat(requireNonNull(read.get(10).event()).fields()).isEqualTo(Map.of("position", 2L));
  }

  @Test
  void givesUpOnABodyThatIsBrokenInTheMiddle() {
    for (String body :
        List.of(
            "[{\"type\":\"click\",",
            "[{\"type\":\"click\" \"user_id\":\"u\"}]",
            "[{\"a\":{\"b\":tru},\"user_id\":\"u\"},{}]",
            "[{\"a\":[1,},\"user_id\":\"u\"},{}]",
            "[{\"price\":NaN}]",
            "[{\"a\":" + "[".repeat(40) + "]".repeat(40) + "},{}]",
            "[{\"a\":\"\u0002\"}]")) {
      assertThatThrownBy(() -> readAll(body))
          .as(body)
          .isInstanceOfSatisfying(
              InvalidInput.class, broken -> assertThat(broken.field()).isEqualTo("body"));
    }
  }

  @Test
  void neitherThrowsNorAcceptsAnythingElseOnMutatedBodies() {
    String good =
        "[" + click("\"position\":1,\"price\":0.5") + "," + conversion("\"event_id\":\"e\"") + "]";
    long seed = 20_260_517;
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] body = good.getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(4); change >= 0; change--) {
        body[random.nextInt(body.length)] =
            (byte)
                (random.nextBoolean()
                    ? "{}[],:\"\\0e-.tn".charAt(random.nextInt(14))
                    : random.nextInt());
      }
      try {
        for (EventReader.Read read : readAll(body)) {
          assertThat(read.event() == null)
              .as("seed %d round %d", seed, round)
              .isEqualTo(read.refusal() != null);
        }
      } catch (InvalidInput e) {
        assertThat(e.field()).as("seed %d round %d", seed, round).isEqualTo("body");
      }
    }
  }

  private static String click(String fields) {
    String user = fields.contains("user_id") ? "" : "\"user_id\":\"u\",";
    return "{\"type\":\"click\"," + user + "\"item_id\":\"a\"," + fields + "}";
  }

  private static String conversion(String fields) {
    return "{\"type\":\"conversion\",\"user_id\":\"u\",\"item_id\":\"a\"," + fields + "}";
  }

  private Event accepted(String json) throws InvalidInput {
    EventReader.Read read = readOne(json);
    assertThat(read.refusal()).isNull();
    return requireNonNull(read.event());
  }

  private void refused(String json, String field, String value, String allowed)
      throws InvalidInput {
    EventReader.Read read = readOne(json);
    assertThat(read.event()).as(json).isNull();
    InvalidInput refusal = requireNonNull(read.refusal());
    assertThat(refusal.getMessage())
        .isEqualTo(field + ": " + value + " is not allowed; expected " + allowed);
  }

  private EventReader.Read readOne(String json) throws InvalidInput {
    JsonInput in = input(json.getBytes(StandardCharsets.UTF_8));
    in.next();
    EventReader.Read read = reader.read(in, NOW);
    in.end();
    return read;
  }

  private List<EventReader.Read> readAll(String json) throws InvalidInput {
    return readAll(json.getBytes(StandardCharsets.UTF_8));
  }

  private List<EventReader.Read> readAll(byte[] body) throws InvalidInput {
    JsonInput in = input(body);
    List<EventReader.Read> all = new ArrayList<>();
    if (in.next() != JsonToken.START_ARRAY) {
      throw in.refused("body", "an array");
    }
    while (in.next() != JsonToken.END_ARRAY) {
      if (in.token() == null) {
        throw in.refused("body", "the end of the array");
      }
      all.add(reader.read(in, NOW));
    }
    in.end();
    return all;
  }

  private static JsonInput input(byte[] body) throws InvalidInput {
    return new JsonInput(body, 0, body.length);
  }
}
