package dev.proffer.offline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Event;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.LiveState;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.evaluate.RankingEvaluation;
import dev.proffer.offline.evaluate.TaskEvaluation;
import dev.proffer.offline.replay.History;
import dev.proffer.offline.replay.Replay;
import dev.proffer.pipeline.PredictInput;
import dev.proffer.pipeline.PredictPipeline;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.pipeline.SuggestQuery;
import dev.proffer.pipeline.World;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelManifest;
import dev.proffer.ranker.artifact.ModelRefused;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models trained on customers whose ways are known. */
class ModelTrainingTest {
  private static final long NOW = Shop.OPENED + 1_000_000_000L;
  private static final String LOGISTIC =
      "trainer: logistic\n    logistic: {epochs: 8, learning-rate: 0.3}";

  @TempDir static Path home;

  private static Shop shop = Shop.simulate(1, 450);
  private static long judgeFrom;

  @BeforeAll
  static void splits() {
    judgeFrom = shop.events.get(shop.events.size() * 4 / 5).timeMillis();
  }

  @Test
  void treesRankTheNextItemFirst() throws Exception {
    ranksTheNextItemFirst("trees", new String[0]);
  }

  @Test
  void aLogisticRegressionRanksTheNextItemFirst() throws Exception {
    ranksTheNextItemFirst("logistic", new String[] {"trainer: xgboost", LOGISTIC});
  }

  @Test
  void lambdaMartRanksTheNextItemFirst() throws Exception {
    String next = "label: next-item\n    trainer: ";
    ranksTheNextItemFirst("lambdamart", new String[] {next + "xgboost", next + "lambdamart"});
  }

  private static void ranksTheNextItemFirst(String name, String[] more) throws Exception {
    Settings settings = settings(name, more);
    History history = History.of(shop.entries(), settings.contracts().sequence());
    ModelRegistry registry = new ModelRegistry(home.resolve(name + "-models"));
    ModelsSpec.Task task = task(settings, "ranking");
    String version =
        new ModelTraining(settings, history, "abc", Shop.quietly())
            .train(task, registry, judgeFrom, NOW);

    Path directory = registry.directory("ranking", version);
    ServedModel model = load(settings, task, directory);
    assertThat(registry.versions("ranking")).containsExactly(version);
    assertThat(model.calibration().slope()).isPositive();
    checkManifest(ModelArtifact.manifest(directory), settings, history, task, version);

    Replay replay = new Replay(history, settings.contracts().sequence());
    replay.runTo(judgeFrom);
    World world =
        World.of(
            replay.state().catalog(),
            replay.state().statistics().snapshot(),
            Map.of("ranking", new World.Models(model, null)));
    SuggestPipeline pipeline =
        new SuggestPipeline(settings.contracts(), settings.candidates(), settings.ranking());
    int right = 0;
    for (int item = 0; item < 30; item++) {
      UserSequence sequence = chose(settings, "item-" + item, judgeFrom - 1);
      var page = pipeline.suggest(SuggestQuery.forUser("new", 3, judgeFrom), sequence, world);
      right += page.propositions().get(0).id().equals("item-" + Shop.after(item)) ? 1 : 0;
      assertThat(page.propositions().get(0).confidence()).isBetween(0.3f, 0.99f);
    }
    assertThat(right).as("of 30 items, the next one ranked first").isGreaterThanOrEqualTo(27);

    TaskEvaluation evaluation =
        TaskEvaluation.of(
            settings,
            task,
            model,
            TaskEvaluation.Split.at(history, judgeFrom, Long.MAX_VALUE),
            true,
            Shop.quietly());
    Map<String, Double> figures = evaluation.figures();
    assertThat(figures).containsKeys("targets", "hr@10", "ndcg@10", "mrr@10", "ece", "hr@10: live");
    assertThat(figure(figures, "mrr@10"))
        .isGreaterThan(Shop.WALKS_ON - 0.1)
        .isGreaterThan(2 * figure(figures, "mrr@10: popularity"));
    assertThat(figure(figures, "ece")).isLessThan(0.05);
    assertThat(evaluation.table()).anyMatch(line -> line.contains(RankingEvaluation.MODEL));
  }

