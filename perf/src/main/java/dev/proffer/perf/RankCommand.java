package dev.proffer.perf;

import dev.proffer.configs.Problems;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.cli.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code proffer bench rank}: ranking the items that are given, by a small contract. */
@Command(
    name = "rank",
    description = {
      "Measures the ranking of 20 and of 100 given items by 17 features and 100 boosted trees, which",
      "is what other rankers are measured by; beside the bare handler, as bench suggest does. The model",
      "is learned from the home's log first."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class RankCommand implements Callable<Integer> {
  private static final String CONTRACT = "seventeen";
  private static final int FEATURES = 17;
  private static final int TREES = 100;

  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures.")
  private @Nullable Path json;

  @Option(
      names = "--quick",
      hidden = true,
      description = "Few trees and one short round, to see that it works; no figures to keep.")
  private boolean quick;

  @Override
  public Integer call() throws IOException {
    Home.champion(home);
    try (Resources resources = new Resources()) {
      Path directory = resources.directory();
      Path copy = directory.resolve("home");
      Home.copy(home, copy, Settings.read(config));
      Path configs = configs(directory);
      List<String> places = List.of("--home", copy.toString(), "--config", configs.toString());
      learn(places, "train", "--task", "ranking");
      learn(places, "publish", "--task", "ranking", "--force");
      List<String> line = new ArrayList<>(List.of("suggest", "--scenarios", "given"));
      line.addAll(places);
      line.addAll(List.of("--given", "20,100", "--connections", "1,16"));
      if (json != null) {
        line.addAll(List.of("--json", json.toString()));
      }
      if (quick) {
        line.addAll(List.of("--seconds", "1", "--rounds", "1", "--warm-up", "0", "--load", "0"));
      }
      return Bench.run(line.toArray(new String[0]));
    }
  }

  /** The configuration with one contract more, of the first features of the one that serves. */
  private Path configs(Path directory) throws IOException {
    Problems problems = new Problems();
    FeatureContract whole =
        FeaturesCommand.contract(Contracts.read(config, problems), FeaturesCommand.RANKING);
    problems.throwIfAny();
    String features =
        whole.features().stream()
            .limit(FEATURES)
            .map(feature -> "      - " + FeaturesCommand.line(feature) + "\n")
            .collect(Collectors.joining());
    ConfigCopy copy = ConfigCopy.of(config, directory.resolve("configs"));
    copy.edit(Contracts.FILE, text -> text + "\n  " + CONTRACT + ":\n    features:\n" + features);
    copy.edit(
        "models.yaml",
        text ->
            text.replaceFirst("contract: \\w+", "contract: " + CONTRACT)
                .replaceFirst("rounds: \\d+", "rounds: " + (quick ? 3 : TREES)));
    return copy.directory();
  }

  /** Runs a command of {@code ./proffer} on some places; fails when it does. */
  static void learn(List<String> places, String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(places);
    if (Main.run(line.toArray(new String[0])) != 0) {
      throw new Failed("./proffer " + String.join(" ", line) + " failed");
    }
  }
}
