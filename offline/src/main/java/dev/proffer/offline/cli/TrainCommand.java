package dev.proffer.offline.cli;

import dev.proffer.events.time.Time;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.offline.train.ModelTraining;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
    }
    return versions;
  }
}
