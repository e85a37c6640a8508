package dev.proffer.pipeline.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is recorded as the chance of a choice, beside how often the choice is made. */
class ExplorationTest {
  private static final List<String> POLICIES =
      List.of(
          "{rule: exploration, policy: epsilon-greedy, epsilon: 0.3, depth: 6}",
          "{rule: exploration, policy: softmax, temperature: 0.7, depth: 6}",
          "{rule: exploration, policy: thompson, depth: 6}");
  private static final int PAGES = 20_000;

  @Test
  void choosesAsOftenAsItSays() {
    for (String policy : POLICIES) {
      Reranking reranking = Shop.reranking(policy);
      Shop shop = shop(3, 9);
      Map<List<Integer>, Integer> pages = new HashMap<>();
      Map<List<Integer>, Double> said = new HashMap<>();
      for (int page = 0; page < PAGES; page++) {
        shop.seed = page * 0x9e3779b97f4a7c15L;
        List<Integer> rows = shop.select(reranking, 2);
        double chance = (double) reranking.propensity(0) * reranking.propensity(1);
        pages.merge(rows, 1, Integer::sum);
        Double before = said.put(rows, chance);
        assertThat(before == null ? chance : before).isEqualTo(chance);
      }
      // Pearson's statistic over the pages expected five times or more, all others in one cell.
      double statistic = 0;
      double restExpected = PAGES;
      int restSeen = PAGES;
      int cells = 0;
      for (Map.Entry<List<Integer>, Double> one : said.entrySet()) {
        double expected = one.getValue() * PAGES;
        if (expected >= 5) {
          int seen = pages.getOrDefault(one.getKey(), 0);
          statistic += (seen - expected) * (seen - expected) / expected;
          restExpected -= expected;
          restSeen -= seen;
          cells++;
        }
      }
      assertThat(restExpected).as("chances sum to at most 1").isGreaterThan(-0.01 * PAGES);
      if (restExpected >= 5) {
        statistic += (restSeen - restExpected) * (restSeen - restExpected) / restExpected;
        cells++;
      } else {
        assertThat(restSeen).isLessThan(30);
      }
      // Wilson and Hilferty: the cube root of chi-square over its degrees is nearly normal.
      double degrees = cells - 1;
      double z =
          (Math.cbrt(statistic / degrees) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees));
      assertThat(z).as("%s: chi-square %s of %s cells", policy, statistic, cells).isLessThan(3.5);
      assertThat(cells).as(policy).isGreaterThan(8);
    }
  }

  @Test
  void saysChancesOfAWholePoolThatSumToOne() {
    for (String yaml : POLICIES) {
      if (!(Shop.rules(yaml).rules().get(0) instanceof Exploration exploration)) {
        throw new AssertionError(yaml);
      }
      for (int seed = 0; seed < 8; seed++) {
        Shop shop = shop(seed, 9);
        Reranking reranking = Shop.reranking(yaml);
        Map<Integer, Double> chances = new HashMap<>();
        for (int page = 0; page < 1_500; page++) {
          shop.seed = page * 31L + seed;
          int row = shop.select(reranking, 1).get(0);
          chances.put(row, (double) reranking.propensity(0));
        }
        double sum = chances.values().stream().mapToDouble(each -> each).sum();
        assertThat(sum).as("%s seed %d", yaml, seed).isBetween(0.98, 1 + 1e-5);
        assertThat(chances).hasSizeLessThanOrEqualTo(exploration.depth());
      }
    }
  }

  @Test
  void drawsClickRatesAsTheirPosteriorsHaveThem() {
    Reranking reranking = Shop.reranking(POLICIES.get(2));
    for (int seed = 0; seed < 8; seed++) {
      Shop shop = shop(seed, 5);
      Map<Integer, Double> said = new HashMap<>();
      for (int page = 0; page < 2_000; page++) {
        shop.seed = page * 7_919L + seed;
        int row = shop.select(reranking, 1).get(0);
        said.put(row, (double) reranking.propensity(0));
      }
      // By order statistics: the k-th smallest of n even numbers is Beta(k, n + 1 - k).
      Random random = new Random(seed);
      int[] largest = new int[shop.items.length];
      int trials = 4_000;
      for (int trial = 0; trial < trials; trial++) {
        int best = 0;
        double most = -1;
        for (int row = 0; row < shop.items.length; row++) {
          int clicks = (int) shop.statistics.impressionClicks(shop.items[row]);
          int shown = (int) shop.statistics.impressions(shop.items[row]);
          double[] even = random.doubles(shown + 1).sorted().toArray();
          if (even[clicks] > most) {
            most = even[clicks];
            best = row;
          }
        }
        largest[best]++;
      }
      for (int row = 0; row < shop.items.length; row++) {
        assertThat(said.getOrDefault(row, 0.0))
            .as("seed %d row %d", seed, row)
            .isCloseTo((double) largest[row] / trials, within(0.025));
      }
    }
  }

  @Test
  void leavesTheSlotsAboveTheFirstToTheScores() {
    for (int seed = 0; seed < 50; seed++) {
      Shop shop = shop(seed, 9);
      for (String policy : POLICIES) {
        Reranking reranking = Shop.reranking(policy.replace("}", ", from-slot: 4}"));
        List<Integer> page = shop.select(reranking, 9);
        assertThat(page.subList(0, 3)).isEqualTo(shop.sorted().subList(0, 3));
        assertThat(reranking.propensity(2)).isEqualTo(1f);
        assertThat(reranking.propensity(3)).isLessThan(1f);
        assertThat(reranking.propensity(8)).as("nothing else was left").isEqualTo(1f);
      }
    }
  }

  @Test
  void givesTheSamePageForTheSameSeed() {
    for (String policy : POLICIES) {
      List<List<Integer>> pages = new ArrayList<>();
      for (int seed = 0; seed < 40; seed++) {
        Shop shop = shop(1, 9);
        shop.seed = seed;
        List<Integer> page = shop.select(Shop.reranking(policy), 9);
        assertThat(shop.select(Shop.reranking(policy), 9)).isEqualTo(page);
        pages.add(page);
      }
      assertThat(pages.stream().distinct().count()).as(policy).isGreaterThan(10);
    }
  }

  @Test
  void survivesScoresThatAreNoNumbers() {
    for (String policy : POLICIES) {
      Shop shop = shop(2, 9);
      shop.scores[1] = Float.NaN;
      shop.scores[2] = Float.POSITIVE_INFINITY;
      shop.scores[3] = Float.NEGATIVE_INFINITY;
      Reranking reranking = Shop.reranking(policy, "{rule: diversity}");
      assertThat(shop.select(reranking, 9)).hasSize(9).doesNotHaveDuplicates();
      for (int slot = 0; slot < 9; slot++) {
        assertThat(reranking.propensity(slot)).isGreaterThan(0f).isLessThanOrEqualTo(1f);
      }
    }
  }

  private static Shop shop(int seed, int size) {
    Random random = new Random(seed);
    Shop shop = new Shop(random, size);
    for (int item : shop.items) {
      int shown = random.nextInt(60);
      for (int showing = 0; showing < shown; showing++) {
        shop.statistics.observeImpression(item);
        if (random.nextInt(6) == 0) {
          shop.statistics.observeImpressionClick(item);
        }
      }
    }
    return shop;
  }
}
