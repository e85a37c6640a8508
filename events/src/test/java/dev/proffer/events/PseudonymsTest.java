package dev.proffer.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.ConfigException;
import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PseudonymsTest {
  /** A key of 32 bytes, 1 to 32. */
  private static final byte[] KEY = new byte[32];

  static {
    for (int at = 0; at < KEY.length; at++) {
      KEY[at] = (byte) (at + 1);
    }
  }

  /** {@code printf u1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:0102…20}, 16 bytes of it. */
  private static final String U1 = "hmac:3f986928e906e710fad01383ed5e26ad";

  @TempDir Path home;

  @Test
  void replacesWhatIsMarkedPersonalAndNothingElse() throws IOException {
    Files.write(home.resolve("key"), KEY);
    Pseudonyms pseudonyms = Pseudonyms.of(registry("apply: true, key-file: key"));

    Event event =
        (Event) pseudonyms.apply(event("quote", Map.of("price", 5L, "mail", "a@b", "age", 40L)));

    assertThat(pseudonyms.apply()).isTrue();
    assertThat(event.userId()).isEqualTo(U1);
    assertThat(event.sessionId()).isEqualTo("s");
    assertThat(event.itemId()).isEqualTo("a");
    assertThat(event.requestId()).isEqualTo("r");
    assertThat(event.id()).isEqualTo("e");
    assertThat(event.timeMillis()).isEqualTo(7);
    assertThat(event.receivedMillis()).isEqualTo(8);
    assertThat(event.fields()).containsEntry("price", 5L).containsOnlyKeys("price", "mail", "age");
    assertThat(event.fields().get("mail")).asString().matches("hmac:[0-9a-f]{32}");
    assertThat(event.fields().get("age")).asString().matches("hmac:[0-9a-f]{32}");
  }

  @Test
  void givesAUserOnePseudonymInEventsImpressionsAndErasures() throws IOException {
    Files.write(home.resolve("key"), KEY);
    EventRegistry registry = registry("apply: true, key-file: key");
    Impression shown =
        new Impression(
            "r",
            "u1",
            "s",
            "phone",
            "red shoes",
            "search",
            5,
            "static",
            null,
            "default",
            null,
            List.of(),
            0,
            List.of());

    Impression impression = (Impression) Pseudonyms.of(registry).apply(shown);
    Erasure erasure = (Erasure) Pseudonyms.of(registry).apply(new Erasure("x", "u1", 9));

    assertThat(impression.userId()).isEqualTo(U1);
    assertThat(impression.context()).startsWith("hmac:");
    assertThat(impression.device()).isEqualTo("phone");
    assertThat(impression.sessionId()).isEqualTo("s");
    assertThat(erasure).isEqualTo(new Erasure("x", U1, 9));
  }

  @Test
  void takesWhatTheRegistryDoesNotDeclareForPersonal() throws IOException {
    Files.write(home.resolve("key"), KEY);
    Pseudonyms pseudonyms = Pseudonyms.of(registry("apply: true, key-file: key"));

    Event removedField = (Event) pseudonyms.apply(event("quote", Map.of("gone", "u1")));
    Event removedType = (Event) pseudonyms.apply(event("gone", Map.of("price", "u1")));
    Aside aside = (Aside) pseudonyms.apply(new Aside("i", 5, "mail", "only these", "u1"));

    assertThat(removedField.fields()).isEqualTo(Map.of("gone", U1));
    assertThat(removedType.fields()).isEqualTo(Map.of("price", U1));
    assertThat(aside).isEqualTo(new Aside("i", 5, "mail", "only these", U1));
  }

  @Test
  void leavesEverythingAsItIsUnlessItIsAppliedAndItemsAlways() throws IOException {
    Files.write(home.resolve("key"), KEY);
    Event event = event("quote", Map.of("mail", "a@b"));
    Item item = new Item("a", "A", null, 0, Map.of());

    assertThat(Pseudonyms.of(registry("apply: false, key-file: key")).apply(event)).isSameAs(event);
    assertThat(Pseudonyms.of(registry("apply: false, key-file: none")).apply()).isFalse();
    assertThat(Pseudonyms.of(registry("apply: true, key-file: key")).apply(item)).isSameAs(item);
  }

  @Test
  void dependsOnTheKeyAndOnNothingElse() throws IOException {
    Files.write(home.resolve("key"), KEY);
    Files.writeString(home.resolve("other"), "another key of thirty-two bytes!");
    Event event = event("view", Map.of());

    Event once = (Event) Pseudonyms.of(registry("apply: true, key-file: key")).apply(event);
    Event again = (Event) Pseudonyms.of(registry("apply: true, key-file: key")).apply(event);
    Event other = (Event) Pseudonyms.of(registry("apply: true, key-file: other")).apply(event);

    assertThat(again).isEqualTo(once);
    assertThat(other.userId()).startsWith("hmac:").isNotEqualTo(once.userId());
  }

  @Test
  void refusesAKeyThatIsMissingOrTooShort() throws IOException {
    Files.write(home.resolve("short"), new byte[31]);
    Path file = home.resolve(EventRegistry.FILE);

    assertThatThrownBy(() -> Pseudonyms.of(registry("apply: true, key-file: short")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(
            "line 2, pseudonyms.key-file: \""
                + home.resolve("short")
                + "\" holds 31 bytes; expected a file of at least 32 bytes");
    assertThatThrownBy(() -> Pseudonyms.of(registry("apply: true, key-file: none")))
        .hasMessageContaining("none\" is not there; expected a file of at least 32 bytes");
    Problems problems = new Problems();
    read("apply: true", problems);
    assertThat(problems.toString())
        .contains("pseudonyms.key-file: is required while apply is true");
  }

  private static Event event(String type, Map<String, Object> fields) {
    return new Event("e", type, "u1", "a", "r", "s", 7, 8, fields);
  }

  private EventRegistry registry(String pseudonyms) throws IOException {
    Problems problems = new Problems();
    EventRegistry registry = read(pseudonyms, problems);
    problems.throwIfAny();
    return registry;
  }

  private EventRegistry read(String pseudonyms, Problems problems) throws IOException {
    Files.writeString(
        home.resolve(EventRegistry.FILE),
        """
        personal: [user_id, context]
        pseudonyms: {%s}
        types:
          impression:
          view:
          click:
          conversion:
          quote:
            fields:
              price: {type: integer}
              mail: {personal: true}
              age: {type: integer, personal: true}
        """
            .formatted(pseudonyms));
    return EventRegistry.read(home, problems);
  }
}
