package dev.proffer.events.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonLogCodecTest {
  @Test
  void bringsEveryEntryBackToTheBit() {
    for (long seed = 0; seed < 3_000; seed++) {
      LogEntry entry = entry(new Random(seed));
      LogEntry back = JsonLogCodec.decode(JsonLogCodec.encode(entry));
      // CBOR holds the bits of every number; one field at most, so that order cannot differ.
      assertThat(LogCodec.encode(back))
          .as("seed %s: %s", seed, entry)
          .isEqualTo(LogCodec.encode(entry));
    }
  }

  @Test
  void isReadableForAnyone() {
    Event event = new Event("e", "click", "u", "i", null, null, 1, 2, Map.of("price", 1.5));
    assertThat(new String(JsonLogCodec.encode(event), UTF_8))
        .isEqualTo(
            "{\"kind\":\"event\",\"id\":\"e\",\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"i\","
                + "\"time\":1,\"received\":2,\"fields\":{\"price\":1.5}}");
  }

  @Test
  void refusesWhatIsNoEntry() {
    for (String text : List.of("", "{", "[]", "{\"a\":1}", "{\"kind\":\"else\"}", "\u0000\u0001")) {
      assertThatThrownBy(() -> JsonLogCodec.decode(text.getBytes(UTF_8)))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static LogEntry entry(Random random) {
    return switch (random.nextInt(5)) {
      case 0 ->
          new Event(
              text(random),
              text(random),
              text(random),
              text(random),
              null,
              text(random),
              random.nextLong(),
              random.nextLong(),
              Map.of(text(random), plain(random)));
      case 1 ->
          new Item(text(random), text(random), null, random.nextLong(), Map.of("a", plain(random)));
      case 2 -> new Erasure(text(random), text(random), random.nextLong());
      case 3 ->
          new Aside(text(random), random.nextLong(), text(random), text(random), text(random));
      default -> {
        List<Impression.Shown> shown = new ArrayList<>();
        for (int slot = random.nextInt(4); slot > 0; slot--) {
          float[] row = new float[random.nextInt(5)];
          for (int at = 0; at < row.length; at++) {
            row[at] = Float.intBitsToFloat(random.nextInt());
          }
          shown.add(
              new Impression.Shown(
                  text(random),
                  List.of(text(random)),
                  finite(random),
                  finite(random),
                  finite(random),
                  row));
        }
        yield new Impression(
            text(random),
            text(random),
            null,
            text(random),
            null,
            text(random),
            random.nextLong(),
            text(random),
            text(random),
            text(random),
            null,
            List.of(text(random)),
            random.nextInt(),
            shown,
            random.nextInt(1_000) - 1);
      }
    };
  }

  private static float finite(Random random) {
    float value = Float.intBitsToFloat(random.nextInt());
    return Float.isFinite(value) ? value : random.nextFloat();
  }

  private static Object plain(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> text(random);
      case 1 -> random.nextLong();
      case 2 -> random.nextBoolean();
      default -> {
        double value = Double.longBitsToDouble(random.nextLong());
        yield Double.isFinite(value) ? value : random.nextDouble();
      }
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(12); length > 0; length--) {
      int point = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
      text.appendCodePoint(point >= 0xd800 && point < 0xe000 ? '?' : point);
    }
    return text.toString();
  }
}
