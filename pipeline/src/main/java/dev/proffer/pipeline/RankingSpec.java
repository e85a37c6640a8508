package dev.proffer.pipeline;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.features.compute.Contracts;
import dev.proffer.pipeline.rules.RulesSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What happens after scoring, and what ranking falls back to; read from {@code ranking.yaml}.
 *
 * @param staticItems proposed when nothing else can rank, in this order, before the rest of the
 *     catalog
 * @param rules the steps between scores and a page
 * @param reasons what a person is told, read from {@code reasons.yaml} beside it
 */
public record RankingSpec(List<String> staticItems, RulesSpec rules, ReasonsSpec reasons) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "ranking.yaml";

  public RankingSpec {
    staticItems = List.copyOf(staticItems);
  }

  /** A static list, no rules and no words but the sources'. */
  public RankingSpec(List<String> staticItems) {
    this(staticItems, RulesSpec.NONE, ReasonsSpec.NONE);
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static RankingSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    RankingSpec spec =
        new RankingSpec(
            root.texts("static"), RulesSpec.read(root), ReasonsSpec.read(configDir, problems));
    root.done();
    return spec;
  }

  /** Notes what rules and reasons speak of and nothing else declares. */
  public void check(Contracts contracts, Path configDir, Problems problems) {
    String file = configDir.resolve(FILE).toString();
    rules.check(
        contracts.sequence(),
        contracts.tables(),
        (key, message) -> problems.add(file, 0, key, message));
    reasons.check(contracts, configDir, problems);
  }
}
