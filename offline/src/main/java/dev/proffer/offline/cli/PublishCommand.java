package dev.proffer.offline.cli;

import dev.proffer.offline.Settings;
import dev.proffer.offline.evaluate.Gates;
import dev.proffer.offline.evaluate.TaskEvaluation;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code proffer publish}: makes an evaluated version the champion, if it passes the gates. A
 * running gateway takes it by itself.
 */
@Command(
    name = "publish",
    mixinStandardHelpOptions = true,
    description = "Makes a version the champion, if it passes the gates of models.yaml.")
final class PublishCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "A task of models.yaml; all by default.")
  private @Nullable String task;

  @Option(
      names = "--version-id",
      paramLabel = "VERSION",
      description = "A version of the registry; the newest by default.")
  private @Nullable String version;

  @Option(names = "--force", description = "Publish whatever the gates say; also how to roll back.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    Settings settings = home.settings();
    Console console = new Console();
    boolean all = true;
    for (ModelsSpec.Task one : TrainCommand.tasks(settings, task)) {
      String chosen =
          version == null ? EvaluateCommand.newest(home.registry(), one.name()) : version;
      all &= publish(home, settings, one, chosen, force, console);
    }
    return all ? 0 : 1;
  }

  /** Publishes a version; false when a gate refuses it. */
  static boolean publish(
      HomeOptions home,
      Settings settings,
      ModelsSpec.Task task,
      String version,
      boolean force,
      Console console)
      throws IOException {
    ModelRegistry registry = home.registry();
    Path directory = registry.directory(task.name(), version);
    EvaluateCommand.load(settings, task, directory);
    if (!force) {
      Map<String, Double> figures = registry.figures(task.name(), version);
      Double from = figures.get("judged from");
      Double until = figures.get("judged until");
      if (from == null || until == null) {
        throw new Failed(
            "version "
                + version
                + " of "
                + task.name()
                + " was not evaluated; run proffer evaluate first");
      }
      String champion = registry.alias(task.name(), ModelRegistry.CHAMPION);
      Map<String, Double> others = null;
      if (champion != null && !champion.equals(version)) {
        Path of = registry.directory(task.name(), champion);
        if (EvaluateCommand.trainedThrough(of) <= from) {
          History history = home.history(settings);
          others =
              TaskEvaluation.of(
                      settings,
                      task,
                      EvaluateCommand.load(settings, task, of),
                      TaskEvaluation.Split.at(history, from.longValue(), until.longValue()),
                      false,
                      console)
                  .figures();
        } else {
          console.say(
              "  "
                  + task.name()
                  + ": the champion has learned from these events; only absolute gates apply");
        }
      }
      List<String> refusals = Gates.refusals(task, figures, others);
      if (!refusals.isEmpty()) {
        console.say("  " + task.name() + ": version " + version + " is refused");
        refusals.forEach(refusal -> console.say("    " + refusal));
        return false;
      }
    }
    registry.promote(task.name(), version);
    home.tracking(console::say).named(task.name(), registry.aliases(task.name()));
    console.say("  " + task.name() + ": version " + version + " is champion");
    return true;
  }
}
