package dev.proffer.pipeline.rules;

import static dev.proffer.pipeline.rules.Shop.HOUR;
import static dev.proffer.pipeline.rules.Shop.NOW;
import static dev.proffer.pipeline.rules.Shop.reranking;
import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.events.Hash64;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import dev.proffer.ranker.TopK;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule beside what it says in plain words, over shops made up from seeds. */
class RulesTest {
  private static final int SEEDS = 300;

  @TempDir Path home;

  @Test
  void isTheBestByScoreWhenNoRuleFindsAnything() {
    Reranking reranking =
        reranking(
            "{rule: bury, where: {colour: none}}",
            "{rule: category-cap, most: 100}",
            "{rule: pin, slot: 2, items: [nothing]}");
    for (int seed = 0; seed < SEEDS; seed++) {
      Shop shop = new Shop(new Random(seed));
      if (seed % 3 == 0) {
        shop.scores[0] = Float.NaN;
        shop.scores[shop.scores.length - 1] = Float.NEGATIVE_INFINITY;
      }
      int limit = 1 + seed % 70;
      int[] best = new int[shop.items.length];
      new TopK()
          .select(
              shop.scores, shop.ties, shop.items.length, Math.min(limit, shop.items.length), best);
      assertThat(shop.select(reranking, limit))
          .as("seed %d", seed)
          .containsExactlyElementsOf(
              Arrays.stream(best, 0, Math.min(limit, best.length)).boxed().toList());
      for (int slot = 0; slot < Math.min(limit, best.length); slot++) {
        assertThat(reranking.propensity(slot)).isEqualTo(1f);
      }
    }
  }

  @Test
  void leavesOutWhatCannotBeHad() {
    Reranking reranking = reranking("{rule: eligibility}");
    for (int seed = 0; seed < SEEDS; seed++) {
      Shop shop = new Shop(new Random(seed));
      shop.device = seed % 2 == 0 ? "phone" : "";
      expectLeft(shop, reranking, row -> eligible(shop, row, shop.device), seed);
    }
  }

  private static boolean eligible(Shop shop, int row, String audience) {
    Map<String, Object> of = shop.item(row).attributes();
    Object available = of.getOrDefault("available", true);
    if (!shop.item(row).proposable(NOW)) {
      return false;
    }
    List<String> segments = shop.item(row).validity().audience();
    if (!segments.isEmpty() && (!segments.contains(audience) || !eligible(of, available))) {
      return false;
    }
    if (!segments.isEmpty()) {
      return true;
    }
    return eligible(of, available)
        && (!of.containsKey("audience")
            || of.get("audience").equals("all")
            || (!audience.isEmpty() && ((String) of.get("audience")).contains(audience)));
  }

  private static boolean eligible(Map<String, Object> of, Object available) {
    return !available.equals(false)
        && !available.equals(0L)
        && (long) of.getOrDefault("stock", 1L) > 0
        && (long) of.getOrDefault("valid_from", 0L) <= NOW
        && Instant.parse((String) of.getOrDefault("valid_until", "9999-01-01T00:00:00Z"))
            .isAfter(Instant.ofEpochMilli(NOW));
  }

  @Test
  void knowsAPersonsAudienceFromATable() throws Exception {
    TableSpec spec =
        new TableSpec(
            "people", "user", List.of(TableSpec.Column.of("screen", TableSpec.Type.CATEGORY)), "");
    TableRegistry registry = new TableRegistry(home);
    registry.publish(
        spec,
        "v1",
        NOW - 1,
        out -> {
          out.begin(Shop.USER);
          out.category(0, "tv");
        });
    Reranking reranking = reranking("{rule: eligibility, audience-of: people.screen}");
    for (int seed = 0; seed < 60; seed++) {
      Shop shop = new Shop(new Random(seed));
      shop.device = "phone";
      expectLeft(shop, reranking, row -> eligible(shop, row, ""), seed);
      shop.tables = registry.history(new TablesSpec(List.of(spec)));
      expectLeft(shop, reranking, row -> eligible(shop, row, "tv"), seed);
    }
  }

