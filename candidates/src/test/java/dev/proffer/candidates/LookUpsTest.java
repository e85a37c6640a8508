package dev.proffer.candidates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.lucene.ItemSearch;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.candidates.source.Search;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What sources look up is looked up by who runs it, and by nobody else. */
class LookUpsTest {
  private static final SequenceSpec SPEC = new SequenceSpec(List.of("view"), 200, 1_000_000, "");

  private final Shop shop = new Shop();
  private final Candidates candidates =
      new Candidates(
          new CandidatesSpec(
              50,
              List.of(
                  new CandidatesSpec.Source("search", 10, "found"),
                  new CandidatesSpec.Source("popular", 1, "popular"))));
  private final CandidateSet set = new CandidateSet();
  private final List<Thread> askedBy = new ArrayList<>();
  private final ItemSearch items = new ItemSearch();
  private Search words = Search.NONE;

  @BeforeEach
  void fillShop() {
    shop.item(new Item("1", "Blue skirt", "skirts", 0, Map.of()))
        .item(new Item("2", "Red hat", "hats", 0, Map.of()))
        .item(new Item("3", "Red skirt", "skirts", 0, Map.of()))
        .choose("ann", "2");
    Search found = items.update(shop.catalog());
    words =
        (text, into) -> {
          askedBy.add(Thread.currentThread());
          return found.find(text, into);
        };
  }

  @AfterEach
  void close() {
    items.close();
  }

  private FeatureInput searching(String text) {
    FeatureInput in = new FeatureInput();
    in.set(
        shop.catalog(),
        shop.statistics(),
        UserSequence.EMPTY,
        SPEC,
        0,
        0,
        new RequestContext("", "search", text),
        10);
    return in;
  }

  private CatalogIndex index(Search search) {
    return new CatalogIndex(shop.catalog(), shop.statistics()).with(search);
  }

  private List<String> found(FeatureInput in, CatalogIndex index, LookUps lookUps) {
    candidates.find(in, index, lookUps, Set.of(), ItemFilter.NONE, set);
    List<Integer> items = new ArrayList<>();
    for (int at = 0; at < set.count(); at++) {
      items.add(set.items()[at]);
    }
    return shop.ids(items);
  }

  @Test
  void whatAnotherThreadLookedUpIsWhatIsFoundHere() throws InterruptedException {
    CatalogIndex index = index(words);
    FeatureInput in = searching("skirt");
    List<String> here = found(in, index, LookUps.NONE);
    assertThat(here).containsExactlyInAnyOrder("1", "3", "2");
    askedBy.clear();
    LookUps lookUps = candidates.lookUps(in, index);
    assertThat(lookUps.isEmpty()).isFalse();
    assertThat(askedBy).as("only said what to ask").isEmpty();
    Thread other = new Thread(lookUps::run);
    other.start();
    other.join();
    assertThat(found(in, index, lookUps)).isEqualTo(here);
    assertThat(askedBy).containsExactly(other);
    assertThat(candidates.failed()).isZero();
    assertThat(set.sources(0)).isEqualTo(1);
  }

  @Test
  void nothingIsToBeRunWhereNobodySearches() {
    assertThat(candidates.looksUp()).isTrue();
    assertThat(candidates.lookUps(searching(""), index(words))).isSameAs(LookUps.NONE);
    assertThat(candidates.lookUps(searching("skirt"), index(Search.NONE))).isSameAs(LookUps.NONE);
    assertThat(
            new Candidates(
                    new CandidatesSpec(9, List.of(new CandidatesSpec.Source("popular", 1, "p"))))
                .looksUp())
        .isFalse();
  }

  @Test
  void whatIsLeftOutOrFailsCostsThatSourceAlone() {
    CatalogIndex index = index(words);
    FeatureInput in = searching("skirt");
    assertThat(found(in, index, LookUps.LEFT_OUT)).containsExactly("2");
    assertThat(candidates.failed()).isZero();
    assertThat(askedBy).isEmpty();

    CatalogIndex broken =
        index(
            (text, into) -> {
              throw new IllegalStateException("broken");
            });
    LookUps lookUps = candidates.lookUps(in, broken);
    lookUps.run();
    assertThat(found(in, broken, lookUps)).containsExactly("2");
    assertThat(candidates.failed()).isEqualTo(1);
  }

  @Test
  void anIndexThatKnowsALaterCatalogOffersWhatTheRequestKnows() {
    CatalogIndex index =
        index(
            (text, into) -> {
              into[0] = 77;
              into[1] = 1;
              return 2;
            });
    assertThat(found(searching("skirt"), index, LookUps.NONE)).containsExactly("1", "2");
  }
}
