package dev.proffer.offline.cli;

import dev.proffer.events.time.Time;
import dev.proffer.offline.Settings;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.artifact.ModelRegistry;
import dev.proffer.ranker.store.Aliases;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code proffer models}: the registry's versions, who serves, and the way back. */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    description = "Lists the versions of models, rolls back, and removes those nobody needs.",
    subcommands = {
      ModelsCommand.ListThem.class,
      ModelsCommand.Rollback.class,
      ModelsCommand.Challenge.class,
      ModelsCommand.Collect.class
    })
final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  /** Which tasks; the same option on every subcommand. */
  static final class TaskOption {
    @Option(
        names = "--task",
        paramLabel = "TASK",
        description = "A task of models.yaml; all by default.")
    private @Nullable String task;

    List<ModelsSpec.Task> of(Settings settings) {
      return TrainCommand.tasks(settings, task);
    }
  }

  /** {@code proffer models list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Says which versions there are, what they go by and who serves them.")
  static final class ListThem implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();
    @Mixin private TaskOption tasks = new TaskOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      ModelRegistry registry = home.registry();
      for (ModelsSpec.Task task : tasks.of(home.settings())) {
        List<String> versions = registry.versions(task.name());
        out.println(task.name() + (versions.isEmpty() ? ": no version" : ""));
        Aliases aliases = registry.aliases(task.name());
        Set<String> served = registry.served(task.name(), Time.system().millis());
        for (String version : versions) {
          List<String> words = new ArrayList<>();
          for (String alias : ModelRegistry.ALIASES) {
            if (version.equals(ModelRegistry.alias(aliases, alias))) {
              words.add(alias);
            }
          }
          if (served.contains(version)) {
            words.add("served");
          }
          Map<String, Double> figures = new TreeMap<>(registry.figures(task.name(), version));
          figures.keySet().removeIf(name -> name.startsWith("judged"));
          out.printf(
              "  %-40s %-20s %s%n",
              version,
              String.join(", ", words),
              figures.entrySet().stream()
                  .limit(6)
                  .map(figure -> String.format("%s %.4f", figure.getKey(), figure.getValue()))
                  .collect(Collectors.joining(", ")));
        }
      }
      out.flush();
      return 0;
    }
  }

  /** {@code proffer models rollback}. */
  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description =
          "Makes the previous champion the champion again; running gateways follow by themselves. A"
              + " second call takes that back.")
  static final class Rollback implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();

    @Option(
        names = "--task",
        required = true,
        paramLabel = "TASK",
        description = "A task of models.yaml.")
    private String task = "";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      for (ModelsSpec.Task one : TrainCommand.tasks(home.settings(), task)) {
        String champion = home.registry().rollback(one.name());
        PrintWriter out = spec.commandLine().getOut();
        out.println(one.name() + ": version " + champion + " is champion again");
        home.tracking(out::println).named(one.name(), home.registry().aliases(one.name()));
        out.flush();
      }
      return 0;
    }
  }

  /** {@code proffer models challenge}. */
  @Command(
      name = "challenge",
      mixinStandardHelpOptions = true,
      description =
          "Makes a version the challenger, which experiments.yaml can name; running gateways follow"
              + " by themselves. No gate is asked: what a challenger is served to is the"
              + " experiment's to say.")
  static final class Challenge implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();

    @Option(
        names = "--task",
        paramLabel = "TASK",
        description = "A task of models.yaml (default: ${DEFAULT-VALUE}).")
    private String task = ModelsSpec.RANKING;

    @Option(
        names = "--version-id",
        paramLabel = "VERSION",
        description = "A version of the registry; the newest by default.")
    private @Nullable String version;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      Settings settings = home.settings();
      for (ModelsSpec.Task one : TrainCommand.tasks(settings, task)) {
        String chosen =
            version == null ? EvaluateCommand.newest(home.registry(), one.name()) : version;
        EvaluateCommand.load(settings, one, home.registry().directory(one.name(), chosen));
        home.registry().challenge(one.name(), chosen);
        PrintWriter out = spec.commandLine().getOut();
        out.println(one.name() + ": version " + chosen + " is challenger");
        home.tracking(out::println).named(one.name(), home.registry().aliases(one.name()));
        out.flush();
      }
      return 0;
    }
  }

  /** {@code proffer models collect}. */
  @Command(
      name = "collect",
      mixinStandardHelpOptions = true,
      description =
          "Removes versions that no alias names and no gateway serves. A gateway that has not said"
              + " for ten minutes what it serves is taken for gone.")
  static final class Collect implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();
    @Mixin private TaskOption tasks = new TaskOption();

    @Option(
        names = "--keep",
        paramLabel = "N",
        description =
            "How many of the latest versions stay in any case (default: ${DEFAULT-VALUE}).")
    private int keep = 5;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      if (keep < 0) {
        throw new Failed("--keep " + keep + "; expected 0 or more");
      }
      PrintWriter out = spec.commandLine().getOut();
      for (ModelsSpec.Task task : tasks.of(home.settings())) {
        List<String> removed = home.registry().collect(task.name(), keep, Time.system().millis());
        out.println(task.name() + ": removed " + (removed.isEmpty() ? "nothing" : removed));
      }
      out.flush();
      return 0;
    }
  }
}
