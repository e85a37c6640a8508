package dev.proffer.events.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.proffer.events.Item;
import dev.proffer.events.Item.Validity;
import dev.proffer.events.LogEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ItemCodecTest {
  /** An item of format 1, as it lies in logs. */
  private static final String OF_FORMAT_1 =
      "bf646b696e64646974656d6269646161657469746c656741207469746c656863617465676f72796573686f6573"
          + "6561646465641b0000019b7ca98c886a61747472696275746573bf657072696365fb4029000000000000ffff";

  private static final Item FIRST =
      new Item("a", "A title", "shoes", 1_767_323_045_000L, Map.of("price", 12.5));

  @Test
  void readsAndWritesFormat1AsEver() {
    byte[] bytes = HexFormat.of().parseHex(OF_FORMAT_1);
    assertThat(LogCodec.decode(bytes, 0, bytes.length)).isEqualTo(FIRST);
    assertThat(HexFormat.of().formatHex(LogCodec.encode(FIRST))).isEqualTo(OF_FORMAT_1);
  }

  @Test
  void givesItemsOfFormat2BackAsTheyWere() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      long from = random.nextBoolean() ? 0 : random.nextInt(1_000);
      long until = random.nextBoolean() ? Long.MAX_VALUE : from + 1 + random.nextInt(1_000);
      Item item =
          new Item(
              "id-" + seed,
              "title",
              random.nextBoolean() ? null : "category",
              random.nextInt(100),
              Map.of("n", random.nextLong()),
              new Validity(
                  random.nextBoolean(),
                  from,
                  until,
                  random.nextBoolean() ? List.of() : List.of("gold", "silver")),
              random.nextInt(3),
              random.nextBoolean());
      byte[] bytes = LogCodec.encode(item);
      assertThat(LogCodec.decode(bytes, 0, bytes.length)).as("seed %d", seed).isEqualTo(item);
      assertThat(JsonLogCodec.decode(JsonLogCodec.encode(item))).isEqualTo(item);
    }
  }

  @Test
  void refusesAFormatThatItDoesNotKnow() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = new CBORFactory().createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("kind", "item");
      out.writeStringField("id", "a");
      out.writeNumberField("format", ItemCodec.FORMAT + 1);
      out.writeEndObject();
    }
    byte[] later = bytes.toByteArray();
    assertThatThrownBy(
            () -> {
              LogEntry unused = LogCodec.decode(later, 0, later.length);
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("format 3, expected at most 2");
  }

  @Test
  void isValidFromItsFirstInstantAndNotAtItsLast() {
    Validity validity = new Validity(true, 10, 20, List.of());
    assertThat(List.of(validity.at(9), validity.at(10), validity.at(19), validity.at(20)))
        .containsExactly(false, true, true, false);
    assertThat(FIRST.with(new Validity(false, 0, 20, List.of())).proposable(10)).isFalse();
    assertThat(FIRST.proposable(0)).isTrue();
    assertThat(FIRST.deletedAt(5).proposable(10)).isFalse();
    assertThatThrownBy(() -> new Validity(true, 20, 20, List.of()))
        .hasMessage("untilMillis=20, expected more than fromMillis=20");
  }
}
