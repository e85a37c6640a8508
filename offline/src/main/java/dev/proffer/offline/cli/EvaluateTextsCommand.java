package dev.proffer.offline.cli;

import dev.proffer.offline.Settings;
import dev.proffer.offline.texts.TextEvaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer evaluate texts}: how well headlines are ordered by how they are written. */
@Command(
    name = "texts",
    mixinStandardHelpOptions = true,
    description = {
      "Judges the ranking of headlines by tests in which they were shown to people at random,",
      "in five folds: each is scored by a model of the other four."
    })
final class EvaluateTextsCommand implements Callable<Integer> {
  /** The features of a headline. */
  private static final String CONTRACT = "headline";

  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "One row a headline, as the Upworthy Research Archive has them (.csv.gz).")
  private Path data = Path.of("");

  @Option(names = "--json", paramLabel = "OUT", description = "Write the figures to a file.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    Settings settings = home.settings();
    if (settings.contracts().contract(CONTRACT) == null) {
      throw new Failed("no contract is called \"" + CONTRACT + "\" in features.yaml");
    }
    Console console = new Console();
    console.begin("texts: five folds");
    TextEvaluation evaluation =
        TextEvaluation.of(data, settings.contracts(), CONTRACT, console::progress);
    console.end(String.format(Locale.ROOT, "%,d figures", evaluation.figures().size()));
    evaluation.table().forEach(console::say);
    if (json != null) {
      EvaluateCommand.write(json, Map.of("texts", evaluation.figures()));
    }
    return 0;
  }
}
