package dev.proffer.pipeline;

import static dev.proffer.pipeline.SmallWorld.linear;
import static dev.proffer.pipeline.SmallWorld.model;
import static dev.proffer.pipeline.SmallWorld.said;
import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.configs.Problems;
import dev.proffer.features.compute.Contracts;
import dev.proffer.pipeline.experiments.Arm;
import dev.proffer.pipeline.experiments.Assigner;
import dev.proffer.pipeline.experiments.ExperimentsSpec;
import dev.proffer.pipeline.experiments.Stops;
import dev.proffer.pipeline.rules.RulesSpec;
import dev.proffer.pipeline.rules.Showings;
import dev.proffer.ranker.ServedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a variant chooses is what a pipeline configured so would have answered. */
class ArmsTest {
  private static final ServedModel CHAMPION = linear("champion", 1, 2, 0.5f, -0.1f);
  private static final ServedModel CHALLENGER = linear("challenger", -1, 0.1f, 0, 1);
  private static final CandidatesSpec FEW =
      new CandidatesSpec(
          5, List.of(new CandidatesSpec.Source("popular", 5, "Popular with everyone")));

  @TempDir Path home;
  private Contracts contracts;
  private RankingSpec ranking;
  private ExperimentsSpec experiments;

  @BeforeEach
  void read() throws IOException {
    contracts = SmallWorld.contracts(home);
    Files.writeString(home.resolve("reasons.yaml"), "families: []\n");
    Files.writeString(
        home.resolve(RankingSpec.FILE),
        """
        sets:
          bold:
            rules:
              - {rule: pin, slot: 1, items: [item-0]}
              - {rule: exploration, policy: softmax, temperature: 5, depth: 5}
        """);
    Files.writeString(
        home.resolve(ExperimentsSpec.FILE),
        """
        layers:
          - name: models
            experiments:
              - name: m
                variants: [{name: a}, {name: b, model: challenger, sources: few}]
                allow: {ann: b, bob: b, joe: a}
          - name: rules
            experiments:
              - {name: r, variants: [{name: a}, {name: b, rules: bold}], allow: {ann: a, bob: b, joe: a}}
        """);
    Problems problems = new Problems();
    ranking = RankingSpec.read(home, problems);
    experiments =
        ExperimentsSpec.read(
            home, new ExperimentsSpec.Names(Set.of("few"), Set.of("bold")), problems);
    assertThat(problems.toString()).isEmpty();
  }

  private SuggestPipeline pipeline(CandidatesSpec candidates, RulesSpec rules) {
    return new SuggestPipeline(
        contracts,
        candidates,
        new RankingSpec(List.of(), rules, ranking.reasons(), ranking.sets()),
        Showings.NONE);
  }

  private Arm arm(String user) {
    return new Assigner(experiments).assign(user, null, 0, Stops.NONE);
  }

  private static World world(SmallWorld shop, @Nullable ServedModel challenger) {
    return shop.with(CHAMPION, null)
        .with(World.variant("challenger"), new World.Models(challenger, null));
  }

  private static Page ask(SuggestPipeline pipeline, SmallWorld shop, World world, Arm arm) {
    return pipeline.suggest(
        SuggestInput.of(
                SuggestQuery.forUser("user-1", 8, shop.clock), shop.sequence("user-1"), world)
            .by(77, arm));
  }

  @Test
  void answersAsAPipelineWouldThatKnowsNothingElse() {
    SuggestPipeline arms = withFew();
    RulesSpec bold = Objects.requireNonNull(ranking.sets().get("bold"));
    int different = 0;
    for (int seed = 0; seed < 40; seed++) {
      SmallWorld shop = SmallWorld.random(new Random(seed));
      World both = world(shop, CHALLENGER);
      World challenger = shop.with(CHALLENGER, null);
      // One pipeline for all: no arm leaves anything behind for the next.
      List<Object> ann = said(ask(arms, shop, both, arm("ann")));
      List<Object> bob = said(ask(arms, shop, both, arm("bob")));
      List<Object> joe = said(ask(arms, shop, both, arm("joe")));
      List<Object> nobody = said(ask(arms, shop, both, Arm.DEFAULT));

      assertThat(ann)
          .isEqualTo(said(ask(pipeline(FEW, RulesSpec.NONE), shop, challenger, Arm.DEFAULT)));
      assertThat(bob).isEqualTo(said(ask(pipeline(FEW, bold), shop, challenger, Arm.DEFAULT)));
      assertThat(nobody)
          .isEqualTo(
              said(
                  ask(
                      pipeline(SmallWorld.CANDIDATES, RulesSpec.NONE),
                      shop,
                      shop.with(CHAMPION, null),
                      Arm.DEFAULT)));
      assertThat(joe).isEqualTo(nobody);
      different += ann.equals(nobody) || ann.equals(bob) ? 0 : 1;
    }
    assertThat(different).isGreaterThan(20);
    assertThat(arms.differsNextTime(arm("ann"))).isFalse();
    assertThat(arms.differsNextTime(arm("bob"))).isTrue();
  }

  private SuggestPipeline withFew() {
    return pipeline(
        new CandidatesSpec(30, SmallWorld.CANDIDATES.sources(), Map.of("few", FEW)),
        RulesSpec.NONE);
  }

  @Test
  void aVariantWhoseModelIsMissingIsTheDefaultAndSaysSo() {
    SuggestPipeline arms = withFew();
    SmallWorld shop = SmallWorld.random(new Random(4));
    Page missing = ask(arms, shop, world(shop, null), arm("ann"));
    Page without = ask(arms, shop, world(shop, null), Arm.DEFAULT);
    assertThat(missing.degraded()).containsExactly(Degradation.VARIANT_FAILED);
    assertThat(missing.servedBy()).isEqualTo(Rung.ML_RANKER);
    assertThat(missing.modelVersion()).isEqualTo("champion");
    assertThat(missing.candidates()).isEqualTo(without.candidates());
    assertThat(SmallWorld.ids(missing)).isEqualTo(SmallWorld.ids(without));

    ServedModel failing = model("failing", "small", new SmallWorld.Failing(4, false));
    Page failed = ask(arms, shop, world(shop, failing), arm("ann"));
    assertThat(failed.degraded()).containsExactly(Degradation.VARIANT_FAILED);
    assertThat(failed.modelVersion()).isEqualTo("champion");
    assertThat(arms.judged()).isNotNull();

    // What is stopped asks for no model.
    Arm stopped =
        new Assigner(experiments)
            .assign("ann", null, 0, new Stops(Map.of("m:b", new Stops.Stop(1, ""))));
    assertThat(stopped.word()).isEqualTo("m:b*!,r:a*");
    assertThat(said(ask(arms, shop, world(shop, null), stopped))).isEqualTo(said(without));
  }

  @Test
  void nothingIsMissingWhereTheVariantsModelAnswersAndThereIsNoOther() {
    SuggestPipeline arms = withFew();
    SmallWorld shop = SmallWorld.random(new Random(3));
    World world =
        shop.with(null, null).with(World.variant("challenger"), new World.Models(CHAMPION, null));
    Page page = ask(arms, shop, world, arm("bob"));
    assertThat(page.modelVersion()).isEqualTo(CHAMPION.version());
    assertThat(page.degraded()).isEmpty();
    assertThat(ask(arms, shop, world, arm("joe")).degraded()).containsExactly(Degradation.NO_MODEL);
  }
}
