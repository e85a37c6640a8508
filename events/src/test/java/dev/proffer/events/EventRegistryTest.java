package dev.proffer.events;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventRegistryTest {
  private static final String SHIPPED =
      """
      types:
        impression:
        view: {required: [item_id]}
        click: {required: [item_id]}
        conversion: {required: [item_id]}
      """;

  @TempDir Path home;

  private final Problems problems = new Problems();

  @Test
  void readsATypeAddedInTheFileAlone() throws IOException {
    EventRegistry registry =
        read(
            "max-future-seconds: 60\n"
                + SHIPPED
                + """
                  quote:
                    version: 3
                    description: A price was asked for.
                    required: [item_id, price]
                    fields:
                      price: {type: number, min: 0, max: 100, unit: EUR}
                      channel: {allowed: [web, phone], personal: true}
                      count: {type: integer, min: 1}
                      urgent: {type: flag}
                """);

    assertThat(problems.none()).as(problems.toString()).isTrue();
    assertThat(registry.maxFutureMillis()).isEqualTo(60_000);
    assertThat(registry.types().stream().map(EventType::name))
        .containsExactly("impression", "view", "click", "conversion", "quote");
    EventType quote = requireNonNull(registry.type("quote"));
    assertThat(quote.version()).isEqualTo(3);
    assertThat(quote.description()).isEqualTo("A price was asked for.");
    assertThat(quote.required()).containsExactly("item_id", "price");
    assertThat(quote.fields().keySet()).containsExactly("price", "channel", "count", "urgent");
    EventType.Field price = requireNonNull(quote.fields().get("price"));
    assertThat(price.kind()).isEqualTo(EventType.Kind.NUMBER);
    assertThat(price.unit()).isEqualTo("EUR");
    assertThat(requireNonNull(quote.fields().get("channel")).personal()).isTrue();
    assertThat(registry.type("none")).isNull();
  }

  @Test
  void shipsAFileWithoutMistakes() {
    EventRegistry registry = EventRegistry.read(Path.of("..", "configs"), problems);

    assertThat(problems.none()).as(problems.toString()).isTrue();
    assertThat(registry.types()).isNotEmpty();
  }

  @Test
  void saysEverythingThatIsWrongWithLineAndKey() throws IOException {
    read(
        """
        max-future-seconds: -1
        types:
          impression:
          view:
            version: 0
            required: [item_id, secs]
            fields:
              user_id: {type: text}
              seconds: {type: nmber, min: x}
              worth: {type: number, min: 5, max: 1}
          click: {requires: [item_id]}
        sinks: a
        """);

    assertThat(problems.found())
        .containsExactly(
            at(
                1,
                "max-future-seconds",
                "-1 is out of range; expected a whole number from 0 to 86400"),
            at(
                5,
                "types.view.version",
                "0 is out of range; expected a whole number from 1 to 10000"),
            at(
                9,
                "types.view.fields.seconds.type",
                "\"nmber\" is not one of [text, integer, number, flag]"),
            at(
                9,
                "types.view.fields.seconds.min",
                "\"x\" is not a number; expected a number from 0.0 to 4096.0"),
            at(
                10,
                "types.view.fields.worth.max",
                "1 is out of range; expected a number from 5.0 to 1.0E15"),
            at(
                8,
                "types.view.fields.user_id",
                "is a field of the envelope and cannot be declared again"),
            at(
                6,
                "types.view.required",
                "\"secs\" is neither an envelope field nor declared under fields"),
            at(
                11,
                "types.click.requires",
                "unknown key; known here: [version, description, entities, retain-days, unknown-fields,"
                    + " required, fields]"),
            at(3, "types", "the type \"conversion\" must be declared"),
            at(
                12,
                "sinks",
                "unknown key; known here: [max-future-seconds, unknown-types, unknown-fields,"
                    + " cloudevents-prefix, personal, pseudonyms, types]"));
  }

  @Test
  void namesTheMissingTypesAlwaysInTheSameOrder() throws IOException {
    read("types: {}\n");

    assertThat(problems.found())
        .extracting(Problem::message)
        .containsExactly(
            "the type \"impression\" must be declared",
            "the type \"view\" must be declared",
            "the type \"click\" must be declared",
            "the type \"conversion\" must be declared");
  }

  @Test
  void leavesRoomForATextWhoseLeastLengthIsBeyondTheUsualGreatest() throws IOException {
    EventRegistry registry = read(SHIPPED + "  note:\n    fields: {words: {min: 300}}\n");

    EventType.Field words =
        requireNonNull(requireNonNull(registry.type("note")).fields().get("words"));
    assertThat(words.refusal("x".repeat(300))).isNull();
    assertThat(words.refusal("x".repeat(299))).isNotNull();
  }

  @Test
  void saysWhatAFieldAllows() throws IOException {
    EventRegistry registry =
        read(
            SHIPPED
                + """
                  all:
                    fields:
                      text: {min: 2, max: 3}
                      word: {allowed: [a, b]}
                      whole: {type: integer, min: -1, max: 5}
                      number: {type: number, min: 0, max: 1}
                      flag: {type: flag}
                """);
    var fields = requireNonNull(registry.type("all")).fields();

    assertThat(refusal(fields.get("text"), "abc")).isNull();
    assertThat(refusal(fields.get("text"), "a")).isEqualTo("a text of 2 to 3 characters");
    assertThat(refusal(fields.get("text"), 5L)).isEqualTo("a text");
    assertThat(refusal(fields.get("word"), "b")).isNull();
    assertThat(refusal(fields.get("word"), "c")).isEqualTo("one of [a, b]");
    assertThat(refusal(fields.get("whole"), -1L)).isNull();
    assertThat(refusal(fields.get("whole"), 6L)).isEqualTo("a whole number from -1 to 5");
    assertThat(refusal(fields.get("whole"), 1.0)).isEqualTo("a whole number from -1 to 5");
    assertThat(refusal(fields.get("number"), 1L)).isNull();
    assertThat(refusal(fields.get("number"), 0.5)).isNull();
    assertThat(refusal(fields.get("number"), 1.5)).isEqualTo("a number from 0.0 to 1.0");
    assertThat(refusal(fields.get("flag"), true)).isNull();
    assertThat(refusal(fields.get("flag"), "true")).isEqualTo("true or false");
  }

  private static @org.jspecify.annotations.Nullable String refusal(
      EventType.@org.jspecify.annotations.Nullable Field field, Object value) {
    return requireNonNull(field).refusal(value);
  }

  private EventRegistry read(String yaml) throws IOException {
    Files.writeString(home.resolve(EventRegistry.FILE), yaml);
    return EventRegistry.read(home, problems);
  }

  private Problem at(int line, String key, String message) {
    return new Problem(home.resolve(EventRegistry.FILE).toString(), line, key, message);
  }
}
