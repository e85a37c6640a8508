package dev.proffer.candidates.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.source.Search;
import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ItemSearchTest {
  private final Catalog.Builder items = new Catalog.Builder();

  @Test
  void findsWhatIsTyped() {
    put("1", "Blue skirt", "skirts", Map.of("colour", "navy"));
    put("2", "Red skirt with pockets", "skirts", Map.of());
    put("3", "Blue trousers", "trousers", Map.of("price", 5L));
    try (ItemSearch search = new ItemSearch()) {
      Search found = search.update(items.build());
      assertThat(find(found, "skirt")).containsExactlyInAnyOrder("1", "2");
      assertThat(find(found, "blue ski")).as("as it is typed").containsExactly("1");
      assertThat(find(found, "blue ski ")).as("the word is whole").isEmpty();
      assertThat(find(found, "truosers")).as("letters swapped").containsExactly("3");
      assertThat(find(found, "NAVY")).as("an attribute").containsExactly("1");
      assertThat(find(found, "trousers")).as("title and category").containsExactly("3");
      assertThat(find(found, "?!")).isEmpty();
      assertThat(find(found, "red trousers")).isEmpty();
      assertThat(find(found, "b").get(0)).isIn("1", "3");
    }
  }

  @Test
  void ranksWhatMatchesAsItIsBeforeWhatIsNear() {
    put("near", "shirt", null, Map.of());
    put("exact", "skirt", null, Map.of());
    try (ItemSearch search = new ItemSearch()) {
      assertThat(find(search.update(items.build()), "skirt")).containsExactly("exact", "near");
    }
  }

  @Test
  void followsTheCatalogAndAnswersFromASnapshotMeanwhile() {
    put("1", "Blue skirt", null, Map.of());
    put("2", "Green skirt", null, Map.of());
    try (ItemSearch search = new ItemSearch()) {
      Search before = search.update(items.build());
      put("1", "Yellow hat", null, Map.of());
      assertThat(items.put(items.item(2).deletedAt(5))).isEqualTo(2);
      put("3", "New skirt", null, Map.of());
      assertThat(find(before, "skirt")).containsExactlyInAnyOrder("1", "2");
      Search after = search.update(items.build());
      assertThat(find(after, "skirt")).containsExactly("3");
      assertThat(find(after, "yellow")).containsExactly("1");
      assertThat(find(before, "skirt"))
          .as("who holds an old one is answered by a later one")
          .containsExactly("3");
      assertThat(find(search.update(items.build()), "skirt")).containsExactly("3");
    }
  }

  /** Against a search that looks at every word of every item. */
  @Test
  void findsTheSameItemsAsLookingAtThemAll() {
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      Catalog.Builder made = new Catalog.Builder();
      for (int item = 0; item < 60; item++) {
        StringBuilder title = new StringBuilder();
        for (int words = 1 + random.nextInt(3); words > 0; words--) {
          title.append(word(random)).append(' ');
        }
        int unused =
            made.put(
                new Item(
                    "i" + item,
                    title.toString(),
                    random.nextBoolean() ? null : word(random),
                    0,
                    random.nextBoolean() ? Map.of() : Map.of("text", word(random), "n", 5L)));
      }
      Catalog catalog = made.build();
      try (ItemSearch search = new ItemSearch()) {
        Search found = search.update(catalog);
        for (int query = 0; query < 10; query++) {
          String text = word(random) + (random.nextBoolean() ? "" : " " + word(random));
          int[] into = new int[100];
          int count = found.find(text, into);
          Set<Integer> is = new TreeSet<>();
          for (int at = 0; at < count; at++) {
            is.add(into[at]);
          }
          assertThat(is).as("seed %d, %s", seed, text).isEqualTo(all(catalog, text));
        }
      }
    }
  }

  private static Set<Integer> all(Catalog catalog, String text) {
    String[] asked = text.split(" ", -1);
    Set<Integer> matching = new TreeSet<>();
    for (int index = 1; index < catalog.size(); index++) {
      Item item = catalog.item(index);
      List<String> words = new ArrayList<>(List.of(item.title().trim().split(" ", -1)));
      if (item.category() != null) {
        words.add(item.category());
      }
      if (item.attributes().get("text") instanceof String value) {
        words.add(value);
      }
      boolean every = true;
      for (int at = 0; at < asked.length; at++) {
        boolean last = at == asked.length - 1;
        String word = asked[at];
        every &=
            words.stream()
                .anyMatch(
                    own ->
                        (last && own.startsWith(word))
                            || (own.charAt(0) == word.charAt(0)
                                && distance(own, word) <= WordSearch.amiss(word)));
      }
      if (every) {
        matching.add(index);
      }
    }
    return matching;
  }

  /** Letters left out, put in, changed or swapped with the next: optimal string alignment. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }

  /** Few letters, so that words are near each other. */
  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int letters = 2 + random.nextInt(8); letters > 0; letters--) {
      word.append("pqr".charAt(random.nextInt(3)));
    }
    return word.toString();
  }

  private List<String> find(Search search, String text) {
    int[] into = new int[10];
    List<String> ids = new ArrayList<>();
    int count = search.find(text, into);
    for (int at = 0; at < count; at++) {
      ids.add(items.item(into[at]).id());
    }
    return ids;
  }

  private void put(
      String id,
      String title,
      @org.jspecify.annotations.Nullable String category,
      Map<String, Object> attributes) {
    int unused = items.put(new Item(id, title, category, 0, attributes));
  }
}
