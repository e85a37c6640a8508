package dev.proffer.offline.cli;

import dev.proffer.offline.Settings;
import dev.proffer.offline.evaluate.Gates;
import dev.proffer.offline.evaluate.TaskEvaluation;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code proffer retrain}: learns from everything the log holds by now. A challenger trained on all
 * but the last events is judged beside the champion on those; if it passes the gates, a model of
 * the same making is trained on all and published.
 */
@Command(
    name = "retrain",
    mixinStandardHelpOptions = true,
    description = "Learns from the whole log, and publishes if the gates of models.yaml pass.")
final class RetrainCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "A task of models.yaml; all by default.")
  private @Nullable String task;

  @Option(names = "--force", description = "Publish whatever the gates say.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    Settings settings = home.settings();
    Console console = new Console();
    History history = home.history(settings);
    boolean all = true;
    for (ModelsSpec.Task one : TrainCommand.tasks(settings, task)) {
      all &= retrain(settings, history, one, console);
    }
    return all ? 0 : 1;
  }

  private boolean retrain(Settings settings, History history, ModelsSpec.Task one, Console console)
      throws IOException {
    ModelRegistry registry = home.registry();
    String champion = registry.alias(one.name(), ModelRegistry.CHAMPION);
    long learned =
        champion == null
            ? 0
            : EvaluateCommand.trainedThrough(registry.directory(one.name(), champion));
    long fresh = history.events().stream().filter(event -> event.timeMillis() >= learned).count();
    int wanted = settings.models().minNewTargets();
    if (fresh < wanted && !force) {
      console.say(
          "  "
              + one.name()
              + ": refused: "
              + fresh
              + " events since the champion was trained, expected at least "
              + wanted);
      return false;
    }
    long boundary = Math.max(learned, history.instantBeforeLast(settings.models().holdoutShare()));
    String challenger = train(settings, history, one, boundary, console);
    Map<String, Double> figures =
        EvaluateCommand.evaluate(
                settings,
                history,
                registry,
                home.tracking(console::say),
                one,
                challenger,
                boundary,
                Long.MAX_VALUE,
                false,
                console)
            .figures();
    Map<String, Double> others =
        championFigures(settings, history, one, champion, learned, boundary, console);
    List<String> refusals = Gates.refusals(one, figures, others);
    if (!refusals.isEmpty()) {
      console.say(
          "  "
              + one.name()
              + ": the challenger is refused"
              + (force ? ", and published by force" : ""));
      refusals.forEach(refusal -> console.say("    " + refusal));
      if (!force) {
        return false;
      }
    }
    String version = train(settings, history, one, history.end(), console);
    Map<String, Double> kept = new LinkedHashMap<>(figures);
    kept.put("judged from", (double) boundary);
    kept.put("judged until", (double) history.end());
    registry.keepFigures(one.name(), version, kept);
    registry.promote(one.name(), version);
    home.tracking(console::say).evaluated(one.name(), version, kept);
    home.tracking(console::say).named(one.name(), registry.aliases(one.name()));
    console.say("  " + one.name() + ": version " + version + " is champion");
    return true;
  }

  private String train(
      Settings settings, History history, ModelsSpec.Task one, long until, Console console)
      throws IOException {
    return Objects.requireNonNull(
        TrainCommand.train(home, settings, history, List.of(one), until, console).get(one.name()));
  }

  private @Nullable Map<String, Double> championFigures(
      Settings settings,
      History history,
      ModelsSpec.Task one,
      @Nullable String champion,
      long learned,
      long boundary,
      Console console) {
    if (champion == null) {
      return null;
    }
    ServedModel model;
    try {
      model = EvaluateCommand.load(settings, one, home.registry().directory(one.name(), champion));
    } catch (Failed e) {
      console.say(
          "  "
              + one.name()
              + ": the champion cannot be judged ("
              + e.getMessage()
              + "); only absolute gates apply");
      return null;
    }
    if (learned > boundary) {
      throw new IllegalStateException(
          "the champion learned until " + Instant.ofEpochMilli(learned));
    }
    TaskEvaluation.Split split = TaskEvaluation.Split.at(history, boundary, Long.MAX_VALUE);
    TaskEvaluation judged = TaskEvaluation.of(settings, one, model, split, false, console);
    judged.table().stream().limit(2).forEach(line -> console.say("  champion: " + line.strip()));
    return judged.figures();
  }
}
