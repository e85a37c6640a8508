package dev.proffer.offline.cli;

import dev.proffer.configs.ConfigException;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.ranker.store.StoreAway;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code proffer}: learning, and the demo. {@code serve} and {@code bench} are programs of their
 * own, started by the script.
 */
@Command(
    name = "proffer",
    description = "Proposes the next best thing, and learns from what people do.",
    subcommands = {
      DemoCommand.class,
      IngestCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      PublishCommand.class,
      ModelsCommand.class,
      RetrainCommand.class,
      EventsCommand.class,
      FeaturesCommand.class,
      TablesCommand.class,
      EmbedCommand.class,
      CompactCommand.class,
      ReplayCommand.class,
      ExportUserCommand.class,
      ExperimentCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "proffer 0.1.0",
    footer = {
      "",
      "Two more programs have the same options and a --help of their own:",
      "  serve     Start the gateway.",
      "  bench     Measure it.",
      "",
      "Exit codes: 0 fine, 1 failed, 2 wrong usage."
    })
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command line; returns the exit code. */
  public static int run(String... args) {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          PrintWriter err = command.getErr();
          if (failure instanceof ConfigException
              || failure instanceof IllegalArgumentException
              || failure instanceof TableRefused
              || failure instanceof StoreAway
              || failure instanceof Failed) {
            err.println(failure.getMessage());
          } else {
            failure.printStackTrace(err);
          }
          err.flush();
          return 1;
        });
    if (args.length == 0) {
      line.usage(System.err);
      return 2;
    }
    return line.execute(args);
  }
}
