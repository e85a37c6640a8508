package dev.proffer.events.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonInputTest {
  private interface Reading {
    Object read(JsonInput in) throws InvalidInput;
  }

  @Test
  void readsWhatIsAllowed() throws InvalidInput {
    assertThat(value("\"Größe\"", in -> String.valueOf(in.text("f", 1, 5)))).isEqualTo("Größe");
    assertThat(value("\"\\ud83d\\ude00\"", in -> String.valueOf(in.text("f", 2, 2))))
        .isEqualTo("\uD83D\uDE00");
    assertThat(value("null", in -> String.valueOf(in.text("f", 1, 5)))).isEqualTo("null");
    assertThat(value("-3", in -> in.integer("f", -3, 3))).isEqualTo(-3L);
    assertThat(value("9223372036854775807", in -> in.integer("f", 0, Long.MAX_VALUE)))
        .isEqualTo(Long.MAX_VALUE);
    assertThat(value("1.5e3", in -> in.number("f"))).isEqualTo(1500.0);
    assertThat(value("7", in -> in.number("f"))).isEqualTo(7.0);
    assertThat(value("true", in -> in.flag("f"))).isEqualTo(true);
    assertThat(value("false", in -> in.flag("f"))).isEqualTo(false);
    assertThat(value("\"2026-05-17T11:30:00.250+02:00\"", in -> in.instant("f")))
        .isEqualTo(Instant.parse("2026-05-17T09:30:00.250Z").toEpochMilli());
    assertThat(value("1790000000000", in -> in.instant("f"))).isEqualTo(1_790_000_000_000L);
  }

  @Test
  void neverTakesOneKindOfValueForAnother() {
    refused("5", in -> String.valueOf(in.text("f", 1, 5)), "f", "5", "a text of 1 to 5 characters");
    refused("\"5\"", in -> in.integer("f", 0, 9), "f", "\"5\"", "a whole number from 0 to 9");
    refused("5.0", in -> in.integer("f", 0, 9), "f", "5.0", "a whole number from 0 to 9");
    refused("\"5\"", in -> in.number("f"), "f", "\"5\"", "a finite number");
    refused("1", in -> in.flag("f"), "f", "1", "true or false");
    refused("null", in -> in.flag("f"), "f", "null", "true or false");
    refused("[1]", in -> in.integer("f", 0, 9), "f", "an array", "a whole number from 0 to 9");
    refused(
        "{}",
        in -> String.valueOf(in.text("f", 1, 5)),
        "f",
        "an object",
        "a text of 1 to 5 characters");
    refused(
        "\"a\"",
        in -> {
          in.object("f");
          return "";
        },
        "f",
        "\"a\"",
        "an object");
  }

  @Test
  void refusesWhatIsOutOfBounds() {
    refused(
        "\"\"",
        in -> String.valueOf(in.text("f", 1, 5)),
        "f",
        "an empty text",
        "a text of 1 to 5 characters");
    refused(
        "\"abcdef\"",
        in -> String.valueOf(in.text("f", 1, 5)),
        "f",
        "abcdef",
        "a text of 1 to 5 characters");
    refused("10", in -> in.integer("f", 0, 9), "f", "10", "a whole number from 0 to 9");
    refused("-1", in -> in.integer("f", 0, 9), "f", "-1", "a whole number from 0 to 9");
    refused(
        "9223372036854775808",
        in -> in.integer("f", 0, Long.MAX_VALUE),
        "f",
        "9223372036854775808",
        "a whole number from 0 to 9223372036854775807");
    refused("1e999", in -> in.number("f"), "f", "1e999", "a finite number");
  }

  @Test
  void refusesInstantsThatAreNoneOrBeyondTheYear9999() {
    for (String text :
        List.of(
            "\"yesterday\"",
            "\"2026-05-17T09:30:00\"",
            "\"2026-02-30T00:00:00Z\"",
            "\"1969-12-31T23:59:59Z\"",
            "\"+10000-01-01T00:00:00Z\"",
            "\"+999999999-12-31T00:00:00Z\"",
            "\"-999999999-01-01T00:00:00Z\"",
            "253402300800000",
            "-1",
            "1.5",
            "true")) {
      InvalidInput refusal = refusal(text, in -> in.instant("when"));
      assertThat(refusal.field()).as(text).isEqualTo("when");
    }
  }

  @Test
  void refusesUnpairedSurrogatesAndShowsThemPrintably() {
    for (String text : List.of("a\\ud800", "\\udc00b", "\\ud800\\ud800\\udc00", "\\udc00\\ud800")) {
      InvalidInput refusal = refusal('"' + text + '"', in -> String.valueOf(in.text("f", 1, 9)));
      assertThat(refusal.allowed()).isEqualTo("text without unpaired surrogates");
      assertThat(refusal.value()).contains("\\u");
      assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(refusal.getMessage())).isTrue();
    }
  }

  @Test
  void shortensWhatItRepeats() {
    InvalidInput refusal =
        refusal('"' + "\uD83D\uDE00".repeat(200) + '"', in -> String.valueOf(in.text("f", 1, 9)));
    assertThat(refusal.value()).hasSizeLessThan(90).endsWith("…");
    assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(refusal.value())).isTrue();
    assertThat(new InvalidInput("a\nb", "c\u0000d", "x").getMessage())
        .isEqualTo("a\\u000ab: c\\u0000d is not allowed; expected x");
  }

  @Test
  void refusesABodyThatIsNotJson() {
    for (String body :
        List.of(
            "{",
            "[1,]",
            "{\"a\" 1}",
            "NaN",
            "+1",
            "01",
            "'a'",
            "\"a",
            "tru",
            "{a:1}",
            "\"\u0001\"")) {
      InvalidInput refusal = refusal(body, JsonInputTest::everything);
      assertThat(refusal.field()).as(body).isEqualTo("body");
      assertThat(refusal.value()).as(body).startsWith("not JSON");
    }
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[] body = {'"', 'a', (byte) 0xff, '"'};
    InvalidInput refusal =
        catchThrowableOfType(InvalidInput.class, () -> everything(new JsonInput(body, 0, 4)));
    assertThat(refusal.field()).isEqualTo("body");
  }

  @Test
  void refusesDeepNestingAndLongNamesAndNumbers() {
    String deep = "[".repeat(JsonInput.MAX_DEPTH + 1) + "]".repeat(JsonInput.MAX_DEPTH + 1);
    String name = "{\"" + "n".repeat(5_000) + "\":1}";
    for (String body : List.of(deep, "[".repeat(100_000), name, "[" + "1".repeat(65) + "]")) {
      InvalidInput refusal = refusal(body, JsonInputTest::everything);
      assertThat(refusal.field()).isEqualTo("body");
      assertThat(refusal.value()).startsWith("nested too deep");
    }
    assertThat(everythingIn("[".repeat(JsonInput.MAX_DEPTH) + "]".repeat(JsonInput.MAX_DEPTH)))
        .isNull();
  }

  @Test
  void refusesWhatFollowsTheFirstValue() {
    InvalidInput refusal =
        refusal(
            "{} {}",
            in -> {
              in.skip();
              in.end();
              return "";
            });
    assertThat(refusal.allowed()).isEqualTo("nothing after the first JSON value");
  }

  @Test
  void readsTheFieldsOfAnObjectInTheirOrder() throws InvalidInput {
    JsonInput in = input("  {\"b\": [1, {\"x\": 2}], \"a\": null, \"c\": \"d\"}  ");
    in.next();
    in.object("body");
    List<String> names = new ArrayList<>();
    for (String name = in.field(); name != null; name = in.field()) {
      names.add(name + (in.isNull() ? "=null" : ""));
      in.skip();
    }
    in.end();
    in.close();
    assertThat(names).containsExactly("b", "a=null", "c");
  }

  private static Object everything(JsonInput in) throws InvalidInput {
    while (true) {
      JsonToken token = in.token();
      if (token == JsonToken.VALUE_STRING) {
        in.plain("f");
      } else if (token != null && token.isNumeric()) {
        in.number("f");
      }
      if (in.next() == null) {
        return "";
      }
    }
  }

  private static @org.jspecify.annotations.Nullable Throwable everythingIn(String body) {
    try {
      everything(input(body));
      return null;
    } catch (InvalidInput e) {
      return e;
    }
  }

  private static JsonInput input(String body) throws InvalidInput {
    byte[] bytes = ("..." + body + "...").getBytes(StandardCharsets.UTF_8);
    return new JsonInput(bytes, 3, bytes.length - 6);
  }

  private static Object value(String body, Reading reading) throws InvalidInput {
    JsonInput in = input(body);
    in.next();
    Object value = reading.read(in);
    in.end();
    return value;
  }

  private static InvalidInput refusal(String body, Reading reading) {
    return catchThrowableOfType(
        InvalidInput.class,
        () -> {
          JsonInput in = input(body);
          in.next();
          reading.read(in);
        });
  }

  private static void refused(
      String body, Reading reading, String field, String value, String allowed) {
    InvalidInput refusal = refusal(body, reading);
    assertThat(refusal.field()).isEqualTo(field);
    assertThat(refusal.value()).isEqualTo(value);
    assertThat(refusal.allowed()).isEqualTo(allowed);
  }
}