  private static void checkManifest(
      ModelManifest manifest,
      Settings settings,
      History history,
      ModelsSpec.Task task,
      String version) {
    FeatureContract contract =
        Objects.requireNonNull(settings.contracts().contract(task.contract()));
    assertThat(manifest.version()).isEqualTo(version);
    assertThat(manifest.task()).isEqualTo(task.name());
    assertThat(manifest.trainer())
        .startsWith(
            switch (task.trainer()) {
              case XGBOOST -> "Trees[";
              case LAMBDAMART -> "LambdaMART Trees[";
              case LOGISTIC -> "Logistic[";
            });
    assertThat(manifest.contract()).isEqualTo(task.contract());
    assertThat(manifest.contractSha256()).isEqualTo(contract.sha256());
    assertThat(manifest.features()).isEqualTo(contract.names());
    assertThat(manifest.trainedThrough()).isEqualTo(Instant.ofEpochMilli(judgeFrom));
    assertThat(manifest.createdAt()).isEqualTo(Instant.ofEpochMilli(NOW));
    assertThat(manifest.rows()).isPositive();
    assertThat(manifest.logEntries()).isEqualTo(shop.entries().size());
    assertThat(manifest.logSha256()).isEqualTo(history.sha256(judgeFrom));
    assertThat(version).endsWith("-" + manifest.logSha256().substring(0, 6));
    assertThat(manifest.commit()).isEqualTo("abc");
    assertThat(manifest.seed()).isEqualTo(task.seed());
    assertThat(manifest.slope()).isPositive();
    assertThat(manifest.intercept()).isFinite();
    assertThat(manifest.tribuoProvenance()).isNotBlank();
    assertThat(manifest.notes()).isNotEmpty();
    long noted =
        manifest.notes().entrySet().stream()
            .filter(note -> note.getKey().startsWith("rows"))
            .mapToLong(note -> Long.parseLong(note.getValue()))
            .sum();
    assertThat(noted).isEqualTo(manifest.rows());
  }

  @Test
  void treesKnowWhereCustomersLeave() throws Exception {
    Settings settings = settings("leave", "rounds: 12", "rounds: 20", "rate: 0.08", "rate: 0.3");
    History history = History.of(shop.entries(), settings.contracts().sequence());
    ModelRegistry registry = new ModelRegistry(home.resolve("leave-models"));
    ModelsSpec.Task task = task(settings, "leave");
    String version =
        new ModelTraining(settings, history, "abc", Shop.quietly())
            .train(task, registry, judgeFrom, NOW);
    ServedModel model = load(settings, task, registry.directory("leave", version));
    checkManifest(
        ModelArtifact.manifest(registry.directory("leave", version)),
        settings,
        history,
        task,
        version);
    Replay replay = new Replay(history, settings.contracts().sequence());
    replay.runTo(judgeFrom);
    World world =
        World.of(
            replay.state().catalog(),
            replay.state().statistics().snapshot(),
            Map.of("leave", new World.Models(model, null)));
    PredictPipeline pipeline = new PredictPipeline(settings.contracts());
    for (int item = 0; item < 30; item++) {
      float probability =
          pipeline
              .predict(
                  PredictInput.of(
                      "leave",
                      0.5,
                      chose(settings, "item-" + item, judgeFrom - 1),
                      world,
                      judgeFrom))
              .probability();
      if (item % 10 == 7) {
        assertThat(probability).as("item %d", item).isGreaterThan(0.45f);
      } else {
        assertThat(probability).as("item %d", item).isLessThan(0.35f);
      }
    }
    Map<String, Double> figures =
        TaskEvaluation.of(
                settings,
                task,
                model,
                TaskEvaluation.Split.at(history, judgeFrom, Long.MAX_VALUE),
                false,
                Shop.quietly())
            .figures();
    assertThat(figure(figures, "auc")).isGreaterThan(0.65);
    assertThat(figure(figures, "auc"))
        .isGreaterThan(figure(figures, "auc: session length alone") + 0.1);
    assertThat(figure(figures, "log-loss"))
        .isLessThan(figure(figures, "log-loss: session length alone"));
  }

