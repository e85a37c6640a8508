package dev.proffer.offline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.ranker.ModelsSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GatesTest {
  @Test
  void letThroughWhatIsOnTheBound() {
    ModelsSpec.Task task = task(new ModelsSpec.Gate("auc", 0.5, 0.75, 0.25));
    assertThat(Gates.refusals(task, Map.of("auc", 0.5), Map.of("auc", 0.75))).isEmpty();
    assertThat(Gates.refusals(task, Map.of("auc", 0.75), null)).isEmpty();
    assertThat(Gates.refusals(task(), Map.of(), null)).isEmpty();
  }

  @Test
  void sayWhichGateRefusesAndByHowMuch() {
    assertThat(refusals(gate(0.55, null, null), 0.5, null))
        .containsExactly("auc is 0.5000, expected at least 0.5500: short by 0.0500");
    assertThat(refusals(gate(null, 0.02, null), 0.05, null))
        .containsExactly("auc is 0.0500, expected at most 0.0200: short by 0.0300");
    assertThat(refusals(gate(null, null, 0.01), 0.5, 0.6))
        .containsExactly(
            "auc is 0.5000, expected at least the champion's less 0.01, 0.5900: short by 0.0900");
    assertThat(refusals(gate(0.9, null, 0.01), 0.5, 0.6)).hasSize(2);
  }

  @Test
  void doNotCompareWithAChampionThatIsNotThereOrHasNoSuchFigure() {
    assertThat(refusals(gate(null, null, 0.01), 0.1, null)).isEmpty();
    assertThat(Gates.refusals(task(gate(null, null, 0.01)), Map.of("auc", 0.1), Map.of("ece", 0.0)))
        .isEmpty();
  }

  @Test
  void refuseWhatWasNotMeasured() {
    assertThat(Gates.refusals(task(gate(0.1, null, null)), Map.of("ece", 0.0), null))
        .containsExactly("auc was not measured; measured: [ece]");
    assertThat(refusals(gate(0.1, null, null), Double.NaN, null))
        .containsExactly("auc was not measured; measured: [auc]");
  }

  private static List<String> refusals(
      ModelsSpec.Gate gate, double challenger, @Nullable Double champion) {
    return Gates.refusals(
        task(gate), Map.of("auc", challenger), champion == null ? null : Map.of("auc", champion));
  }

  private static ModelsSpec.Gate gate(
      @Nullable Double atLeast, @Nullable Double atMost, @Nullable Double maxLoss) {
    return new ModelsSpec.Gate("auc", atLeast, atMost, maxLoss);
  }

  private static ModelsSpec.Task task(ModelsSpec.Gate... gates) {
    return new ModelsSpec.Task(
        "leave",
        "leave",
        ModelsSpec.Label.SESSION_ENDS,
        0.5,
        ModelsSpec.Trainer.XGBOOST,
        new ModelsSpec.Trees(1, 1, 1, 1, 1, 1, 1, 0),
        new ModelsSpec.Logistic(1, 0.1),
        0.1,
        0.1,
        1,
        ModelsSpec.PositionBias.UNCORRECTED,
        7,
        List.of(gates));
  }
}
