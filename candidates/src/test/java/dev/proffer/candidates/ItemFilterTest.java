package dev.proffer.candidates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Item;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ItemFilterTest {
  private final Item item =
      new Item(
          "a", "A", "shoes", 0, Map.of("price", 5L, "weight", 1.5, "colour", "red", "new", true));

  @Test
  void passesWhatHasOneOfTheValues() {
    assertThat(passes("category", Set.of("shoes", "hats"))).isTrue();
    assertThat(passes("category", Set.of("hats"))).isFalse();
    assertThat(passes("colour", Set.of("red"))).isTrue();
    assertThat(passes("new", Set.of(true))).isTrue();
    assertThat(passes("new", Set.of("true"))).isFalse();
    assertThat(passes("price", Set.of(5.0))).as("numbers are asked for as doubles").isTrue();
    assertThat(passes("price", Set.of("5"))).isFalse();
    assertThat(passes("weight", Set.of(1.5))).isTrue();
  }

  @Test
  void passesNumbersWithinARangeTheEndsIncluded() {
    assertThat(passes("price", 5.0, 5.0)).isTrue();
    assertThat(passes("price", 5.1, null)).isFalse();
    assertThat(passes("price", null, 4.9)).isFalse();
    assertThat(passes("weight", 1.0, null)).isTrue();
    assertThat(passes("weight", null, 2.0)).isTrue();
    assertThat(passes("colour", null, 2.0)).as("a text is in no range").isFalse();
  }

  @Test
  void doesNotPassWhatLacksTheAttribute() {
    assertThat(passes("size", Set.of("L"))).isFalse();
    assertThat(passes("size", 0.0, null)).isFalse();
    Item without = new Item("b", "B", null, 0, Map.of());
    assertThat(Shop.filter("category", "shoes").passes(without)).isFalse();
    assertThat(ItemFilter.NONE.passes(without)).isTrue();
  }

  @Test
  void requiresEveryCondition() {
    ItemFilter.Condition red = new ItemFilter.Condition("colour", Set.of("red"), null, null);
    ItemFilter.Condition cheap = new ItemFilter.Condition("price", Set.of(), null, 4.0);
    assertThat(new ItemFilter(List.of(red)).passes(item)).isTrue();
    assertThat(new ItemFilter(List.of(red, cheap)).passes(item)).isFalse();
  }

  private boolean passes(String attribute, Set<Object> oneOf) {
    return new ItemFilter(List.of(new ItemFilter.Condition(attribute, oneOf, null, null)))
        .passes(item);
  }

  private boolean passes(String attribute, @Nullable Double min, @Nullable Double max) {
    return new ItemFilter(List.of(new ItemFilter.Condition(attribute, Set.of(), min, max)))
        .passes(item);
  }
}