  @Test
  void aVersionIsWholeOrNotThere() throws Exception {
    Settings settings = settings("whole");
    FeatureContract contract = Objects.requireNonNull(settings.contracts().contract("leave"));
    History history = History.of(shop.entries(), settings.contracts().sequence());
    ModelRegistry registry = new ModelRegistry(home.resolve("whole-models"));
    ModelsSpec.Task task = task(settings, "leave");
    ModelTraining training = new ModelTraining(settings, history, "abc", Shop.quietly());
    String sha = history.sha256(judgeFrom).substring(0, 6);
    String version =
        java.time.format.DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS", java.util.Locale.ROOT)
                .withZone(java.time.ZoneOffset.UTC)
                .format(Instant.ofEpochMilli(NOW))
            + "-"
            + sha;

    // A process that died between begin and complete leaves this behind.
    Path unfinished = registry.begin("leave", version);
    Files.writeString(unfinished.resolve("manifest.json"), "{");
    Files.writeString(unfinished.resolve("left.over"), "x");
    assertThat(registry.versions("leave")).isEmpty();
    assertThatThrownBy(() -> registry.promote("leave", version))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> ModelArtifact.read(registry.directory("leave", version), contract.sha256()))
        .isInstanceOf(ModelRefused.class);

    assertThat(training.train(task, registry, judgeFrom, NOW)).isEqualTo(version);
    assertThat(registry.versions("leave")).containsExactly(version);
    assertThat(unfinished).doesNotExist();
    try (var files = Files.list(registry.directory("leave", version))) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder("manifest.json", "model.tribuo", "golden.bin");
    }
    assertThat(load(settings, task, registry.directory("leave", version)).version())
        .isEqualTo(version);
  }

  @Test
  void saysWhenThereIsTooLittleToLearnFrom() {
    Settings settings = settings("little");
    ModelRegistry registry = new ModelRegistry(home.resolve("little-models"));
    ModelsSpec.Task task = task(settings, "ranking");
    History nothing = History.of(List.of(), settings.contracts().sequence());
    assertThatThrownBy(
            () ->
                new ModelTraining(settings, nothing, "abc", Shop.quietly())
                    .train(task, registry, NOW, NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there are no events before");
    History one =
        History.of(
            List.of(shop.items.get(0), Shop.event("e", "u", "item-0", null, 1_000)),
            settings.contracts().sequence());
    assertThatThrownBy(
            () ->
                new ModelTraining(settings, one, "abc", Shop.quietly())
                    .train(task, registry, NOW, NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the task ranking has 0 rows of yes among 0");
    assertThat(registry.versions("ranking")).isEmpty();
  }

  private static UserSequence chose(Settings settings, String item, long time) {
    LiveState state =
        new LiveState(
            settings.contracts().sequence(), new dev.proffer.features.store.HeapSequenceStore());
    Event event = Shop.event("e", "new", item, null, time);
    state.follow(event);
    return state.sequences().read("new");
  }

  private static double figure(Map<String, Double> figures, String name) {
    return Objects.requireNonNull(figures.get(name), name);
  }

  private static Settings settings(String name, String... more) {
    return Settings.read(Shop.quickConfig(home.resolve(name + "-configs"), more));
  }

  private static ModelsSpec.Task task(Settings settings, String name) {
    return Objects.requireNonNull(settings.models().tasks().get(name));
  }

  private static ServedModel load(Settings settings, ModelsSpec.Task task, Path directory)
      throws ModelRefused, IOException {
    FeatureContract contract =
        Objects.requireNonNull(settings.contracts().contract(task.contract()));
    return ModelArtifact.read(directory, contract.sha256());
  }
}
