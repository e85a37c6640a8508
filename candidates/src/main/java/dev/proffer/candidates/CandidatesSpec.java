package dev.proffer.candidates;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which sources are asked, in which order, and how much of each is taken; read from {@code
 * candidates.yaml}.
 *
 * @param maxCandidates how many are ranked at most
 * @param sources asked in this order
 */
public record CandidatesSpec(int maxCandidates, List<Source> sources) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "candidates.yaml";

  /** Most candidates that may be asked for. */
  public static final int MOST = 2_000;

  public CandidatesSpec {
    sources = List.copyOf(sources);
  }

  /**
   * One source.
   *
   * @param name what the API and the metrics call it
   * @param quota how many wanted items it may name, new or found before
   * @param reason what a person is told of a proposition it found
   */
  public record Source(String name, int quota, String reason) {}

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static CandidatesSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    int most = root.integer("max-candidates", 200, 1, MOST);
    List<Source> sources = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section section : root.sections("sources")) {
      String name = section.word("name", Candidates.known());
      if (!names.add(name)) {
        section.refuse("name", "\"" + name + "\" stands twice");
      }
      sources.add(
          new Source(name, section.integer("quota", most, 1, MOST), section.text("reason")));
      section.done();
    }
    if (sources.isEmpty()) {
      root.refuse("sources", "at least one source is required");
    }
    root.done();
    return new CandidatesSpec(most, sources);
  }
}
