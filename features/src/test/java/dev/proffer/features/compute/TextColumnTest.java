package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.text.TextField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextColumnTest {
  private static final TextField TITLE = new TextField(TextField.TITLE);

  @Test
  void measuresOnlyTextsThatChanged() {
    List<String> measured = new ArrayList<>();
    TextColumn column =
        new TextColumn(
            TITLE,
            text -> {
              measured.add(text);
              return text.length();
            });
    Catalog.Builder builder = new Catalog.Builder();
    builder.put(item("a", "red shoe", 1));
    builder.put(item("b", "blue hat", 1));
    assertThat(builder.build().column(column).of(2)).isEqualTo(8);
    assertThat(measured).containsExactlyInAnyOrder("", "red shoe", "blue hat");
    measured.clear();

    builder.put(item("a", "red shoe", 2)); // its price alone
    builder.put(item("b", "green hat", 1));
    builder.put(item("c", "scarf", 1));
    TextColumn.Values values = builder.build().column(column);

    assertThat(measured).containsExactlyInAnyOrder("green hat", "scarf");
    assertThat(values.of(1)).isEqualTo(8);
    assertThat(values.of(2)).isEqualTo(9);
    assertThat(values.of(3)).isEqualTo(5);
  }

  @Test
  void isSharedByThoseWhoMeasureTheSame() {
    assertThat(new TextColumn(TITLE, TextCount.of(TextCount.Of.WORDS, "you your")))
        .isEqualTo(new TextColumn(TITLE, TextCount.of(TextCount.Of.WORDS, "Your, you")))
        .isNotEqualTo(new TextColumn(TITLE, TextCount.of(TextCount.Of.WORDS, "you")))
        .isNotEqualTo(
            new TextColumn(new TextField("text"), TextCount.of(TextCount.Of.WORDS, "you your")));
  }

  private static Item item(String id, String title, double price) {
    return new Item(id, title, "c", 0, Map.of("price", price));
  }
}
