package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CatalogTest {
  @Test
  void knowsNothingOfTheUnknownItem() {
    Catalog catalog = of(item("a", "shoes", Map.of("price", 5L)));
    for (Catalog each : List.of(catalog, Catalog.EMPTY)) {
      assertThat(each.index("none")).isEqualTo(Catalog.UNKNOWN);
      assertThat(each.index(Hash64.of("none"))).isEqualTo(Catalog.UNKNOWN);
      assertThat(each.item(Catalog.UNKNOWN).id()).isEmpty();
      assertThat(each.category(Catalog.UNKNOWN)).isZero();
      assertThat(each.categoryName(0)).isEmpty();
      assertThat(each.categoryCode("none")).isZero();
      assertThat(each.numbers("price")[Catalog.UNKNOWN]).isNaN();
      assertThat(each.codes("price")[Catalog.UNKNOWN]).isZero();
      assertThat(each.numbers("none")).hasSize(each.size()).containsOnly(Float.NaN);
      assertThat(each.codes("none")).hasSize(each.size()).containsOnly(0);
    }
    assertThat(Catalog.EMPTY.size()).isEqualTo(1);
  }

  @Test
  void takesNoItemWhoseHashIsThatOfAnother() {
    Catalog.Builder builder = new Catalog.Builder(id -> id.charAt(0));
    assertThat(builder.put(item("a1", "shoes", Map.of()))).isEqualTo(1);
    assertThat(builder.put(item("a2", "hats", Map.of()))).isEqualTo(Catalog.UNKNOWN);
    assertThat(builder.put(item("b", "hats", Map.of()))).isEqualTo(2);
    assertThat(builder.put(item("a1", "coats", Map.of()))).isEqualTo(1);

    Catalog catalog = builder.build();
    assertThat(catalog.size()).isEqualTo(3);
    assertThat(catalog.index("a2")).isEqualTo(Catalog.UNKNOWN);
    assertThat(catalog.item(1).category()).isEqualTo("coats");
  }

  @Test
  void keepsAnItemsIndexWhenItIsReplaced() {
    Catalog.Builder builder = new Catalog.Builder();
    assertThat(builder.put(item("a", "shoes", Map.of("price", 5L)))).isEqualTo(1);
    assertThat(builder.put(item("b", "hats", Map.of()))).isEqualTo(2);
    Catalog before = builder.build();
    assertThat(builder.put(item("a", "hats", Map.of("price", 7.5, "new", true)))).isEqualTo(1);
    assertThat(builder.put(item("c", null, Map.of()))).isEqualTo(3);
    Catalog after = builder.build();

    assertThat(before.item(1).category()).isEqualTo("shoes");
    assertThat(before.numbers("price")[1]).isEqualTo(5f);
    assertThat(before.index("c")).isEqualTo(Catalog.UNKNOWN);
    assertThat(after.item(1).category()).isEqualTo("hats");
    assertThat(after.numbers("price")[1]).isEqualTo(7.5f);
    assertThat(after.category(1)).isEqualTo(after.category(2));
    assertThat(after.categoryCode("hats")).isEqualTo(before.categoryCode("hats"));
    assertThat(after.attributes()).containsExactly("new", "price");
    assertThat(builder.size()).isEqualTo(3);
  }

  @Test
  void agreesWithPlainMapsOnRandomItems() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      Catalog.Builder builder = new Catalog.Builder();
      Map<String, Item> model = new LinkedHashMap<>();
      Map<Catalog, List<Item>> earlier = new LinkedHashMap<>();
      for (int step = random.nextInt(200); step > 0; step--) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        if (random.nextBoolean()) {
          attributes.put(
              "price",
              random.nextBoolean() ? (Object) random.nextLong() : (Object) random.nextDouble());
        }
        if (random.nextBoolean()) {
          attributes.put("colour", List.of("red", "blue", "green").get(random.nextInt(3)));
        }
        if (random.nextInt(4) == 0) {
          attributes.put("new", random.nextBoolean());
        }
        Item item =
            item(
                "item-" + random.nextInt(80),
                random.nextInt(5) == 0 ? null : "category-" + random.nextInt(6),
                attributes);
        builder.put(item);
        model.put(item.id(), item);
        if (random.nextInt(30) == 0) {
          earlier.put(builder.build(), new ArrayList<>(model.values()));
        }
      }
      for (Map.Entry<Catalog, List<Item>> one : earlier.entrySet()) {
        check(seed, null, one.getKey(), one.getValue());
      }
      check(seed, builder, builder.build(), new ArrayList<>(model.values()));
    }
  }

  @Test
  void keepsTheItemThatWasChangedLast() {
    Catalog.Builder builder = new Catalog.Builder();
    Item imported = item("a", "shoes", Map.of("price", 5L));
    Item deleted = imported.deletedAt(20);
    for (Item next : List.of(imported, deleted, imported, imported.deletedAt(10))) {
      assertThat(builder.put(next)).isEqualTo(1);
    }
    assertThat(builder.build().item(1)).isEqualTo(deleted);
    assertThat(builder.build().deleted()).isEqualTo(1);
    Item back = new Item("a", "A", null, 0, Map.of(), Item.Validity.ALWAYS, 20, false);
    assertThat(builder.put(back)).isEqualTo(1);
    assertThat(builder.build().item(1)).isEqualTo(back);
    assertThat(builder.build().deleted()).isZero();
    assertThat(builder.build().attributes()).isEmpty();
  }

  @Test
  void saysOfAnyInstantWhetherAnItemMayBeProposed() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      long from = random.nextBoolean() ? 0 : random.nextInt(10);
      long until = random.nextBoolean() ? Long.MAX_VALUE : from + 1 + random.nextInt(10);
      Item item =
          new Item(
              "a",
              "A",
              null,
              0,
              Map.of(),
              new Item.Validity(random.nextInt(4) > 0, from, until, List.of()),
              0,
              random.nextInt(4) == 0);
      Catalog catalog = of(item);
      for (long at = 0; at < 25; at++) {
        boolean expected =
            !item.deleted() && item.validity().available() && at >= from && at < until;
        assertThat(catalog.proposable(1, at)).as("seed %d at %d", seed, at).isEqualTo(expected);
        assertThat(item.proposable(at)).isEqualTo(expected);
        assertThat(catalog.proposable(Catalog.UNKNOWN, at)).isFalse();
      }
    }
  }

  private static void check(
      int seed, Catalog.@Nullable Builder builder, Catalog catalog, List<Item> items) {
    assertThat(catalog.size()).as("seed %d", seed).isEqualTo(items.size() + 1);
    int[] sizes = new int[catalog.categoryCount()];
    for (int index = 1; index <= items.size(); index++) {
      Item item = items.get(index - 1);
      assertThat(catalog.item(index)).as("seed %d", seed).isEqualTo(item);
      assertThat(catalog.index(item.id())).isEqualTo(index);
      assertThat(catalog.index(Hash64.of(item.id()))).isEqualTo(index);
      if (builder != null) {
        assertThat(builder.index(item.id())).isEqualTo(index);
        assertThat(builder.index(Hash64.of(item.id()))).isEqualTo(index);
        assertThat(builder.category(index)).isEqualTo(catalog.category(index));
        assertThat(builder.column("price").number(index))
            .isEqualTo((Float) catalog.numbers("price")[index]);
      }
      sizes[catalog.category(index)]++;
      if (item.category() == null) {
        assertThat(catalog.category(index)).isZero();
      } else {
        assertThat(catalog.category(index))
            .isEqualTo(catalog.categoryCode(item.category()))
            .isPositive();
        assertThat(catalog.categoryName(catalog.category(index))).isEqualTo(item.category());
      }
      Object price = item.attributes().get("price");
      Float expected = price instanceof Number number ? number.floatValue() : Float.NaN;
      assertThat(catalog.numbers("price")[index]).isEqualTo(expected);
      assertThat(catalog.numbers("colour")[index]).isNaN();
      for (String attribute : List.of("price", "colour", "new")) {
        int code = catalog.codes(attribute)[index];
        assertThat(code == 0).isEqualTo(!item.attributes().containsKey(attribute));
        for (int other = 1; other < index && code != 0; other++) {
          assertThat(catalog.codes(attribute)[other] == code)
              .as("seed %d, %s of %d and %d", seed, attribute, index, other)
              .isEqualTo(
                  Objects.equals(
                      item.attributes().get(attribute),
                      catalog.item(other).attributes().get(attribute)));
        }
      }
    }
    for (int category = 1; category < sizes.length; category++) {
      assertThat(catalog.categorySize(category)).as("seed %d", seed).isEqualTo(sizes[category]);
    }
  }

  static Catalog of(Item... items) {
    Catalog.Builder builder = new Catalog.Builder();
    for (Item item : items) {
      builder.put(item);
    }
    return builder.build();
  }

  private static Item item(String id, @Nullable String category, Map<String, Object> attributes) {
    return new Item(id, "Title of " + id, category, 0, attributes);
  }

  /** Counts how often it is computed, and adds the items to those of the catalog before. */
  private record Counting(AtomicInteger computed) implements CatalogColumn<int[]> {
    @Override
    public int[] of(Catalog catalog, int @Nullable [] before) {
      computed.incrementAndGet();
      return new int[] {catalog.size(), before == null ? 0 : before[0]};
    }
  }

  @Test
  void computesAColumnOnceACatalogAndAtOnceForTheNext() {
    Catalog.Builder builder = new Catalog.Builder();
    Counting column = new Counting(new AtomicInteger());
    builder.put(item("a", null, Map.of()));
    builder.build();
    assertThat(column.computed()).hasValue(0);

    Catalog first = builder.build();
    assertThat(first.column(column)).containsExactly(2, 0);
    assertThat(first.column(new Counting(column.computed()))).isSameAs(first.column(column));
    assertThat(column.computed()).hasValue(1);

    builder.put(item("b", null, Map.of()));
    Catalog second = builder.build();
    assertThat(column.computed()).as("before anybody asks").hasValue(2);
    assertThat(second.column(column)).containsExactly(3, 2);
    assertThat(first.column(column)).containsExactly(2, 0);
    assertThat(column.computed()).hasValue(2);
  }
}
