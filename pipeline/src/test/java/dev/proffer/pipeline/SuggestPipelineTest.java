package dev.proffer.pipeline;

import static dev.proffer.pipeline.SmallWorld.CANDIDATES;
import static dev.proffer.pipeline.SmallWorld.ids;
import static dev.proffer.pipeline.SmallWorld.linear;
import static dev.proffer.pipeline.SmallWorld.model;
import static dev.proffer.pipeline.SmallWorld.said;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.candidates.ItemFilter;
import dev.proffer.configs.Problems;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.pipeline.experiments.Arm;
import dev.proffer.pipeline.rules.RulesSpec;
import dev.proffer.pipeline.rules.Touch;
import dev.proffer.ranker.ServedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuggestPipelineTest {
  private static final ServedModel CHAMPION = linear("champion", 1, 2, 0.5f, -0.1f);
  private static final ServedModel PREVIOUS = linear("previous", 1, 0.5f);

  @TempDir Path home;

  private Contracts contracts;
  private SuggestPipeline pipeline;

  @BeforeEach
  void wire() throws IOException {
    contracts = SmallWorld.contracts(home);
    pipeline = fresh();
  }

  @Test
  void ranksByTheChampionBestFirst() {
    for (int seed = 0; seed < 100; seed++) {
      SmallWorld shop = SmallWorld.random(new Random(seed));
      World world = shop.with(CHAMPION, PREVIOUS);
      Page page = pipeline.suggest(query("user-1", 100).build(), shop.sequence("user-1"), world);

      assertThat(page.servedBy()).isEqualTo(Rung.ML_RANKER);
      assertThat(page.modelVersion()).isEqualTo("champion");
      assertThat(page.contractSha()).isEqualTo(contracts.program("small").contract().sha256());
      assertThat(page.featureNames()).containsExactly("popularity", "times", "length", "since");
      assertThat(page.degraded()).isEmpty();
      assertThat(page.candidates()).isEqualTo(page.propositions().size()).isPositive();
      assertThat(ids(page)).as("seed %d", seed).doesNotHaveDuplicates().doesNotContain("");
      float before = Float.POSITIVE_INFINITY;
      for (Page.Proposition each : page.propositions()) {
        float[] x = each.features();
        double sum = 0.25 + x[0] + 2 * x[1] + 0.5 * x[2] - (Float.isNaN(x[3]) ? 0 : 0.1 * x[3]);
        assertThat((double) each.score()).as("seed %d", seed).isCloseTo(sum, within(1e-4));
        assertThat((double) each.confidence())
            .isCloseTo(1 / (1 + Math.exp(1 - 0.5 * each.score())), within(1e-6));
        assertThat(each.score()).isLessThanOrEqualTo(before);
        before = each.score();
      }
    }
  }

  @Test
  void givesTheFirstOfTheSamePageWhenFewerAreAskedFor() {
    for (int seed = 0; seed < 60; seed++) {
      SmallWorld shop = SmallWorld.random(new Random(seed));
      for (World world : List.of(shop.with(CHAMPION, null), shop.with(null, null))) {
        List<String> all =
            ids(pipeline.suggest(query("user-0", 100).build(), shop.sequence("user-0"), world));
        for (int limit = 1; limit < 8; limit++) {
          Page page =
              pipeline.suggest(query("user-0", limit).build(), shop.sequence("user-0"), world);
          assertThat(ids(page))
              .as("seed %d limit %d", seed, limit)
              .isEqualTo(all.subList(0, Math.min(limit, all.size())));
        }
      }
    }
  }

  @Test
  void stepsDownALadderWhenModelsFail() {
    SmallWorld shop = shop();
    ServedModel failing = model("failing", "small", new SmallWorld.Failing(4, false));
    ServedModel failingLater = model("failing", "small", new SmallWorld.Failing(4, true));
    ServedModel homeless = model("homeless", "undeclared", new SmallWorld.Failing(4, false));
    ServedModel tooWide = model("wide", "tiny", CHAMPION.scorer());

    for (ServedModel champion : List.of(failing, failingLater, homeless, tooWide)) {
      Page page = suggest(shop, champion, PREVIOUS);
      assertThat(page.servedBy()).isEqualTo(Rung.PREVIOUS_MODEL);
      assertThat(page.modelVersion()).isEqualTo("previous");
      assertThat(page.featureNames()).containsExactly("length", "repeats");
      assertThat(page.degraded()).containsExactly(Degradation.CHAMPION_FAILED);
      assertThat(said(page).subList(5, said(page).size()))
          .as("what a failure left behind does not show")
          .isEqualTo(
              said(fresh()
                      .suggest(
                          query("ann", 10).build(),
                          shop.sequence("ann"),
                          shop.with(null, PREVIOUS)))
                  .subList(5, said(page).size()));
    }
    Page rules = suggest(shop, failing, failingLater);
    assertThat(rules.servedBy()).isEqualTo(Rung.RULE_BASED);
    assertThat(rules.modelVersion()).isNull();
    assertThat(rules.contractSha()).isNull();
    assertThat(rules.featureNames()).isEmpty();
    assertThat(rules.degraded())
        .containsExactlyInAnyOrder(Degradation.CHAMPION_FAILED, Degradation.PREVIOUS_FAILED);
    assertThat(rules.propositions()).isNotEmpty();

    assertThat(suggest(shop, null, PREVIOUS).servedBy()).isEqualTo(Rung.PREVIOUS_MODEL);
    assertThat(suggest(shop, null, PREVIOUS).degraded()).isEmpty();
    assertThat(suggest(shop, null, null).servedBy()).isEqualTo(Rung.RULE_BASED);
    assertThat(suggest(shop, null, null).degraded()).containsExactly(Degradation.NO_MODEL);
  }

  @Test
  void proposesTheStaticListWhenThereIsNothingToRankBy() {
    SmallWorld shop = SmallWorld.empty();
    for (String id : List.of("a", "b", "c", "d")) {
      shop.item(id, id.equals("d") ? "" : "Title of " + id, id.equals("a") ? null : "shoes", 1);
    }
    pipeline =
        new SuggestPipeline(
            contracts, CANDIDATES, new RankingSpec(List.of("c", "elsewhere", "a", "c")));
    Page page =
        pipeline.suggest(query("ann", 10).build(), UserSequence.EMPTY, shop.with(null, null));

    assertThat(page.servedBy()).isEqualTo(Rung.STATIC);
    assertThat(ids(page)).containsExactly("c", "elsewhere", "a", "b", "d");
    assertThat(page.degraded())
        .containsExactlyInAnyOrder(Degradation.NO_MODEL, Degradation.NO_STATISTICS);
    assertThat(page.propositions()).allMatch(each -> !each.reason().isEmpty());
    assertThat(page.propositions().get(4).title()).isEqualTo("d");
    Query narrow = query("ann", 2);
    narrow.exclude = Set.of("c");
    narrow.filter = category("shoes");
    assertThat(ids(pipeline.suggest(narrow.build(), UserSequence.EMPTY, shop.with(null, null))))
        .containsExactly("b", "d");
    assertThat(ids(pipeline.suggest(query("ann", 3).build(), null, World.empty())))
        .containsExactly("c", "elsewhere", "a");
    assertThat(fresh().suggest(query("ann", 3).build(), null, World.empty()).propositions())
        .isEmpty();
  }

  @Test
  void ranksExactlyTheItemsItIsGiven() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      SmallWorld shop = SmallWorld.random(random);
      List<String> given = new ArrayList<>();
      for (int number = 0; number < 40; number++) {
        if (random.nextBoolean()) {
          given.add("item-" + number);
        }
      }
      given.add("never-heard-of");
      Query query = query("user-2", 100);
      query.items = given;
      for (World world : List.of(shop.with(CHAMPION, null), shop.with(null, null))) {
        Page page = pipeline.suggest(query.build(), shop.sequence("user-2"), world);
        assertThat(ids(page)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(given);
        assertThat(page.candidates()).isEqualTo(given.size());
        assertThat(page.degraded()).contains(Degradation.UNKNOWN_ITEMS);
        for (Page.Proposition each : page.propositions()) {
          assertThat(each.reason()).isNotEmpty();
          assertThat(each.title()).isNotEmpty();
          assertThat(each.sources()).isEmpty();
          for (float value : each.features()) {
            assertThat(Float.isInfinite(value)).as("seed %d %s", seed, each.id()).isFalse();
          }
        }
      }
    }
  }

  @Test
  void keepsTheGivenOrderAmongEquals() {
    Query query = query("nobody", 10);
    query.items = List.of("z", "y", "x", "w");
    Page page = pipeline.suggest(query.build(), UserSequence.EMPTY, shop().with(CHAMPION, null));
    assertThat(ids(page)).containsExactly("z", "y", "x", "w");
  }

  @Test
  void proposesNothingThatIsExcludedOrFilteredOut() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      SmallWorld shop = SmallWorld.random(random);
      Query query = query("user-3", 100);
      Set<String> exclude = new HashSet<>();
      for (int count = 0; count < 15; count++) {
        exclude.add("item-" + random.nextInt(60));
      }
      query.exclude = exclude;
      query.filter = random.nextBoolean() ? category("category-1") : ItemFilter.NONE;
      for (World world : List.of(shop.with(CHAMPION, null), shop.with(null, null))) {
        Page page = pipeline.suggest(query.build(), shop.sequence("user-3"), world);
        assertThat(ids(page)).as("seed %d", seed).doesNotContainAnyElementsOf(exclude);
        if (!query.filter.conditions().isEmpty()) {
          assertThat(page.propositions()).allMatch(each -> "category-1".equals(each.category()));
        }
      }
    }
  }

  @Test
  void givesEveryPropositionAReasonItsSourcesAndTheChanceItHad() {
    for (int seed = 0; seed < 100; seed++) {
      SmallWorld shop = SmallWorld.random(new Random(seed));
      for (World world : List.of(shop.with(CHAMPION, null), shop.with(null, null))) {
        Page page = pipeline.suggest(query("user-4", 100).build(), shop.sequence("user-4"), world);
        for (Page.Proposition each : page.propositions()) {
          assertThat(each.reason())
              .as("seed %d", seed)
              .isNotBlank()
              .doesNotContain("{", "  ")
              .doesNotEndWith(" ");
          assertThat(each.title()).isNotEmpty();
          assertThat(each.propensity()).isEqualTo(1f);
          if (page.servedBy() != Rung.STATIC) {
            assertThat(each.sources()).as("seed %d", seed).isNotEmpty().doesNotHaveDuplicates();
            assertThat(pipeline.sourceNames()).containsAll(each.sources());
          }
        }
      }
    }
  }

  @Test
  void namesTheSourceAndTheFeatureThatSpokeMost() {
    SmallWorld shop = shop();
    ServedModel byTimes = linear("times", 0, 5, 0, 0);
    Page page = suggest(shop, byTimes, null);
    assertThat(page.propositions().get(0).reason())
        .isEqualTo("Often chosen next after Title of b; chosen before, like Title of b");
    ServedModel byLength = linear("length", 0, 0, 5, 0);
    assertThat(suggest(shop, byLength, null).propositions().get(0).reason())
        .as("a feature without words is not named")
        .doesNotContain(";");
  }

  @Test
  void asksWhatSpokeMostOnlyWhenReasonsAreAsked() {
    SmallWorld shop = shop();
    World world = shop.with(linear("times", 0, 5, 0, 0), null);
    SuggestPipeline sparing =
        new SuggestPipeline(
            contracts,
            CANDIDATES,
            new RankingSpec(
                List.of(), RulesSpec.NONE, new ReasonsSpec(false, SmallWorld.REASONS.families())));
    String found = "Often chosen next after Title of b";
    String spoke = found + "; chosen before, like Title of b";
    Query query = query("ann", 10);
    assertThat(reason(sparing, query, shop, world)).as("by configuration").isEqualTo(found);
    query.reasons = true;
    assertThat(reason(sparing, query, shop, world)).as("asked").isEqualTo(spoke);
    query.reasons = false;
    assertThat(reason(pipeline, query, shop, world)).as("asked not to").isEqualTo(found);
    query.explain = true;
    assertThat(reason(sparing, query, shop, world)).as("explained").isEqualTo(spoke);
  }

  private static String reason(SuggestPipeline by, Query query, SmallWorld shop, World world) {
    return by.suggest(query.build(), shop.sequence("ann"), world).propositions().get(0).reason();
  }

  @Test
  void callsAnItemWithoutATitleByItsId() {
    SmallWorld shop = shop();
    shop.item("b", "", "shoes", 2);
    Page page = suggest(shop, linear("times", 0, 5, 0, 0), null);
    assertThat(page.propositions().get(0).title()).isEqualTo("b");
    assertThat(page.propositions().get(0).reason())
        .isEqualTo("Often chosen next after b; chosen before, like b");
  }

  @Test
  void explainsAScoreWhenItIsAsked() {
    SmallWorld shop = shop();
    Query query = query("ann", 10);
    assertThat(
            pipeline
                .suggest(query.build(), shop.sequence("ann"), shop.with(CHAMPION, null))
                .propositions())
        .allMatch(each -> each.explanation() == null && each.features().length == 4);
    query.explain = true;
    Page page = pipeline.suggest(query.build(), shop.sequence("ann"), shop.with(CHAMPION, null));
    assertThat(page.propositions()).isNotEmpty();
    for (Page.Proposition each : page.propositions()) {
      Page.Explanation explanation = Objects.requireNonNull(each.explanation());
      double sum = CHAMPION.scorer().baseline();
      for (float contribution : explanation.contributions()) {
        sum += contribution;
      }
      assertThat(sum).isCloseTo(each.score(), within(1e-4));
      assertThat(explanation.modelScore()).isEqualTo(each.score());
      double families = 0;
      for (float family : explanation.families().values()) {
        families += family;
      }
      assertThat(families).isCloseTo(sum - CHAMPION.scorer().baseline(), within(1e-4));
      assertThat(explanation.families().keySet()).isSubsetOf("crowd", "own", ReasonsSpec.OTHER);
      assertThat(explanation.found())
          .extracting(Page.Found::source)
          .containsExactlyElementsOf(each.sources());
      assertThat(explanation.found()).allMatch(found -> found.place() > 0);
      assertThat(explanation.rules()).isEmpty();
    }
    for (String source : pipeline.sourceNames()) {
      assertThat(
              page.propositions().stream()
                  .flatMap(each -> Objects.requireNonNull(each.explanation()).found().stream())
                  .filter(found -> found.source().equals(source))
                  .map(Page.Found::place))
          .as("each place of a source is one item's")
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void tellsWhatTheRulesDid() {
    pipeline =
        ruled(
            "already, events: [view]",
            "boost, where: {category: hats}, multiply: 2, add: 1",
            "pin, slot: 2, items: [e]");
    SmallWorld shop = shop();
    shop.item("e", "Title of e", "bags", 5);
    Query query = query("ann", 10);
    query.explain = true;
    query.time = 6_001;
    Page page = pipeline.suggest(query.build(), shop.sequence("ann"), shop.with(CHAMPION, null));
    assertThat(page.removed()).containsExactly(Map.entry("already", 2));
    Page.Explanation pinned = Objects.requireNonNull(page.propositions().get(1).explanation());
    assertThat(pinned.rules())
        .extracting(Touch::rule, Touch::effect, Touch::amount)
        .containsExactly(tuple("pin", "pinned", 2.0));
    Page.Explanation boosted = Objects.requireNonNull(page.propositions().get(0).explanation());
    assertThat(boosted.rules())
        .extracting(Touch::rule, Touch::effect, Touch::amount)
        .containsExactly(tuple("boost", "multiplied", 2.0));
    assertThat(page.propositions().get(0).score())
        .isEqualTo(
            boosted.modelScore() < 0 ? boosted.modelScore() / 2 + 1 : boosted.modelScore() * 2 + 1);
    query.explain = false;
    page = pipeline.suggest(query.build(), shop.sequence("ann"), shop.with(CHAMPION, null));
    assertThat(page.removed()).isEmpty();
    assertThat(page.propositions()).allMatch(each -> each.explanation() == null);
  }

  @Test
  void answersAsForAPersonNeverSeenWhenTheSequenceCannotBeRead() {
    SmallWorld shop = shop();
    Page unread = pipeline.suggest(query("ann", 10).build(), null, shop.with(CHAMPION, null));
    Page unseen =
        pipeline.suggest(query("ann", 10).build(), UserSequence.EMPTY, shop.with(CHAMPION, null));
    assertThat(unread.degraded()).containsExactly(Degradation.FEATURES_FAILED);
    assertThat(ids(unread)).isEqualTo(ids(unseen));
    assertThat(unseen.degraded()).isEmpty();
  }

  @Test
  void seesNothingThatHappensAtOrAfterTheInstant() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      SmallWorld shop = SmallWorld.random(random);
      UserSequence sequence = shop.sequence("user-1");
      if (sequence.size() == 0) {
        continue;
      }
      Query query = query("user-1", 100);
      query.time = sequence.timeMillis(random.nextInt(sequence.size()));
      World world = shop.with(CHAMPION, null);
      assertThat(said(pipeline.suggest(query.build(), sequence, world)))
          .as("seed %d", seed)
          .isEqualTo(said(pipeline.suggest(query.build(), sequence.before(query.time), world)));
    }
  }

  @Test
  void givesTheSamePageAgainAndOwesNothingToEarlierRequests() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      List<SmallWorld> shops =
          List.of(SmallWorld.random(random), SmallWorld.random(random), SmallWorld.empty());
      ServedModel failing =
          model("failing", "small", new SmallWorld.Failing(4, random.nextBoolean()));
      for (int request = 0; request < 25; request++) {
        SmallWorld shop = shops.get(random.nextInt(3));
        Query query = random(random, shop);
        World world =
            switch (random.nextInt(5)) {
              case 0 -> shop.with(CHAMPION, PREVIOUS);
              case 1 -> shop.with(PREVIOUS, CHAMPION);
              case 2 -> shop.with(failing, PREVIOUS);
              case 3 -> shop.with(failing, failing);
              default -> shop.with(null, null);
            };
        UserSequence sequence = random.nextInt(10) == 0 ? null : shop.sequence(query.user);

        List<Object> first = said(pipeline.suggest(query.build(), sequence, world));
        List<Object> again = said(pipeline.suggest(query.build(), sequence, world));
        List<Object> fresh = said(fresh().suggest(query.build(), sequence, world));

        assertThat(again).as("seed %d request %d", seed, request).isEqualTo(first);
        assertThat(fresh).as("seed %d request %d", seed, request).isEqualTo(first);
      }
    }
  }

  @Test
  void saysHowManyCandidatesEachSourceBrought() {
    SmallWorld shop = shop();
    Page page = suggest(shop, CHAMPION, null);
    int brought = 0;
    for (int source = 0; source < pipeline.sourceNames().size(); source++) {
      brought += pipeline.found(source);
    }
    assertThat(brought).isEqualTo(page.candidates());
    assertThat(pipeline.sourceNames()).containsExactly("follows", "recent", "category", "popular");
  }

  @Test
  void looksAtTheContextItIsGiven() {
    SmallWorld shop = shop();
    ServedModel indifferent = linear("indifferent", 0, 0, 0, 0);
    Query query = query("nobody", 10);
    query.context = "hats";
    query.contextType = ContextType.CATEGORY;
    Page page = pipeline.suggest(query.build(), UserSequence.EMPTY, shop.with(indifferent, null));
    assertThat(page.propositions())
        .filteredOn(each -> "hats".equals(each.category()))
        .isNotEmpty()
        .allMatch(
            each -> each.reason().equals("Popular in hats") && each.sources().contains("category"));
    query.context = "a";
    query.contextType = ContextType.ITEM;
    page = pipeline.suggest(query.build(), UserSequence.EMPTY, shop.with(indifferent, null));
    assertThat(page.propositions())
        .filteredOn(each -> each.id().equals("b"))
        .singleElement()
        .satisfies(
            each -> assertThat(each.reason()).isEqualTo("Often chosen next after Title of a"));
    query.context = "no such item";
    assertThat(
            pipeline
                .suggest(query.build(), UserSequence.EMPTY, shop.with(indifferent, null))
                .propositions())
        .isNotEmpty();
  }

  @Test
  void holdsHardRulesOnEveryRung() {
    pipeline =
        ruled(
            "already, events: [view]",
            "category-cap, most: 1",
            "bury, where: {category: shoes}",
            "pin, slot: 2, items: [e]");
    SmallWorld shop = shop();
    shop.item("e", "Title of e", "bags", 5);
    ServedModel failing = model("failing", "small", new SmallWorld.Failing(4, false));
    for (World world :
        List.of(
            shop.with(CHAMPION, null),
            shop.with(failing, PREVIOUS),
            shop.with(failing, null),
            World.of(shop.items.build(), new Statistics(), Map.of()))) {
      Query query = query("ann", 10);
      query.time = 6_001;
      Page page = pipeline.suggest(query.build(), shop.sequence("ann"), world);
      assertThat(ids(page)).doesNotContain("a", "b").hasSize(2);
      assertThat(ids(page).get(0)).isIn("c", "d");
      assertThat(ids(page).get(1)).isEqualTo("e");
      assertThat(pipeline.reranking().names())
          .containsExactly("already", "category-cap", "bury", "pin");
      assertThat(pipeline.reranking().removed(0)).as("%s", page.servedBy()).isEqualTo(2);
      assertThat(pipeline.reranking().moved(3)).isEqualTo(1);
      query.items = List.of("a", "b", "c", "d");
      assertThat(ids(pipeline.suggest(query.build(), shop.sequence("ann"), world)))
          .as("what the caller names is ranked, and buried")
          .containsExactlyInAnyOrder("a", "b", "c", "d")
          .startsWith(world.statistics().totalEvents() == 0 ? "c" : ids(page).get(0));
      query.exclude = Set.of("e");
      query.items = null;
      assertThat(ids(pipeline.suggest(query.build(), shop.sequence("ann"), world)))
          .doesNotContain("e");
    }
  }

  @Test
  void aModelThatIsNotCompiledRanksWhereThereIsTime() {
    SmallWorld shop = shop();
    ServedModel slow = SmallWorld.model("slow", "small", new SmallWorld.Slow(CHAMPION.scorer()));
    Query query = query("ann", 10);
    query.explain = true;
    SuggestInput whole =
        SuggestInput.of(query.build(), shop.sequence("ann"), shop.with(slow, PREVIOUS));
    assertThat(pipeline.takesLong(whole)).isTrue();
    Page page = pipeline.suggest(whole);
    assertThat(page.modelVersion()).isEqualTo("slow");
    assertThat(page.degraded()).isEmpty();
    Page compiled =
        pipeline.suggest(query.build(), shop.sequence("ann"), shop.with(CHAMPION, PREVIOUS));
    assertThat(ids(page)).isEqualTo(ids(compiled));
    for (int at = 0; at < page.propositions().size(); at++) {
      Page.Proposition each = page.propositions().get(at);
      assertThat(each.score()).isEqualTo(compiled.propositions().get(at).score());
      Page.Explanation explanation = Objects.requireNonNull(each.explanation());
      assertThat(explanation.contributions()).isEmpty();
      assertThat(explanation.families()).isEmpty();
    }

    Page quick = pipeline.suggest(whole.with(Effort.QUICK));
    assertThat(quick.modelVersion()).isEqualTo("previous");
    assertThat(quick.degraded()).containsExactly(Degradation.MODEL_LATE);
    assertThat(
            pipeline.takesLong(
                SuggestInput.of(query.build(), shop.sequence("ann"), shop.with(CHAMPION, slow))))
        .as("who serves is compiled")
        .isFalse();
    assertThat(pipeline.suggest(whole.with(Effort.CHEAP)).degraded())
        .containsExactly(Degradation.OVERLOADED);
  }

  @Test
  void drawsFromTheSeedAndSaysWhatTheChanceWas() {
    pipeline = ruled("exploration, policy: softmax, temperature: 1, depth: 3");
    SmallWorld shop = SmallWorld.random(new Random(5));
    World world = shop.with(CHAMPION, null);
    Set<List<String>> pages = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      SuggestInput input =
          SuggestInput.of(query("user-1", 3).build(), shop.sequence("user-1"), world)
              .by(seed, Arm.DEFAULT);
      Page page = pipeline.suggest(input);
      pages.add(ids(page));
      assertThat(page.propositions())
          .allMatch(each -> each.propensity() > 0 && each.propensity() < 1);
      assertThat(said(pipeline.suggest(input))).isEqualTo(said(page));
      for (Page.Proposition each : page.propositions()) {
        assertThat((double) each.confidence())
            .as("the model's, whatever the rules did")
            .isCloseTo(1 / (1 + Math.exp(1 - 0.5 * each.score())), within(1e-6));
      }
    }
    assertThat(pages).hasSizeGreaterThan(3);
  }

  private SuggestPipeline ruled(String... rules) {
    try {
      Files.writeString(
          home.resolve(RankingSpec.FILE),
          "rules:\n  - {rule: " + String.join("}\n  - {rule: ", rules) + "}\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Problems problems = new Problems();
    RankingSpec spec = RankingSpec.read(home, problems);
    problems.throwIfAny();
    return new SuggestPipeline(contracts, CANDIDATES, spec);
  }

  /** Ann and Bob go from a to b; the hat was chosen once. */
  private static SmallWorld shop() {
    SmallWorld shop = SmallWorld.empty();
    shop.item("a", "Title of a", "shoes", 1);
    shop.item("b", "Title of b", "shoes", 2);
    shop.item("c", "Title of c", "hats", 3);
    shop.item("d", "Title of d", "hats", 4);
    shop.choose("bob", "a", 1_000);
    shop.choose("bob", "b", 2_000);
    shop.choose("bob", "c", 3_000);
    shop.choose("ann", "a", 4_000);
    shop.choose("ann", "b", 5_000);
    shop.choose("ann", "b", 6_000);
    shop.clock = 6_000;
    return shop;
  }

  private Page suggest(
      SmallWorld shop, @Nullable ServedModel champion, @Nullable ServedModel previous) {
    return pipeline.suggest(
        query("ann", 10).build(), shop.sequence("ann"), shop.with(champion, previous));
  }

  private SuggestPipeline fresh() {
    return new SuggestPipeline(
        contracts, CANDIDATES, new RankingSpec(List.of(), RulesSpec.NONE, SmallWorld.REASONS));
  }

  private static ItemFilter category(String name) {
    return new ItemFilter(List.of(new ItemFilter.Condition("category", Set.of(name), null, null)));
  }

  private static Query random(Random random, SmallWorld shop) {
    Query query = query("user-" + random.nextInt(6), 1 + random.nextInt(30));
    query.time = random.nextInt(5) == 0 ? shop.clock - 20_000 : shop.clock + 1;
    switch (random.nextInt(4)) {
      case 0 -> {
        query.context = "category-" + random.nextInt(4);
        query.contextType = ContextType.CATEGORY;
      }
      case 1 -> {
        query.context = "item-" + random.nextInt(50);
        query.contextType = ContextType.ITEM;
      }
      case 2 -> {
        query.context = "words";
        query.contextType = ContextType.SEARCH;
      }
      default -> {}
    }
    if (random.nextInt(3) == 0) {
      List<String> items = new ArrayList<>();
      for (int item = random.nextInt(5); item < 300; item += 1 + random.nextInt(40)) {
        items.add("item-" + item);
      }
      query.items = items;
    } else if (random.nextBoolean()) {
      query.exclude = Set.of("item-1", "item-2", "item-3");
      query.filter = random.nextBoolean() ? category("category-1") : ItemFilter.NONE;
    }
    query.explain = random.nextBoolean();
    return query;
  }

  private static Query query(String user, int limit) {
    return new Query(user, limit);
  }

  /** A query that is filled in step by step. */
  private static final class Query {
    private final String user;
    private final int limit;
    private @Nullable String context;
    private ContextType contextType = ContextType.HOME;
    private long time = Long.MAX_VALUE / 4;
    private @Nullable List<String> items;
    private Set<String> exclude = Set.of();
    private ItemFilter filter = ItemFilter.NONE;
    private @Nullable Boolean reasons;
    private boolean explain;

    Query(String user, int limit) {
      this.user = user;
      this.limit = limit;
    }

    SuggestQuery build() {
      return new SuggestQuery(
          user,
          null,
          null,
          context,
          contextType,
          limit,
          time,
          items,
          exclude,
          filter,
          reasons,
          explain);
    }
  }
}
