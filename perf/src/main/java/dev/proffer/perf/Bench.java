package dev.proffer.perf;

import dev.proffer.configs.ConfigException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: {@code proffer bench}. Exit codes: 0 fine, 1 failed, 2 wrong usage. */
@Command(
    name = "proffer bench",
    description = "Measures the gateway on this machine, over loopback only.",
    subcommands = {
      SuggestCommand.class,
      IntakeCommand.class,
      FreshnessCommand.class,
      RankCommand.class,
      RelayCommand.class,
      OverloadCommand.class,
      PipelineCommand.class,
      FeaturesCommand.class,
      ScorersCommand.class,
      ShopCommand.class,
      StoreCommand.class,
      TailCommand.class,
      EqualityCommand.class,
      BuildCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "proffer 0.1.0-SNAPSHOT",
    footer = {"", "Exit codes: 0 fine, 1 failed, 2 wrong usage."})
public final class Bench {
  private Bench() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs a command line; returns the exit code. */
  static int run(String... arguments) {
    if (arguments.length == 0) {
      CommandLine.usage(new Bench(), System.err);
      return 2;
    }
    return run(new Bench(), arguments);
  }

  /** Runs a command line of a program; returns the exit code. */
  static int run(Object program, String... arguments) {
    CommandLine line = new CommandLine(program);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          PrintWriter err = command.getErr();
          if (failure instanceof Failed || failure instanceof ConfigException) {
            err.println(failure.getMessage());
          } else {
            failure.printStackTrace(err);
          }
          err.flush();
          return 1;
        });
    return line.execute(arguments);
  }
}
