package dev.proffer.ranker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleScorerTest {
  private static final SequenceSpec SPEC = new SequenceSpec(List.of("view"), 20, 60_000, "");

  private final Catalog.Builder items = new Catalog.Builder();
  private final Statistics statistics = new Statistics();
  private UserSequence sequence = UserSequence.EMPTY;

  RuleScorerTest() {
    for (String id : List.of("a", "b", "c", "d")) {
      items.put(new Item(id, id, id.equals("d") ? "hats" : "shoes", 0, Map.of()));
    }
  }

  @Test
  void cannotRankWithoutStatistics() {
    assertThat(RuleScorer.canRank(input(0, 0))).isFalse();
    choose("a");
    assertThat(RuleScorer.canRank(input(0, 0))).isTrue();
  }

  @Test
  void prefersWhatEverybodyChoosesForAPersonNeverSeen() {
    choose("b", "b", "c");
    sequence = UserSequence.EMPTY;
    float[] scores = scores(input(0, 0));
    assertThat(scores[1]).isGreaterThan(scores[2]);
    assertThat(scores[2]).isGreaterThan(scores[0]);
    assertThat(scores[0]).isEqualTo(scores[3]).isZero();
  }

  @Test
  void prefersWhatThePersonChoseLatelyAndTheCategoryLookedAt() {
    choose("a", "b", "c", "d");
    float[] scores = scores(input(0, items.build().categoryCode("hats")));
    assertThat(scores[2]).isGreaterThan(scores[1]);
    assertThat(scores[1]).isGreaterThan(scores[0]);
    assertThat(scores[3]).isGreaterThan(scores[2]);
    float[] shoes = scores(input(0, items.build().categoryCode("shoes")));
    assertThat(shoes[2]).isGreaterThan(shoes[3]);
  }

  @Test
  void isSureOfAnItemByItsShareOfAllChoices() {
    choose("a", "b", "b", "b");
    FeatureInput in = input(0, 0);
    assertThat(RuleScorer.confidence(in, 2)).isEqualTo(0.75f);
    assertThat(RuleScorer.confidence(in, Catalog.UNKNOWN)).isZero();
  }

  @Test
  void givesTheUnknownItemALastPlace() {
    choose("a", "b", "c", "d");
    sequence = sequence.with(9, Hash64.of("gone"), 9, 1, 20);
    float[] scores = new float[2];
    RuleScorer.score(input(0, 0), new int[] {Catalog.UNKNOWN, 1}, 2, scores);
    assertThat(scores[0]).isZero();
    assertThat(scores[1]).isPositive();
  }

  private void choose(String... ids) {
    for (String id : ids) {
      long time = sequence.size();
      statistics.observe(sequence, time, time, items.index(id), items, 1_000);
      sequence = sequence.with(time, Hash64.of(id), time, 1, 20);
    }
  }

  private FeatureInput input(int contextItem, int contextCategory) {
    FeatureInput in = new FeatureInput();
    in.set(items.build(), statistics, sequence, SPEC, contextItem, contextCategory, 1_000);
    return in;
  }

  private static float[] scores(FeatureInput in) {
    float[] scores = new float[4];
    RuleScorer.score(in, new int[] {1, 2, 3, 4}, 4, scores);
    return scores;
  }
}
