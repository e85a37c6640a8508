package dev.proffer.candidates.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.Shop;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CatalogIndexTest {
  @Test
  void ordersTheCatalogAsASortDoes() {
    for (int seed = 0; seed < 100; seed++) {
      Shop shop = Shop.random(new Random(seed));
      Catalog catalog = shop.catalog();
      CatalogIndex index = shop.index();
      List<Integer> items = new ArrayList<>();
      for (int item = 1; item < catalog.size(); item++) {
        items.add(item);
      }
      items.sort(
          Comparator.comparingDouble((Integer item) -> -shop.statistics().events(item))
              .thenComparing(Comparator.naturalOrder()));
      assertThat(list(index.popular())).as("seed %d", seed).isEqualTo(items);
      for (int category = 0; category < catalog.categoryCount(); category++) {
        int wanted = category;
        assertThat(list(index.popular(category)))
            .as("seed %d category %d", seed, category)
            .isEqualTo(items.stream().filter(item -> catalog.category(item) == wanted).toList());
      }
      items.sort(
          Comparator.comparingLong((Integer item) -> -catalog.item(item).addedMillis())
              .thenComparing(Comparator.naturalOrder()));
      assertThat(list(index.newest())).as("seed %d", seed).isEqualTo(items);
    }
  }

  @Test
  void theNextOneIsAsOneFromNothing() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      Shop shop = Shop.random(random);
      CatalogIndex index = new CatalogIndex(Catalog.EMPTY, new Statistics());
      for (int step = 0; step < 8; step++) {
        for (int change = random.nextInt(4); change > 0; change--) {
          String id = "item-" + random.nextInt(80);
          if (random.nextBoolean()) {
            shop.item(id, "category-" + random.nextInt(4), random.nextInt(10));
          } else {
            shop.choose("user-" + random.nextInt(4), id);
          }
        }
        index = index.next(shop.catalog(), shop.statistics().snapshot(), step);
        CatalogIndex made = shop.index();
        assertThat(index.popular()).as("seed %d", seed).isEqualTo(made.popular());
        assertThat(index.newest()).as("seed %d", seed).isEqualTo(made.newest());
        for (int category = 0; category < shop.catalog().categoryCount(); category++) {
          assertThat(index.popular(category)).as("seed %d", seed).isEqualTo(made.popular(category));
        }
      }
    }
  }

  @Test
  void isEmptyForAnEmptyCatalog() {
    CatalogIndex index = new CatalogIndex(Catalog.EMPTY, new Statistics());
    assertThat(index.popular()).isEmpty();
    assertThat(index.newest()).isEmpty();
    assertThat(index.popular(0)).isEmpty();
  }

  private static List<Integer> list(int[] items) {
    return Arrays.stream(items).boxed().toList();
  }
}
