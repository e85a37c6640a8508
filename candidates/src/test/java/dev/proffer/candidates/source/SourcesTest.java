package dev.proffer.candidates.source;

import static dev.proffer.candidates.Shop.offered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.Shop;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SourcesTest {
  private final Shop shop =
      new Shop()
          .item("a", "shoes", 30)
          .item("b", "shoes", 10)
          .item("c", "hats", 20)
          .item("d", "hats", 20)
          .choose("ann", "a", "b", "c")
          .choose("bob", "a", "b", "b", "b")
          .choose("eve", "b", "gone", "c");

  @Test
  void popularOffersEverythingTheMostChosenFirst() {
    assertThat(found(new PopularSource(), "nobody")).containsExactly("b", "a", "c", "d");
  }

  @Test
  void newOffersEverythingTheLatestAddedFirst() {
    assertThat(found(new NewSource(), "nobody")).containsExactly("a", "c", "d", "b");
  }

  @Test
  void recentOffersWhatThePersonChoseTheLatestFirst() {
    assertThat(found(new RecentSource(), "ann")).containsExactly("c", "b", "a");
    assertThat(found(new RecentSource(), "eve"))
        .as("without what the catalog lacks")
        .containsExactly("c", "b");
    assertThat(found(new RecentSource(), "nobody")).isEmpty();
  }

  @Test
  void categoryOffersTheCategoryLookedAt() {
    int hats = shop.catalog().categoryCode("hats");
    assertThat(shop.ids(offered(new CategorySource(), shop.input("nobody", 0, hats), shop.index())))
        .containsExactly("c", "d");
    int shoe = shop.catalog().index("a");
    assertThat(shop.ids(offered(new CategorySource(), shop.input("nobody", shoe, 0), shop.index())))
        .containsExactly("b", "a");
    assertThat(found(new CategorySource(), "nobody")).isEmpty();
  }

  @Test
  void followsOffersWhatOthersChoseNext() {
    int a = shop.catalog().index("a");
    assertThat(shop.ids(offered(new FollowsSource(), shop.input("nobody", a, 0), shop.index())))
        .containsExactly("b");
    assertThat(found(new FollowsSource(), "nobody")).isEmpty();
  }

  @Test
  void everySourceStopsWhenItIsToldTo() {
    FeatureInput in = shop.input("ann", 0, 0);
    for (CandidateSource source :
        List.of(
            new PopularSource(),
            new NewSource(),
            new RecentSource(),
            new CategorySource(),
            new FollowsSource())) {
      List<Integer> taken = new ArrayList<>();
      source.find(
          in,
          shop.index(),
          item -> {
            taken.add(item);
            return false;
          });
      assertThat(taken).as(source.getClass().getSimpleName()).hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void followsWeighsStepsBackByHalvesAndKeepsNothingFromOneRequestToTheNext() {
    FollowsSource reused = new FollowsSource();
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Shop made = Shop.random(random);
      FeatureInput in =
          made.input("user-" + random.nextInt(5), random.nextInt(made.catalog().size()), 0);
      Map<Integer, Double> weights = new TreeMap<>();
      int[] latest = {in.contextItem(), in.last(2), in.last(3)};
      for (int step = 1; step <= 3; step++) {
        PairCounts.Row row = in.statistics().next(step).row(latest[step - 1]);
        for (int at = 0; at < row.size() && latest[step - 1] != Catalog.UNKNOWN; at++) {
          weights.merge(
              row.item(at), (double) row.count(at) / row.total() / (1 << step), Double::sum);
        }
      }
      List<Integer> offered = offered(reused, in, made.index());
      assertThat(offered).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(weights.keySet());
      assertThat(offered).doesNotContain(Catalog.UNKNOWN);
      for (int at = 1; at < offered.size(); at++) {
        double before = weights.getOrDefault(offered.get(at - 1), 0.0);
        double here = weights.getOrDefault(offered.get(at), 0.0);
        assertThat(here).as("seed %d", seed).isLessThanOrEqualTo(before + 1e-6);
      }
      assertThat(offered(new FollowsSource(), in, made.index())).isEqualTo(offered);
    }
  }

  private List<String> found(CandidateSource source, String user) {
    return shop.ids(offered(source, shop.input(user, 0, 0), shop.index()));
  }
}
