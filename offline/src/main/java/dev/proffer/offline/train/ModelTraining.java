package dev.proffer.offline.train;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.Calibration;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelManifest;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.tribuo.Model;

/**
 * Trains a task's model on a history up to an instant and writes it as a version of the registry.
 *
 * <p>The model is fitted twice: once without the last share of the events, on which the calibration
 * is then fitted with every candidate a row, and once on all of them, which is the model that is
 * kept.
 */
public final class ModelTraining {
  private static final int GOLDEN_ROWS = 64;
  private static final DateTimeFormatter VERSION =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Settings settings;
  private final History history;
  private final String commit;
  private final Stages stages;

  /** Told what goes on. */
  public interface Stages {
    /** A stage begins. */
    void begin(String stage);

    /** The share of the stage that is done, 0 to 1. */
    void progress(double share);

    /** The stage is done. */
    void end(String outcome);
  }

  public ModelTraining(Settings settings, History history, String commit, Stages stages) {
    this.settings = settings;
    this.history = history;
    this.commit = commit;
    this.stages = stages;
  }

  /**
   * Trains and writes a version.
   *
   * @param until labels and statistics come from events before this instant, epoch milliseconds
   * @param nowMillis the wall clock, for the version's name
   * @return the version
   * @throws IllegalArgumentException when the history holds too little to learn from
   */
  public String train(ModelsSpec.Task task, ModelRegistry registry, long until, long nowMillis)
      throws IOException {
    FeatureContract contract = settings.contracts().contract(task.contract());
    if (contract == null) {
      throw new IllegalArgumentException("no contract is called " + task.contract());
    }
    int events = 0;
    while (events < history.events().size() && history.events().get(events).timeMillis() < until) {
      events++;
    }
    if (events == 0) {
      throw new IllegalArgumentException(
          "there are no events before " + Instant.ofEpochMilli(until));
    }
    long burnIn = history.events().get((int) (events * task.burnInShare())).timeMillis();
    long calibrateFrom =
        history.events().get((int) (events * (1 - task.calibrationShare()))).timeMillis();

    TrainingRows collector = new TrainingRows(settings, history, task);
    Rows early = collect(collector, task, "features for calibration", burnIn, calibrateFrom, false);
    check(early, task);
    Model<?> first =
        fit(task, contract, early, "fit without the last " + percent(task.calibrationShare()));
    Rows late =
        collect(
            collector,
            task,
            "every candidate of the last " + percent(task.calibrationShare()),
            calibrateFrom,
            until,
            true);
    Calibration calibration = calibrate(first, contract, late);

    TrainingRows finalCollector = new TrainingRows(settings, history, task);
    Rows all = collect(finalCollector, task, "features", burnIn, until, false);
    check(all, task);
    Model<?> model = fit(task, contract, all, "fit on all");

    String digest = history.sha256(until);
    String version = VERSION.format(Instant.ofEpochMilli(nowMillis)) + "-" + digest.substring(0, 6);
    ModelManifest manifest =
        new ModelManifest(
            version,
            task.name(),
            switch (task.trainer()) {
              case XGBOOST -> task.trees().toString();
              case LAMBDAMART -> "LambdaMART " + task.trees();
              case LOGISTIC -> task.logistic().toString();
            },
            task.contract(),
            contract.sha256(),
            contract.names(),
            ModelManifest.declarationsOf(contract),
            Instant.ofEpochMilli(until),
            Instant.ofEpochMilli(nowMillis),
            all.count(),
            history.entries(),
            digest,
            commit,
            task.seed(),
            calibration.slope(),
            calibration.intercept(),
            model.getProvenance().toString(),
            finalCollector.notes());
    Path directory = registry.begin(task.name(), version);
    ModelArtifact.write(directory, manifest, model, golden(all, task.seed()));
    registry.complete(task.name(), version);
    return version;
  }

  private Rows collect(
      TrainingRows collector,
      ModelsSpec.Task task,
      String stage,
      long from,
      long until,
      boolean every) {
    stages.begin(task.name() + ": " + stage);
    Rows rows = collector.collect(from, until, every, stages::progress);
    stages.end(String.format(Locale.ROOT, "%,d rows", rows.count()));
    return rows;
  }

  private static void check(Rows rows, ModelsSpec.Task task) {
    int yes = 0;
    for (int row = 0; row < rows.count(); row++) {
      yes += rows.label(row) ? 1 : 0;
    }
    if (yes == 0 || yes == rows.count()) {
      throw new IllegalArgumentException(
          "the task "
              + task.name()
              + " has "
              + yes
              + " rows of yes among "
              + rows.count()
              + " in the history; expected some of either");
    }
  }

  private Model<?> fit(ModelsSpec.Task task, FeatureContract contract, Rows rows, String stage) {
    stages.begin(task.name() + ": " + stage);
    Model<?> model =
        switch (task.trainer()) {
          case XGBOOST, LAMBDAMART ->
              XGBoostFit.fit(
                  rows,
                  contract.names(),
                  task.trees(),
                  task.seed(),
                  task.trainer() == ModelsSpec.Trainer.LAMBDAMART
                      ? XGBoostFit.Objective.NDCG
                      : XGBoostFit.Objective.LOGISTIC,
                  stages::progress);
          case LOGISTIC -> LogisticFit.fit(rows, contract.names(), task.logistic(), task.seed());
        };
    stages.end(String.format(Locale.ROOT, "%,d rows", rows.count()));
    return model;
  }

  private static Calibration calibrate(Model<?> model, FeatureContract contract, Rows rows) {
    int yes = 0;
    for (int row = 0; row < rows.count(); row++) {
      yes += rows.label(row) ? 1 : 0;
    }
    if (yes == 0 || yes == rows.count()) {
      return Calibration.NONE; // nothing to tell a line by
    }
    float[] scores = new float[rows.count()];
    ModelArtifact.compile(model, contract.names()).score(rows.values(), rows.count(), scores);
    return PlattScaling.fit(scores, rows.labels(), rows.weights());
  }

  /**
   * Some rows, drawn by the seed, that a compiled scorer must agree on with Tribuo whenever the
   * model is loaded.
   */
  private static float[] golden(Rows rows, long seed) {
    int width = rows.width();
    int count = Math.min(GOLDEN_ROWS, rows.count());
    float[] golden = new float[count * width];
    float[] values = rows.values();
    SplittableRandom random = new SplittableRandom(seed);
    for (int row = 0; row < count; row++) {
      int from = random.nextInt(rows.count()) * width;
      System.arraycopy(values, from, golden, row * width, width);
    }
    return Arrays.copyOf(golden, golden.length);
  }

  private static String percent(double share) {
    return Math.round(share * 100) + " %";
  }
}