  @Test
  void leavesOutWhatWasChosenAlready() {
    Reranking bought = reranking("{rule: already, events: [order], within-hours: 48}");
    Reranking seen = reranking("{rule: already, events: [view, order], within-hours: 1}");
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Shop shop = new Shop(random);
      for (int event = random.nextInt(25); event > 0; event--) {
        shop.happened(
            random.nextInt(3) == 0 ? "order" : "view",
            "item-" + random.nextInt(70),
            NOW + 20 - random.nextInt(100) * (random.nextBoolean() ? 1 : HOUR));
      }
      if (seed % 2 == 0) { // one of them the catalog does not know
        shop.items[0] = 0;
        shop.ids = new ArrayList<>(List.of("item-69"));
        for (int row = 1; row < shop.items.length; row++) {
          shop.ids.add(shop.item(row).id());
        }
      }
      expectLeft(shop, bought, row -> !chosen(shop, row, Set.of("order"), 48 * HOUR), seed);
      expectLeft(shop, seen, row -> !chosen(shop, row, Set.of("order", "view"), HOUR), seed);
    }
  }

  private static boolean chosen(Shop shop, int row, Set<String> types, long within) {
    return shop.history.stream()
        .anyMatch(
            one ->
                one.item().equals(shop.id(row))
                    && types.contains(one.type())
                    && one.time() < NOW
                    && one.time() >= NOW - within);
  }

  @Test
  void leavesOutWhatWasShownOftenEnough() {
    RulesSpec rules = Shop.rules("{rule: frequency-cap, most: 2, within-hours: 3}");
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Shop shop = new Shop(random);
      List<String> items = new ArrayList<>();
      List<Long> times = new ArrayList<>();
      for (int shown = random.nextInt(100); shown > 0; shown--) {
        items.add("item-" + random.nextInt(60));
        times.add(NOW + HOUR - random.nextInt(6) * HOUR);
      }
      Reranking reranking =
          new Reranking(
              rules,
              user -> {
                assertThat(user).isEqualTo(Hash64.of(Shop.USER));
                long[] shown = new long[2 * items.size()];
                for (int at = 0; at < items.size(); at++) {
                  shown[2 * at] = Hash64.of(items.get(at));
                  shown[2 * at + 1] = times.get(at);
                }
                return shown;
              });
      expectLeft(
          shop,
          reranking,
          row -> {
            int count = 0;
            for (int at = 0; at < items.size(); at++) {
              boolean counts = times.get(at) <= NOW && times.get(at) > NOW - 3 * HOUR;
              count += counts && items.get(at).equals(shop.id(row)) ? 1 : 0;
            }
            return count < 2;
          },
          seed);
    }
  }

  private static void expectLeft(Shop shop, Reranking reranking, IntPredicate left, int seed) {
    List<Integer> expected = shop.sorted().stream().filter(left::test).toList();
    assertThat(shop.select(reranking, 100)).as("seed %d", seed).isEqualTo(expected);
    assertThat(reranking.removed(0)).isEqualTo(shop.items.length - expected.size());
    assertThat(shop.select(reranking, 100, true, true, false))
        .as("not what the caller named")
        .isEqualTo(shop.sorted());
    assertThat(shop.select(reranking, 100, false, false, false))
        .as("the static list too")
        .isEqualTo(expected);
  }

  @Test
  void liftsWhatMatchesWhateverTheSignOfItsScore() {
    Reranking reranking =
        reranking(
            "{rule: boost, where: {colour: [colour-1, colour-2]}, multiply: 2, add: 0.25}",
            "{rule: boost, name: cheap, where: {price: {max: 20}}, multiply: 0.5}");
    for (int seed = 0; seed < SEEDS; seed++) {
      Shop shop = new Shop(new Random(seed));
      float[] plain = shop.scores.clone();
      List<Integer> selected = shop.select(reranking, 100);
      assertThat(shop.scores).as("the model's are left as they were").isEqualTo(plain);
      for (int row = 0; row < plain.length; row++) {
        Object colour = shop.item(row).attributes().get("colour");
        boolean liked = "colour-1".equals(colour) || "colour-2".equals(colour);
        Number price = (Number) shop.item(row).attributes().get("price");
        boolean cheap = price != null && price.doubleValue() <= 20;
        float lifted = plain[row];
        lifted = liked ? (lifted < 0 ? lifted / 2 : lifted * 2) + 0.25f : lifted;
        assertThat(lifted).isGreaterThanOrEqualTo(plain[row]);
        lifted = cheap ? (lifted < 0 ? lifted * 2 : lifted / 2) : lifted;
        assertThat(reranking.score(row)).as("seed %d row %d", seed, row).isEqualTo(lifted);
      }
      for (int slot = 1; slot < selected.size(); slot++) {
        assertThat(reranking.score(selected.get(slot)))
            .isLessThanOrEqualTo(reranking.score(selected.get(slot - 1)));
      }
    }
  }

  @Test
  void buriesBehindEverythingElseInOrder() {
    Reranking reranking = reranking("{rule: bury, where: {category: [category-0, category-1]}}");
    for (int seed = 0; seed < SEEDS; seed++) {
      Shop shop = new Shop(new Random(seed));
      IntPredicate buried = row -> Set.of("category-0", "category-1").contains(category(shop, row));
      List<Integer> expected =
          new ArrayList<>(shop.sorted().stream().filter(row -> !buried.test(row)).toList());
      expected.addAll(shop.sorted().stream().filter(buried::test).toList());
      assertThat(shop.select(reranking, 100)).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void putsPinsAtTheirSlots() {
    Reranking reranking =
        reranking(
            "{rule: pin, name: first, slot: 3, items: [nothing, item-4, item-5]}",
            "{rule: pin, name: second, slot: 1, items: [item-4, item-2]}",
            "{rule: pin, name: third, slot: 5, where: {colour: colour-0}}",
            "{rule: category-cap, most: 2, slots: 8}");
    int full = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Shop shop = new Shop(new Random(seed), 1 + seed % 40);
      List<Integer> page = shop.select(reranking, 10);
      assertThat(page).as("seed %d", seed).doesNotHaveDuplicates();
      if (page.size() < Math.min(10, shop.items.length)) {
        continue; // the cap left nothing for a slot, and pins below it moved up
      }
      full++;
      if (shop.items.length > 4 && page.size() >= 3) {
        assertThat(shop.id(page.get(2))).as("seed %d", seed).isEqualTo("item-4");
        assertThat(shop.id(page.get(0))).as("seed %d", seed).isEqualTo("item-2");
      }
      if (page.size() >= 5) {
        Integer best =
            shop.sorted().stream()
                .filter(row -> "colour-0".equals(shop.item(row).attributes().get("colour")))
                .filter(row -> !Set.of("item-4", "item-2").contains(shop.id(row)))
                .findFirst()
                .orElse(null);
        if (best != null) {
          assertThat(page.get(4)).as("seed %d", seed).isEqualTo(best);
        }
      }
    }
    assertThat(full).isGreaterThan(SEEDS / 2);
  }

  @Test
  void bringsPinnedItemsThatNobodyFound() {
    Reranking reranking =
        reranking("{rule: pin, slot: 1, items: [item-0, item-3, nothing, item-5]}");
    int seed = 0;
    Shop shop = new Shop(new Random(seed), 10);
    while (!shop.item(0).proposable(0)) {
      shop = new Shop(new Random(++seed), 10);
    }
    CandidateSet set = new CandidateSet();
    set.clear(shop.catalog.size());
    set.add(shop.catalog.index("item-3"), 0);
    reranking.bring(shop.catalog, 0, Set.of("item-5"), ItemFilter.NONE, set);
    assertThat(Arrays.stream(set.items(), 0, set.count()))
        .containsExactly(shop.catalog.index("item-3"), shop.catalog.index("item-0"));
    assertThat(set.sources(1)).isZero();
  }

  @Test
  void neverShowsMoreOfACategoryThanItsCap() {
    for (int most = 1; most < 4; most++) {
      Reranking reranking =
          reranking(
              "{rule: category-cap, name: page, most: " + most + "}",
              "{rule: category-cap, name: top, attribute: colour, most: 1, slots: 4}");
      for (int seed = 0; seed < SEEDS; seed++) {
        Shop shop = new Shop(new Random(seed));
        int limit = 1 + seed % 20;
        List<Integer> expected = new ArrayList<>();
        List<Integer> rest = new ArrayList<>(shop.sorted());
        boolean found = true;
        while (found && expected.size() < limit) {
          found = false;
          for (Integer row : rest) {
            int slot = expected.size();
            long ofCategory =
                expected.stream()
                    .filter(one -> category(shop, one).equals(category(shop, row)))
                    .count();
            long ofColour =
                expected.stream()
                    .filter(one -> colour(shop, one).equals(colour(shop, row)))
                    .count();
            boolean fits =
                (category(shop, row).isEmpty() || ofCategory < most)
                    && (slot >= 4 || colour(shop, row).isEmpty() || ofColour < 1);
            if (fits) {
              expected.add(row);
              rest.remove(row);
              found = true;
              break;
            }
          }
        }
        assertThat(shop.select(reranking, limit)).as("seed %d", seed).isEqualTo(expected);
      }
    }
  }

  @Test
  void fillsThePageAboveACapThatAllowsIt() {
    Reranking reranking = reranking("{rule: category-cap, most: 1, fill: true}");
    for (int seed = 0; seed < SEEDS; seed++) {
      Shop shop = new Shop(new Random(seed));
      List<Integer> page = shop.select(reranking, 100);
      List<Integer> capped = shop.select(reranking("{rule: category-cap, most: 1}"), 100);
      assertThat(page).as("seed %d", seed).startsWith(capped.toArray(new Integer[0]));
      assertThat(page).hasSameSizeAs(shop.items);
      assertThat(page.subList(capped.size(), page.size()))
          .isEqualTo(shop.sorted().stream().filter(row -> !capped.contains(row)).toList());
    }
  }

  @Test
  void diversifiesByTheMarginalRelevanceOfTheFormula() throws Exception {
    TableSpec spec =
        new TableSpec("shape", "item", List.of(TableSpec.Column.vector("vector", 5)), "");
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      Shop shop = new Shop(random);
      double lambda = random.nextInt(11) / 10.0;
      int depth = 2 + random.nextInt(30);
      int limit = 1 + random.nextInt(20);
      String tail = ", lambda: " + lambda + ", depth: " + depth + "}";
      expectDiverse(
          shop,
          reranking("{rule: diversity" + tail),
          lambda,
          depth,
          limit,
          (a, b) ->
              !category(shop, a).isEmpty() && category(shop, a).equals(category(shop, b)) ? 1 : 0,
          seed);
      if (seed < 40) {
        Map<String, float[]> vectors = new HashMap<>();
        for (int row = 0; row < shop.items.length; row++) {
          float[] vector = new float[5];
          for (int at = 0; at < 5; at++) {
            vector[at] = (float) random.nextGaussian();
          }
          if (random.nextInt(5) != 0) {
            vectors.put(shop.id(row), vector);
          }
        }
        TableRegistry registry = new TableRegistry(home.resolve("s" + seed));
        registry.publish(
            spec,
            "v1",
            NOW - 1,
            out -> {
              for (Map.Entry<String, float[]> one : vectors.entrySet()) {
                out.begin(one.getKey());
                out.vector(0, one.getValue());
              }
            });
        shop.tables = registry.history(new TablesSpec(List.of(spec)));
        expectDiverse(
            shop,
            reranking("{rule: diversity, embedding: shape.vector" + tail),
            lambda,
            depth,
            limit,
            (a, b) -> cosine(vectors.get(shop.id(a)), vectors.get(shop.id(b))),
            seed);
      }
    }
  }

  private interface Like {
    double of(int row, int other);
  }

  private static double cosine(float @Nullable [] a, float @Nullable [] b) {
    if (a == null || b == null) {
      return 0;
    }
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int at = 0; at < a.length; at++) {
      ab += a[at] * b[at];
      aa += a[at] * a[at];
      bb += b[at] * b[at];
    }
    return ab / Math.sqrt(aa * bb);
  }

  private static void expectDiverse(
      Shop shop, Reranking reranking, double lambda, int depth, int limit, Like like, int seed) {
    List<Integer> rest = new ArrayList<>(shop.sorted());
    double most = shop.scores[rest.get(0)];
    double least = shop.scores[rest.get(Math.min(depth, rest.size()) - 1)];
    List<Integer> page = shop.select(reranking, limit);
    assertThat(page).hasSize(Math.min(limit, shop.items.length)).doesNotHaveDuplicates();
    List<Integer> above = new ArrayList<>();
    for (Integer chosen : page) {
      double best = Double.NEGATIVE_INFINITY;
      double own = Double.NaN;
      for (Integer row : rest.subList(0, Math.min(depth, rest.size()))) {
        double nearest = above.isEmpty() ? 0 : Double.NEGATIVE_INFINITY;
        for (Integer one : above) {
          nearest = Math.max(nearest, like.of(row, one));
        }
        double relevance = most > least ? (shop.scores[row] - least) / (most - least) : 0;
        double value = lambda * relevance - (1 - lambda) * nearest;
        best = Math.max(best, value);
        own = row.equals(chosen) ? value : own;
      }
      assertThat(own).as("seed %d", seed).isGreaterThanOrEqualTo(best - 1e-5);
      above.add(chosen);
      rest.remove(chosen);
    }
  }

  @Test
  void holdsAllTogether() {
    RulesSpec rules =
        Shop.rules(
            "{rule: eligibility}",
            "{rule: already, events: [order]}",
            "{rule: boost, where: {colour: colour-3}, multiply: 3}",
            "{rule: bury, where: {colour: colour-1}}",
            "{rule: pin, slot: 2, items: [item-7, item-8]}",
            "{rule: category-cap, most: 2, slots: 6}",
            "{rule: diversity, lambda: 0.6, depth: 15}",
            "{rule: exploration, policy: softmax, temperature: 0.5, depth: 6, from-slot: 2}");
    Reranking reranking = new Reranking(rules, Showings.NONE);
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Shop shop = new Shop(random);
      for (int event = random.nextInt(10); event > 0; event--) {
        shop.happened("order", "item-" + random.nextInt(60), NOW - 1 - random.nextInt(1_000));
      }
      int limit = 1 + random.nextInt(12);
      List<Integer> page = shop.select(reranking, limit, false, true, true);
      assertThat(shop.select(new Reranking(rules, Showings.NONE), limit, false, true, false))
          .as("the same seed gives the same page, told or not")
          .isEqualTo(page);
      assertThat(page).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(limit);
      Map<String, Integer> categories = new HashMap<>();
      boolean buriedAbove = false;
      int pinned = pinned(shop);
      for (int slot = 0; slot < page.size(); slot++) {
        int row = page.get(slot);
        assertThat(eligible(shop, row, "")).as("seed %d", seed).isTrue();
        assertThat(chosen(shop, row, Set.of("order"), 720 * HOUR)).as("seed %d", seed).isFalse();
        if (slot < 6) {
          categories.merge(category(shop, row), 1, Integer::sum);
        }
        boolean buried = colour(shop, row).equals("colour-1");
        if (row != pinned) {
          // what a cap holds back above the fold may come behind what is buried
          assertThat(buried || !buriedAbove || slot >= 6).as("seed %d", seed).isTrue();
          buriedAbove |= buried;
        }
        assertThat(reranking.propensity(slot)).isGreaterThan(0f).isLessThanOrEqualTo(1f);
        if (slot == 0 || row == pinned) {
          assertThat(reranking.propensity(slot)).isEqualTo(1f);
        }
      }
      if (pinned >= 0 && page.size() > 1) {
        assertThat(page.get(1)).as("seed %d", seed).isEqualTo(pinned);
      }
      categories.remove("");
      assertThat(categories.values()).as("seed %d", seed).allMatch(count -> count <= 2);
      long told = page.stream().flatMap(row -> reranking.touches(row).stream()).count();
      assertThat(told).isGreaterThanOrEqualTo(pinned >= 0 && page.size() > 1 ? 1 : 0);
    }
  }

  private static int pinned(Shop shop) {
    for (String id : List.of("item-7", "item-8")) {
      int row = shop.catalog.index(id) - 1;
      if (row >= 0 && eligible(shop, row, "") && !chosen(shop, row, Set.of("order"), 720 * HOUR)) {
        return row;
      }
    }
    return -1;
  }

  private static String category(Shop shop, int row) {
    return Objects.requireNonNullElse(shop.item(row).category(), "");
  }

  private static String colour(Shop shop, int row) {
    return (String) shop.item(row).attributes().getOrDefault("colour", "");
  }
}
