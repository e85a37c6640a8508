package dev.proffer.offline.cli;

import dev.proffer.events.time.Time;
import dev.proffer.offline.Settings;
import dev.proffer.offline.mlflow.Tracking;
import dev.proffer.offline.replay.History;
import dev.proffer.offline.train.ModelTraining;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelManifest;
import dev.proffer.ranker.artifact.ModelRefused;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code proffer train}: the log into a version of the registry. Nobody serves it until it is
 * published.
 */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains models from the log; publish makes one serve.")
final class TrainCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "A task of models.yaml; all by default.")
  private @Nullable String task;

  @Option(
      names = "--until",
      paramLabel = "INSTANT",
      description = "Learn from events before it, such as 2008-06-01T00:00:00Z; all by default.")
  private @Nullable Instant until;

  @Override
  public Integer call() throws IOException {
    Settings settings = home.settings();
    Console console = new Console();
    History history = home.history(settings);
    train(
        home,
        settings,
        history,
        tasks(settings, task),
        until == null ? history.end() : until.toEpochMilli(),
        console);
    return 0;
  }

  /** The tasks meant by an option; all when it is not given. */
  static List<ModelsSpec.Task> tasks(Settings settings, @Nullable String name) {
    if (name == null) {
      return new ArrayList<>(settings.models().tasks().values());
    }
    ModelsSpec.Task task = settings.models().tasks().get(name);
    if (task == null) {
      throw new Failed(
          "no task is called \""
              + name
              + "\"; expected one of "
              + settings.models().tasks().keySet());
    }
    return List.of(task);
  }

  /** Trains tasks; returns the versions by task. */
  static Map<String, String> train(
      HomeOptions home,
      Settings settings,
      History history,
      List<ModelsSpec.Task> tasks,
      long until,
      Console console)
      throws IOException {
    ModelTraining training =
        new ModelTraining(
            settings, history, System.getProperty("proffer.commit", "unknown"), console);
    Map<String, String> versions = new TreeMap<>();
    for (ModelsSpec.Task one : tasks) {
      String version = training.train(one, home.registry(), until, Time.system().millis());
      console.say("  " + one.name() + ": trained version " + version);
      versions.put(one.name(), version);
      report(home, one, version, console);
    }
    return versions;
  }

  /** Tells whoever hears of trainings. */
  private static void report(
      HomeOptions home, ModelsSpec.Task task, String version, Console console) {
    Tracking tracking = home.tracking(console::say);
    if (tracking == Tracking.NONE) {
      return;
    }
    ModelRegistry registry = home.registry();
    try {
      ModelManifest manifest = ModelArtifact.manifest(registry.directory(task.name(), version));
      tracking.trained(manifest, parameters(task, manifest), source(registry, task, version));
    } catch (ModelRefused e) {
      console.say("  warning: the manifest of version " + version + ": " + e.getMessage());
    }
  }

  /**
   * Where the files are: MLflow takes a path of this machine for one of its own, and refuses it.
   */
  private static String source(ModelRegistry registry, ModelsSpec.Task task, String version) {
    String place = registry.place().startsWith("s3://") ? registry.place() : "proffer://models";
    return place + "/" + task.name() + "/versions/" + version;
  }

  private static Map<String, String> parameters(ModelsSpec.Task task, ModelManifest manifest) {
    Map<String, String> parameters = new TreeMap<>();
    parameters.put("label", task.label().name().toLowerCase(Locale.ROOT));
    parameters.put("trainer", task.trainer().name().toLowerCase(Locale.ROOT));
    if (task.trainer() == ModelsSpec.Trainer.LOGISTIC) {
      parameters.put("epochs", String.valueOf(task.logistic().epochs()));
      parameters.put("learning_rate", String.valueOf(task.logistic().learningRate()));
    } else {
      parameters.put("rounds", String.valueOf(task.trees().rounds()));
      parameters.put("max_depth", String.valueOf(task.trees().maxDepth()));
      parameters.put("learning_rate", String.valueOf(task.trees().learningRate()));
      parameters.put("min_child_weight", String.valueOf(task.trees().minChildWeight()));
      parameters.put("subsample", String.valueOf(task.trees().subsample()));
      parameters.put("column_sample", String.valueOf(task.trees().columnSample()));
      parameters.put("lambda", String.valueOf(task.trees().lambda()));
      parameters.put("gamma", String.valueOf(task.trees().gamma()));
    }
    parameters.put("negatives", String.valueOf(task.negatives()));
    parameters.put("burn_in_share", String.valueOf(task.burnInShare()));
    parameters.put("calibration_share", String.valueOf(task.calibrationShare()));
    parameters.put("seed", String.valueOf(manifest.seed()));
    parameters.put("features", String.valueOf(manifest.features().size()));
    parameters.put("rows", String.valueOf(manifest.rows()));
    parameters.put("log_entries", String.valueOf(manifest.logEntries()));
    parameters.put("trained_through", manifest.trainedThrough().toString());
    return parameters;
  }
}
