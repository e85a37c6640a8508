package dev.proffer.events.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogCodecTest {
  private static final int[] CODE_POINTS = {
    'a', '"', 0, 0x1f, 0xe9, 0x65e5, 0x1f600, 0xffff, 0x10ffff
  };

  @Test
  void givesEventsBackAsTheyWere() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      Event event =
          new Event(
              text(random),
              text(random),
              text(random),
              maybe(random),
              maybe(random),
              maybe(random),
              random.nextLong(),
              random.nextLong(),
              plain(random));
      assertThat(roundTrip(event)).as("seed %d", seed).isEqualTo(event);
    }
  }

  @Test
  void givesItemsBackAsTheyWere() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      Item item =
          new Item(text(random), text(random), maybe(random), random.nextLong(), plain(random));
      assertThat(roundTrip(item)).as("seed %d", seed).isEqualTo(item);
    }
  }

  @Test
  void givesImpressionsBackToTheBit() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      Impression impression = impression(random);
      Impression back = (Impression) roundTrip(impression);
      assertThat(withoutFloats(back)).as("seed %d", seed).isEqualTo(withoutFloats(impression));
      for (int slot = 0; slot < impression.shown().size(); slot++) {
        Impression.Shown was = impression.shown().get(slot);
        Impression.Shown is = back.shown().get(slot);
        assertThat(is.itemId()).isEqualTo(was.itemId());
        assertThat(is.sources()).isEqualTo(was.sources());
        assertThat(bits(is.score(), is.confidence(), is.propensity()))
            .as("seed %d", seed)
            .isEqualTo(bits(was.score(), was.confidence(), was.propensity()));
        assertThat(bits(is.features())).as("seed %d", seed).isEqualTo(bits(was.features()));
      }
    }
  }

  @Test
  void keepsEveryBitOfAFloatAlsoOfNotANumber() {
    float[] row = {
      Float.NaN,
      Float.intBitsToFloat(0x7fc00001),
      -0f,
      0f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MIN_VALUE,
      Float.MAX_VALUE,
      1f / 3
    };
    Impression impression =
        new Impression(
            "r",
            "u",
            null,
            null,
            null,
            "home",
            1,
            "ml_ranker",
            "v",
            "a",
            "c",
            List.of(),
            1,
            List.of(
                new Impression.Shown(
                    "a", List.of(), Float.NaN, -0f, Float.NEGATIVE_INFINITY, row)));
    Impression.Shown back = ((Impression) roundTrip(impression)).shown().get(0);
    assertThat(bits(back.features())).isEqualTo(bits(row));
    assertThat(bits(back.score(), back.confidence(), back.propensity()))
        .isEqualTo(bits(Float.NaN, -0f, Float.NEGATIVE_INFINITY));
  }

  /** Written by hand after RFC 8949, and never made again: old logs must stay readable. */
  @Test
  void readsAnEventWrittenByTheFirstVersion() {
    byte[] bytes =
        HexFormat.of()
            .parseHex(
                "bf" // a map without a stated length
                    + "646b696e64"
                    + "656576656e74" // "kind": "event"
                    + "626964"
                    + "626531" // "id": "e1"
                    + "6474797065"
                    + "65636c69636b" // "type": "click"
                    + "67757365725f6964"
                    + "627531" // "user_id": "u1"
                    + "676974656d5f6964"
                    + "6161" // "item_id": "a"
                    + "6474696d65"
                    + "1903e8" // "time": 1000
                    + "687265636569766564"
                    + "1903e9" // "received": 1001
                    + "666669656c6473"
                    + "bf"
                    + "6170"
                    + "fb3fe0000000000000"
                    + "6171"
                    + "03"
                    + "ff"
                    + "ff");
    assertThat(LogCodec.decode(bytes, 0, bytes.length))
        .isEqualTo(
            new Event("e1", "click", "u1", "a", null, null, 1000, 1001, Map.of("p", 0.5, "q", 3L)));
  }

  /** The hot way and Jackson's generator write the same entry, so that neither forgets a field. */
  @Test
  void writesWhatTheGeneratorWrites() throws IOException {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      LogEntry entry =
          random.nextBoolean()
              ? impression(random)
              : new Event(
                  text(random),
                  text(random),
                  text(random),
                  maybe(random),
                  maybe(random),
                  maybe(random),
                  random.nextLong(),
                  random.nextInt(100_000),
                  plain(random));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (JsonGenerator out = new CBORFactory().createGenerator(bytes)) {
        LogCodec.write(out, entry);
      }
      assertThat(HexFormat.of().formatHex(LogCodec.encode(entry)))
          .as("seed %d", seed)
          .isEqualTo(HexFormat.of().formatHex(bytes.toByteArray()));
    }
  }

  @Test
  void readsFromTheMiddleOfABuffer() {
    Item item = new Item("a", "A", null, 5, Map.of());
    byte[] bytes = LogCodec.encode(item);
    byte[] buffer = new byte[bytes.length + 20];
    Arrays.fill(buffer, (byte) 0xff);
    System.arraycopy(bytes, 0, buffer, 7, bytes.length);
    assertThat(LogCodec.decode(buffer, 7, bytes.length)).isEqualTo(item);
  }

  @Test
  void stepsOverFieldsItDoesNotKnow() throws IOException {
    byte[] event =
        cbor(
            "event",
            out -> {
              unknown(out, "first");
              out.writeStringField("id", "e");
              out.writeStringField("type", "click");
              unknown(out, "middle");
              out.writeStringField("user_id", "u");
              out.writeObjectFieldStart("fields");
              out.writeNumberField("p", 2L);
              unknown(out, "inside");
              out.writeEndObject();
              unknown(out, "last");
            });
    assertThat(LogCodec.decode(event, 0, event.length))
        .isEqualTo(new Event("e", "click", "u", null, null, null, 0, 0, Map.of("p", 2L)));

    byte[] impression =
        cbor(
            "impression",
            out -> {
              unknown(out, "first");
              out.writeStringField("request_id", "r");
              out.writeArrayFieldStart("shown");
              for (String id : List.of("a", "b")) {
                out.writeStartObject();
                unknown(out, "inside");
                out.writeStringField("item_id", id);
                out.writeEndObject();
              }
              out.writeEndArray();
              unknown(out, "last");
            });
    Impression shown = (Impression) LogCodec.decode(impression, 0, impression.length);
    assertThat(shown.requestId()).isEqualTo("r");
    assertThat(shown.shown()).extracting(Impression.Shown::itemId).containsExactly("a", "b");
  }

  @Test
  void refusesAKindItDoesNotKnow() throws IOException {
    byte[] bytes = cbor("promise", out -> out.writeStringField("id", "e"));
    assertThatThrownBy(() -> LogCodec.decode(bytes, 0, bytes.length))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown kind of log entry: promise");
  }

  @Test
  void refusesWhatIsCutShort() {
    for (int seed = 0; seed < 50; seed++) {
      byte[] bytes = LogCodec.encode(impression(new Random(seed)));
      for (int length = 0; length < bytes.length; length++) {
        int cut = length;
        assertThatThrownBy(() -> LogCodec.decode(bytes, 0, cut))
            .as("seed %d, %d of %d bytes", seed, length, bytes.length)
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void refusesGarbageInNoOtherWayThanItPromises() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes;
      if (seed % 2 == 0) {
        bytes = new byte[random.nextInt(60)];
        random.nextBytes(bytes);
      } else {
        bytes = LogCodec.encode(impression(random));
        for (int change = random.nextInt(6); change >= 0; change--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      try {
        LogCodec.decode(bytes, 0, bytes.length);
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).containsAnyOf("not a log entry", "unknown kind of log entry");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private interface Writing {
    void to(JsonGenerator out) throws IOException;
  }

  private static byte[] cbor(String kind, Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = new CBORFactory().createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("kind", kind);
      writing.to(out);
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void unknown(JsonGenerator out, String name) throws IOException {
    out.writeObjectFieldStart(name);
    out.writeArrayFieldStart("deep");
    out.writeNumber(1);
    out.writeBinary(new byte[] {1, 2});
    out.writeStartObject();
    out.writeNullField("id");
    out.writeEndObject();
    out.writeEndArray();
    out.writeEndObject();
  }

  private static LogEntry roundTrip(LogEntry entry) {
    byte[] bytes = LogCodec.encode(entry);
    return LogCodec.decode(bytes, 0, bytes.length);
  }

  private static Impression impression(Random random) {
    List<Impression.Shown> shown = new ArrayList<>();
    for (int slot = random.nextInt(5); slot > 0; slot--) {
      float[] row = new float[random.nextInt(4) * random.nextInt(20)];
      for (int at = 0; at < row.length; at++) {
        row[at] = number(random);
      }
      shown.add(
          new Impression.Shown(
              text(random), texts(random), number(random), number(random), number(random), row));
    }
    return new Impression(
        text(random),
        text(random),
        maybe(random),
        maybe(random),
        maybe(random),
        text(random),
        random.nextLong(),
        text(random),
        maybe(random),
        text(random),
        maybe(random),
        texts(random),
        random.nextInt(),
        shown,
        random.nextBoolean() ? -1 : random.nextLong(Long.MAX_VALUE));
  }

  private static Impression withoutFloats(Impression of) {
    return new Impression(
        of.requestId(),
        of.userId(),
        of.sessionId(),
        of.device(),
        of.context(),
        of.contextType(),
        of.timeMillis(),
        of.servedBy(),
        of.modelVersion(),
        of.variant(),
        of.contractSha(),
        of.degraded(),
        of.candidates(),
        List.of(),
        of.tookNanos());
  }

  private static int[] bits(float... values) {
    int[] bits = new int[values.length];
    for (int at = 0; at < bits.length; at++) {
      bits[at] = Float.floatToRawIntBits(values[at]);
    }
    return bits;
  }

  private static float number(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> Float.NaN;
      case 1 -> -0f;
      case 2 -> Float.NEGATIVE_INFINITY;
      case 3 -> Float.POSITIVE_INFINITY;
      case 4 -> random.nextInt(5);
      default -> Float.intBitsToFloat(random.nextInt() & 0xff7fffff);
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(3) * random.nextInt(40); length > 0; length--) {
      text.appendCodePoint(CODE_POINTS[random.nextInt(CODE_POINTS.length)]);
    }
    return text.toString();
  }

  private static @Nullable String maybe(Random random) {
    return random.nextBoolean() ? text(random) : null;
  }

  private static List<String> texts(Random random) {
    List<String> texts = new ArrayList<>();
    for (int count = random.nextInt(4); count > 0; count--) {
      texts.add(text(random));
    }
    return texts;
  }

  private static Map<String, Object> plain(Random random) {
    Map<String, Object> map = new HashMap<>();
    for (int count = random.nextInt(5); count > 0; count--) {
      map.put(
          text(random),
          switch (random.nextInt(6)) {
            case 0 -> text(random);
            case 1 -> random.nextBoolean();
            case 2 -> random.nextLong();
            case 3 -> (long) random.nextInt(30);
            case 4 -> (double) random.nextInt(30);
            default -> Double.longBitsToDouble(random.nextLong());
          });
    }
    return map;
  }
}
