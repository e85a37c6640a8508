package dev.proffer.pipeline;

import static dev.proffer.pipeline.SmallWorld.linear;
import static dev.proffer.pipeline.SmallWorld.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.features.compute.Contracts;
import dev.proffer.features.state.UserSequence;
import dev.proffer.ranker.ServedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictPipelineTest {
  private static final String TASK = "leave";
  private static final long LATER = 2_000_000_000L;
  private static final ServedModel CHAMPION = linear("champion", 0, 0, 0.5f, 0);
  private static final ServedModel PREVIOUS = linear("previous", 1, 0.5f);

  @TempDir Path home;

  private Contracts contracts;
  private PredictPipeline pipeline;
  private final SmallWorld shop = SmallWorld.empty();

  @BeforeEach
  void wire() throws IOException {
    contracts = SmallWorld.contracts(home);
    pipeline = new PredictPipeline(contracts);
    shop.item("a", "A", "shoes", 1);
    shop.item("b", "B", "shoes", 2);
    shop.choose("ann", "a", 1_000);
    shop.choose("ann", "b", 2_000);
    shop.choose("ann", "a", 3_000);
  }

  @Test
  void answersWithTheChampionsCalibratedProbability() {
    PredictPipeline.Prediction answer = predict(CHAMPION, PREVIOUS, shop.sequence("ann"));
    assertThat(answer.servedBy()).isEqualTo(Rung.ML_RANKER);
    assertThat(answer.modelVersion()).isEqualTo("champion");
    assertThat(answer.degraded()).isEmpty();
    double score = 0.25 + 0.5 * 3;
    assertThat((double) answer.probability())
        .isCloseTo(1 / (1 + Math.exp(1 - 0.5 * score)), within(1e-6));
    assertThat(answer.reasons())
        .containsExactly(new PredictPipeline.Reason("length", "Events in this session", 3, 1.5f));
  }

  @Test
  void namesTheThreeStrongestReasonsTheStrongestFirst() {
    ServedModel all = linear("all", 0.1f, -4, 1, -0.5f);
    PredictPipeline.Prediction answer = predict(all, null, shop.sequence("ann"));
    assertThat(answer.reasons()).hasSizeLessThanOrEqualTo(3).isNotEmpty();
    for (int at = 1; at < answer.reasons().size(); at++) {
      assertThat(Math.abs(answer.reasons().get(at).contribution()))
          .isLessThanOrEqualTo(Math.abs(answer.reasons().get(at - 1).contribution()));
    }
    assertThat(answer.reasons()).allMatch(reason -> reason.contribution() != 0);
  }

  @Test
  void aModelThatIsNotCompiledPredictsWhereThereIsTimeWithoutReasons() {
    ServedModel slow = model("slow", CHAMPION.contract(), new SmallWorld.Slow(CHAMPION.scorer()));
    World world = shop.with(null, null).with(TASK, new World.Models(slow, PREVIOUS));
    PredictInput whole = PredictInput.of(TASK, 0.125, shop.sequence("ann"), world, LATER);
    assertThat(pipeline.takesLong(whole)).isTrue();
    PredictPipeline.Prediction answer = pipeline.predict(whole);
    assertThat(answer.modelVersion()).isEqualTo("slow");
    assertThat(answer.probability())
        .isEqualTo(predict(CHAMPION, null, shop.sequence("ann")).probability());
    assertThat(answer.reasons()).isEmpty();

    PredictPipeline.Prediction quick = pipeline.predict(whole.with(Effort.QUICK));
    assertThat(quick.modelVersion()).isEqualTo("previous");
    assertThat(quick.degraded()).containsExactly(Degradation.MODEL_LATE);
  }

  @Test
  void stepsDownALadderToThePrior() {
    ServedModel failing = model("failing", "small", new SmallWorld.Failing(4, false));
    ServedModel failingLater = model("failing", "small", new SmallWorld.Failing(4, true));
    PredictPipeline.Prediction previous = predict(failing, PREVIOUS, shop.sequence("ann"));
    assertThat(previous.servedBy()).isEqualTo(Rung.PREVIOUS_MODEL);
    assertThat(previous.modelVersion()).isEqualTo("previous");
    assertThat(previous.degraded()).containsExactly(Degradation.CHAMPION_FAILED);

    PredictPipeline.Prediction prior = predict(failingLater, failing, shop.sequence("ann"));
    assertThat(prior.servedBy()).isEqualTo(Rung.STATIC);
    assertThat(prior.probability()).isEqualTo(0.125f);
    assertThat(prior.modelVersion()).isNull();
    assertThat(prior.reasons()).isEmpty();
    assertThat(prior.degraded())
        .containsExactlyInAnyOrder(Degradation.CHAMPION_FAILED, Degradation.PREVIOUS_FAILED);

    assertThat(predict(null, null, shop.sequence("ann")).degraded())
        .containsExactly(Degradation.NO_MODEL);
    assertThat(
            pipeline
                .predict(PredictInput.of("other task", 0.5, null, shop.with(CHAMPION, null), LATER))
                .probability())
        .isEqualTo(0.5f);
  }

  @Test
  void answersAsForAPersonNeverSeenWhenTheSequenceCannotBeRead() {
    PredictPipeline.Prediction unread = predict(CHAMPION, null, null);
    assertThat(unread.degraded()).containsExactly(Degradation.FEATURES_FAILED);
    assertThat(unread.probability())
        .isEqualTo(predict(CHAMPION, null, UserSequence.EMPTY).probability());
  }

  @Test
  void owesNothingToEarlierRequests() {
    Random random = new Random(3);
    SmallWorld other = SmallWorld.random(random);
    for (int request = 0; request < 500; request++) {
      SmallWorld asked = random.nextBoolean() ? shop : other;
      String user = random.nextBoolean() ? "ann" : "user-" + random.nextInt(5);
      ServedModel champion = random.nextBoolean() ? CHAMPION : PREVIOUS;
      World world =
          World.empty()
              .with(TASK, new World.Models(champion, null))
              .with(asked.items.build(), asked.statistics, -1, 0);
      assertThat(pipeline.predict(PredictInput.of(TASK, 0.125, asked.sequence(user), world, LATER)))
          .as("request %d", request)
          .isEqualTo(
              new PredictPipeline(contracts)
                  .predict(PredictInput.of(TASK, 0.125, asked.sequence(user), world, LATER)));
    }
  }

  private PredictPipeline.Prediction predict(
      @Nullable ServedModel champion,
      @Nullable ServedModel previous,
      @Nullable UserSequence sequence) {
    World world = shop.with(null, null).with(TASK, new World.Models(champion, previous));
    return pipeline.predict(PredictInput.of(TASK, 0.125, sequence, world, LATER));
  }
}
