package dev.proffer.pipeline;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Path;
import java.util.List;

/**
 * What ranking falls back to; read from {@code ranking.yaml}.
 *
 * @param staticItems proposed when nothing else can rank, in this order, before the rest of the
 *     catalog
 */
public record RankingSpec(List<String> staticItems) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "ranking.yaml";

  public RankingSpec {
    staticItems = List.copyOf(staticItems);
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static RankingSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    RankingSpec spec = new RankingSpec(root.texts("static"));
    root.done();
    return spec;
  }
}
