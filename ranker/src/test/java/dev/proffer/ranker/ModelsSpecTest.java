package dev.proffer.ranker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsSpecTest {
  @TempDir Path home;

  private final Problems problems = new Problems();

  @Test
  void readsTasksInFileOrder() throws IOException {
    ModelsSpec spec =
        read(
            """
            attribution-minutes: 10
            tasks:
              ranking: {contract: ranking}
              leave:
                contract: leave
                label: session-ends
                prior: 0.2
                trainer: logistic
                logistic: {epochs: 3, learning-rate: 0.5}
                seed: 9
                gates:
                  - {metric: auc, at-least: 0.55, max-loss: 0.01}
                  - {metric: ece, at-most: 0.05, at-least: ~}
            """);
    assertThat(problems.none()).as(problems.toString()).isTrue();
    assertThat(spec.attributionMinutes()).isEqualTo(10);
    assertThat(spec.tasks().keySet()).containsExactly("ranking", "leave");
    ModelsSpec.Task ranking = requireNonNull(spec.tasks().get("ranking"));
    assertThat(ranking.label()).isEqualTo(ModelsSpec.Label.NEXT_ITEM);
    assertThat(ranking.trainer()).isEqualTo(ModelsSpec.Trainer.XGBOOST);
    assertThat(ranking.trees().rounds()).isEqualTo(100);
    assertThat(ranking.gates()).isEmpty();
    ModelsSpec.Task leave = requireNonNull(spec.tasks().get("leave"));
    assertThat(leave.name()).isEqualTo("leave");
    assertThat(leave.label()).isEqualTo(ModelsSpec.Label.SESSION_ENDS);
    assertThat(leave.trainer()).isEqualTo(ModelsSpec.Trainer.LOGISTIC);
    assertThat(leave.logistic()).isEqualTo(new ModelsSpec.Logistic(3, 0.5));
    assertThat(leave.prior()).isEqualTo(0.2);
    assertThat(leave.seed()).isEqualTo(9);
    assertThat(leave.gates())
        .containsExactly(
            new ModelsSpec.Gate("auc", 0.55, null, 0.01),
            new ModelsSpec.Gate("ece", null, 0.05, null));
  }

  @Test
  void shipsAFileWithoutMistakes() {
    ModelsSpec spec = ModelsSpec.read(Path.of("..", "configs"), problems);
    assertThat(problems.none()).as(problems.toString()).isTrue();
    assertThat(spec.tasks()).containsKey(ModelsSpec.RANKING);
  }

  @Test
  void correctsForPositionsWhereThereAreSome() throws IOException {
    ModelsSpec spec =
        read(
            """
            tasks:
              ranking:
                contract: a
                position-bias: {correct: ipw, examination: [1, 0.5], most-weight: 8}
              plain: {contract: a}
            """);
    assertThat(problems.none()).as(problems.toString()).isTrue();
    assertThat(requireNonNull(spec.tasks().get("ranking")).positionBias())
        .isEqualTo(new ModelsSpec.PositionBias(true, java.util.List.of(1.0, 0.5), 8));
    assertThat(requireNonNull(spec.tasks().get("plain")).positionBias().corrects()).isFalse();
    read(
        """
        tasks:
          ranking: {contract: a, position-bias: {correct: ipw, examination: [1, 0]}}
          leave: {contract: b, label: session-ends, position-bias: {correct: ipw}}
        """);
    assertThat(problems.found())
        .extracting(Problem::key)
        .containsExactly("tasks.ranking.position-bias.examination", "tasks.leave.position-bias");
  }

  @Test
  void leavesSomethingToLearnFrom() throws IOException {
    read(
        """
        tasks:
          ranking: {contract: a, burn-in-share: 0.8, calibration-share: 0.2}
          leave: {contract: b, burn-in-share: 0.98, calibration-share: 0.004}
        """);
    assertThat(problems.found())
        .extracting(Problem::line, Problem::key)
        .containsExactly(tuple(2, "tasks.ranking.burn-in-share"));
    assertThat(problems.toString()).contains("0.8", "0.2");
  }

  @Test
  void ranksWithinTheCandidatesOfAChoiceOnly() throws IOException {
    read(
        """
        tasks:
          ranking: {contract: a, label: next-item, trainer: lambdamart}
          leave: {contract: b, label: session-ends, trainer: lambdamart}
        """);
    assertThat(problems.found())
        .extracting(Problem::line, Problem::key)
        .containsExactly(tuple(3, "tasks.leave.trainer"));
    assertThat(problems.toString()).contains("next-item");
  }

  @Test
  void saysEverythingThatIsWrong() throws IOException {
    read(
        """
        attribution-minutes: 0
        tasks:
          leave:
            contract:
            label: last-item
            prior: 2
            trainer: forest
            trees:
              rounds: 0
              max-depth: 13
              eta: 0.1
            logistic: {epochs: many}
            negatives: -1
            gates:
              - {at-least: high}
              - {metric: auc, atleast: 1}
            colour: red
        """);
    String file = home.resolve(ModelsSpec.FILE).toString();
    assertThat(problems.found()).allMatch(problem -> problem.file().equals(file));
    assertThat(problems.found())
        .extracting(Problem::line, Problem::key)
        .containsExactlyInAnyOrder(
            tuple(1, "attribution-minutes"),
            tuple(3, "tasks"),
            tuple(4, "tasks.leave.contract"),
            tuple(5, "tasks.leave.label"),
            tuple(6, "tasks.leave.prior"),
            tuple(7, "tasks.leave.trainer"),
            tuple(9, "tasks.leave.trees.rounds"),
            tuple(10, "tasks.leave.trees.max-depth"),
            tuple(11, "tasks.leave.trees.eta"),
            tuple(12, "tasks.leave.logistic.epochs"),
            tuple(13, "tasks.leave.negatives"),
            tuple(15, "tasks.leave.gates[0].metric"),
            tuple(15, "tasks.leave.gates[0].at-least"),
            tuple(16, "tasks.leave.gates[1].metric"),
            tuple(16, "tasks.leave.gates[1].atleast"),
            tuple(17, "tasks.leave.colour"));
    assertThat(problems.toString())
        .contains("\"forest\" is not one of [xgboost, lambdamart, logistic]")
        .contains("13 is out of range; expected a whole number from 1 to 12")
        .contains("has no bound; expected at-least, at-most or max-loss")
        .contains("the task \"ranking\" must be declared");
  }

  private ModelsSpec read(String yaml) throws IOException {
    Files.writeString(home.resolve(ModelsSpec.FILE), yaml);
    return ModelsSpec.read(home, problems);
  }
}
