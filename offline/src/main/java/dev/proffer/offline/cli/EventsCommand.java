package dev.proffer.offline.cli;

import dev.proffer.configs.Problems;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.events.Evolution;
import dev.proffer.events.RegistrySnapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code proffer events}: the event types, and how they may change. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = "Shows the event types, and says whether a change of them breaks anybody.",
    subcommands = {EventsCommand.Check.class, EventsCommand.Show.class})
final class EventsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  private static EventRegistry registry(Path config) {
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.read(config, problems);
    problems.throwIfAny();
    return registry;
  }

  /** {@code proffer events check}. */
  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = {
        "Holds events.yaml against an earlier one and names every change that breaks those who send",
        "or read events by it. The earlier one is that of the home's last start, unless a file is",
        "named."
      },
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:nothing breaks",
        "1:something breaks, or a file is wrong",
        "2:wrong usage"
      })
  static final class Check implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--against", paramLabel = "FILE", description = "An earlier events.yaml.")
    private @Nullable Path against;

    @Option(
        names = "--accept",
        description = "Make this the home's registry whatever breaks; the gateway starts with it.")
    private boolean accept;

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      EventRegistry now = registry(home.config);
      EventRegistry before = before();
      if (before == null) {
        out.println(now.file() + ": no start of " + home.home + " yet, nothing to hold it against");
      }
      List<Evolution.Change> changes = before == null ? List.of() : Evolution.between(before, now);
      List<Evolution.Change> breaking = Evolution.breaking(changes);
      for (Evolution.Change change : changes) {
        if (!change.breaks()) {
          out.println("  fine    " + change);
        }
      }
      if (accept) {
        breaking.forEach(change -> out.println("  breaks  " + change));
        RegistrySnapshot.write(home.home, now);
        out.println("accepted as the registry of " + home.home);
      } else if (before != null && breaking.isEmpty()) {
        out.println(now.file() + ": " + changes.size() + " changes, none breaks");
      }
      out.flush();
      if (!accept && before != null && !breaking.isEmpty()) {
        throw new Failed(RegistrySnapshot.refusal(before, now, breaking));
      }
      return 0;
    }

    private @Nullable EventRegistry before() {
      if (against == null) {
        return RegistrySnapshot.read(home.home);
      }
      Problems problems = new Problems();
      EventRegistry registry = EventRegistry.readFile(against, problems);
      problems.throwIfAny();
      return registry;
    }
  }

  /** {@code proffer events list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Prints the event types and their fields.")
  static final class Show implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      for (EventType type : registry(home.config).types()) {
        out.printf(
            Locale.ROOT,
            "%s  version %d  entities %s  kept %s%n    %s%n",
            type.name(),
            type.version(),
            type.entities(),
            type.retainDays() == 0 ? "as long as the log" : type.retainDays() + " days",
            type.description());
        for (String required : type.required()) {
          if (!type.fields().containsKey(required)) {
            line(out, required, "required", "text", "", "");
          }
        }
        for (EventType.Field field : type.fields().values()) {
          line(
              out,
              field.name(),
              type.required().contains(field.name()) ? "required" : "optional",
              field.kind().name().toLowerCase(Locale.ROOT),
              allowed(field),
              field.unit() + (field.personal() ? " personal" : ""));
        }
      }
      out.flush();
      return 0;
    }

    private static void line(PrintWriter out, String... cells) {
      List<Object> row = new ArrayList<>(List.of(cells));
      out.println(
          String.format(Locale.ROOT, "    %-20s %-9s %-8s %-28s %s", row.toArray())
              .stripTrailing());
    }

    private static String allowed(EventType.Field field) {
      if (!field.allowed().isEmpty()) {
        return "one of " + field.allowed();
      }
      if (field.kind() == EventType.Kind.FLAG || (field.min() <= -1e15 && field.max() >= 1e15)) {
        return "";
      }
      return String.format(Locale.ROOT, "%,.6g to %,.6g", field.min(), field.max())
          .replaceAll("\\.0+(?= |$)", "");
    }
  }
}
