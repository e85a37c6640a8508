package dev.proffer.offline.cli;

import dev.proffer.configs.Problems;
import dev.proffer.features.compute.ContractPage;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.spec.ContractChange;
import dev.proffer.features.spec.FeatureContract;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code proffer features}: what is declared, and what a change of it means. */
@Command(
    name = "features",
    mixinStandardHelpOptions = true,
    description =
        "Describes the declared features, says what differs between two contracts, computes"
            + " training sets, and holds what was served against what the log gives.",
    subcommands = {
      FeaturesCommand.Docs.class,
      FeaturesCommand.Diff.class,
      FeaturesBuildCommand.class,
      FeaturesPushCommand.class,
      FeaturesLiveCommand.class,
      FeaturesAuditCommand.class
    })
final class FeaturesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  private static Contracts contracts(Path config) {
    Problems problems = new Problems();
    Contracts contracts = Contracts.read(config, problems);
    problems.throwIfAny();
    return contracts;
  }

  /** {@code proffer features docs}. */
  @Command(
      name = "docs",
      mixinStandardHelpOptions = true,
      description = "Writes a page about every declared feature and every transformation.")
  static final class Docs implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--config",
        paramLabel = "DIR",
        description = "Holds the YAML files (default: ${DEFAULT-VALUE}).")
    private Path config = Path.of("configs");

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "Where the Markdown goes; without it, it is printed.")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
      String page = ContractPage.of(contracts(config));
      PrintWriter console = spec.commandLine().getOut();
      if (out == null) {
        console.print(page);
      } else {
        Files.writeString(out, page);
        console.println("written to " + out);
      }
      console.flush();
      return 0;
    }
  }

  /** {@code proffer features diff}. */
  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description = {
        "Says what differs between the contracts of two configuration directories, and whether a",
        "model trained on the first is served on the second."
      },
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {
        "0:every model of the first is served on the second",
        "1:some are refused, or a file is wrong",
        "2:wrong usage"
      })
  static final class Diff implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "BEFORE", description = "Holds the YAML files.")
    private Path before = Path.of("configs");

    @Parameters(
        index = "1",
        paramLabel = "AFTER",
        arity = "0..1",
        description = "The same (default: ${DEFAULT-VALUE}).")
    private Path after = Path.of("configs");

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      Contracts was = contracts(before);
      Contracts is = contracts(after);
      int refused = 0;
      for (String name : was.names()) {
        FeatureContract old = was.contract(name);
        FeatureContract now = is.contract(name);
        if (old == null || now == null) {
          out.println(name + ": is gone; its models are refused");
          refused++;
          continue;
        }
        List<ContractChange> changes = ContractChange.between(old, now);
        boolean same = old.sha256().equals(now.sha256());
        refused += same ? 0 : 1;
        out.println(
            name
                + ": "
                + changes.size()
                + " changes; "
                + (same ? "its models are served" : "its models are refused"));
        for (ContractChange change : changes) {
          out.println((change.decides() ? "  value  " : "  words  ") + change);
        }
      }
      for (String name : is.names()) {
        if (was.contract(name) == null) {
          out.println(name + ": is new");
        }
      }
      out.flush();
      return refused == 0 ? 0 : 1;
    }
  }
}
