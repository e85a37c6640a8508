package dev.proffer.candidates;

import static dev.proffer.candidates.Shop.offered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.candidates.source.CandidateSource;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.candidates.source.CategorySource;
import dev.proffer.candidates.source.FollowsSource;
import dev.proffer.candidates.source.NewSource;
import dev.proffer.candidates.source.PopularSource;
import dev.proffer.candidates.source.RecentSource;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static final List<String> NAMES =
      List.of("recent", "follows", "category", "popular", "new");

  /** Reused over all requests, whatever the catalog. */
  private final CandidateSet reused = new CandidateSet();

  @Test
  void mergesWhatTheSourcesFindAsAPlainMapDoes() {
    for (int seed = 0; seed < 600; seed++) {
      Random random = new Random(seed);
      Shop shop = Shop.random(random);
      Catalog catalog = shop.catalog();
      CandidatesSpec spec = spec(random);
      FeatureInput in = shop.input("user-" + random.nextInt(5), random.nextInt(catalog.size()), 0);
      Set<String> exclude = new HashSet<>();
      for (int count = random.nextInt(3) * random.nextInt(10); count > 0; count--) {
        exclude.add("item-" + random.nextInt(60));
      }
      ItemFilter filter =
          switch (random.nextInt(4)) {
            case 0 -> Shop.filter("category", "category-1", "category-2");
            case 1 ->
                new ItemFilter(List.of(new ItemFilter.Condition("price", Set.of(), 1.0, 3.5)));
            default -> ItemFilter.NONE;
          };
      Map<Integer, Integer> expected = new LinkedHashMap<>();
      int[] brought = new int[spec.sources().size()];
      for (int source = 0; source < brought.length; source++) {
        int named = 0;
        for (int item : offered(made(spec.sources().get(source).name()), in, shop.index())) {
          Item of = catalog.item(item);
          if (named == spec.sources().get(source).quota()
              || exclude.contains(of.id())
              || !filter.passes(of)
              || !of.proposable(in.asOfMillis())) {
            continue;
          }
          named++;
          if (expected.containsKey(item)) {
            expected.merge(item, 1 << source, (a, b) -> a | b);
          } else if (expected.size() < spec.maxCandidates()) {
            expected.put(item, 1 << source);
            brought[source]++;
          }
        }
      }

      Candidates candidates = new Candidates(spec);
      candidates.find(in, shop.index(), exclude, filter, reused);

      Map<Integer, Integer> found = new LinkedHashMap<>();
      for (int at = 0; at < reused.count(); at++) {
        assertThat(found.put(reused.items()[at], reused.sources(at))).as("seed %d", seed).isNull();
        assertThat(reused.contains(reused.items()[at])).isTrue();
      }
      assertThat(new ArrayList<>(found.entrySet()))
          .as("seed %d", seed)
          .isEqualTo(new ArrayList<>(expected.entrySet()));
      for (int source = 0; source < brought.length; source++) {
        assertThat(candidates.found(source)).as("seed %d", seed).isEqualTo(brought[source]);
      }
      assertThat(candidates.sourceNames())
          .isEqualTo(spec.sources().stream().map(CandidatesSpec.Source::name).toList());
    }
  }

  @Test
  void givesUpASourceThatIsLookedThroughForTooLong() {
    Shop shop = new Shop();
    for (int item = 0; item < 6_000; item++) {
      shop.item("item-" + item, item == 5_500 ? "rare" : item == 4_500 ? "seldom" : "common", 0);
    }
    Candidates candidates =
        new Candidates(spec(200, new CandidatesSpec.Source("popular", 10, "r")));
    candidates.find(
        shop.input("nobody", 0, 0),
        shop.index(),
        Set.of(),
        Shop.filter("category", "seldom"),
        reused);
    assertThat(reused.count()).isEqualTo(1);
    candidates.find(
        shop.input("nobody", 0, 0),
        shop.index(),
        Set.of(),
        Shop.filter("category", "rare"),
        reused);
    assertThat(reused.count()).isZero();
  }

  @Test
  void refusesASourceNobodyKnows() {
    assertThatThrownBy(() -> new Candidates(spec(10, new CandidatesSpec.Source("oracle", 10, "r"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no source without parameters is called oracle");
  }

  @Test
  void keepsAGivenListAsItIs() {
    CandidateSet set = new CandidateSet();
    set.clear(3);
    for (int round = 0; round < 1_000; round++) {
      set.append(round % 3, 0);
    }
    assertThat(set.count()).isEqualTo(1_000);
    assertThat(set.items()[998]).isEqualTo(998 % 3);
    assertThat(set.sources(5)).isZero();
    set.clear(3);
    assertThat(set.count()).isZero();
  }

  private static CandidatesSpec spec(int most, CandidatesSpec.Source... sources) {
    return new CandidatesSpec(most, List.of(sources));
  }

  private static CandidatesSpec spec(Random random) {
    List<String> names = new ArrayList<>(NAMES);
    Collections.shuffle(names, random);
    List<CandidatesSpec.Source> sources = new ArrayList<>();
    for (String name : names.subList(0, 1 + random.nextInt(names.size()))) {
      sources.add(new CandidatesSpec.Source(name, 1 + random.nextInt(40), "reason of " + name));
    }
    return new CandidatesSpec(1 + random.nextInt(50), sources);
  }

  private static CandidateSource made(String name) {
    return switch (name) {
      case "recent" -> new RecentSource();
      case "follows" -> new FollowsSource();
      case "category" -> new CategorySource();
      case "popular" -> new PopularSource();
      default -> new NewSource();
    };
  }

  @Test
  void whatTakesLongIsLeftOutWhereThereIsNoTime() {
    Shop shop =
        new Shop()
            .item(new Item("1", "Blue skirt", "skirts", 0, Map.of()))
            .item(new Item("2", "Red hat", "hats", 0, Map.of()))
            .choose("ann", "2");
    Candidates candidates =
        new Candidates(
            new CandidatesSpec(
                50,
                List.of(
                    new CandidatesSpec.Source("search", 10, "found"),
                    new CandidatesSpec.Source("popular", 1, "popular"))));
    int[] asked = new int[1];
    CatalogIndex index =
        shop.index()
            .with(
                (text, into) -> {
                  asked[0]++;
                  into[0] = 77; // of a later catalog
                  into[1] = 1;
                  return 2;
                });
    FeatureInput in = shop.input("ann", 0, 0);
    assertThat(candidates.takesLong(in, index)).as("nobody searches").isFalse();
    in = new FeatureInput();
    in.set(
        shop.catalog(),
        shop.statistics(),
        UserSequence.EMPTY,
        new SequenceSpec(List.of("view"), 200, 1_000_000, ""),
        0,
        0,
        new RequestContext("", "search", "skirt"),
        10);
    assertThat(candidates.takesLong(in, shop.index())).as("nothing is indexed yet").isFalse();
    assertThat(candidates.takesLong(in, index)).isTrue();
    assertThat(asked[0]).isZero();

    candidates.find(in, index, Set.of(), ItemFilter.NONE, true, reused);
    assertThat(reused.count()).isEqualTo(1);
    assertThat(candidates.leftOut()).isEqualTo(1);
    assertThat(asked[0]).isZero();

    candidates.find(in, index, Set.of(), ItemFilter.NONE, false, reused);
    assertThat(reused.count()).isEqualTo(2);
    assertThat(candidates.leftOut()).isZero();
    assertThat(candidates.failed()).isZero();
    assertThat(asked[0]).isEqualTo(1);
  }
}
