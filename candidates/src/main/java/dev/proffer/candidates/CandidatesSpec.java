package dev.proffer.candidates;

import dev.proffer.candidates.source.CandidateSource;
import dev.proffer.candidates.source.Declarations;
import dev.proffer.candidates.source.SourceKind;
import dev.proffer.candidates.source.Vectors;
import dev.proffer.candidates.source.WantsVectors;
import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.tables.TablesSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which sources are asked, in which order, and how much of each is taken; read from {@code
 * candidates.yaml}.
 *
 * @param maxCandidates how many are ranked at most
 * @param sources asked in this order
 * @param sets others by name, each to be asked in place of these by a variant of an experiment
 */
public record CandidatesSpec(
    int maxCandidates, List<Source> sources, Map<String, CandidatesSpec> sets) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "candidates.yaml";

  /** Most candidates that may be asked for. */
  public static final int MOST = 2_000;

  /** Most sources: each is a bit of an int. */
  public static final int MOST_SOURCES = 31;

  /** How many items a source is looked through for unless it is said. */
  public static final int LOOK_AT = 5_000;

  private static final int MOST_LOOKED_AT = 1_000_000;

  public CandidatesSpec {
    sources = List.copyOf(sources);
    sets = Map.copyOf(sets);
  }

  /** Sources without sets. */
  public CandidatesSpec(int maxCandidates, List<Source> sources) {
    this(maxCandidates, sources, Map.of());
  }

  /**
   * One source.
   *
   * @param name what the API and the metrics call it
   * @param kind how it finds items
   * @param quota how many wanted items it may name, new or found before
   * @param lookAt how many items it is looked through for before it is given up, so that a narrow
   *     filter cannot take long
   * @param reason what a person is told of a proposition it found
   * @param maker makes an instance for one thread
   */
  public record Source(
      String name,
      String kind,
      int quota,
      int lookAt,
      String reason,
      Supplier<? extends CandidateSource> maker) {

    /**
     * A source of the kind of that name, without parameters.
     *
     * @throws IllegalArgumentException when there is no such kind, or it wants parameters
     */
    public Source(String name, int quota, String reason) {
      this(name, name, quota, LOOK_AT, reason, SourceKind.plain(name));
    }
  }

  /** The vectors that sources look for near ones in. */
  public Set<Vectors.Wanted> vectors() {
    Set<Vectors.Wanted> all = new HashSet<>();
    for (Source source : sources) {
      if (source.maker() instanceof WantsVectors wants) {
        all.add(wants.wanted());
      }
    }
    sets.values().forEach(set -> all.addAll(set.vectors()));
    return all;
  }

  /** Whether any source is of a kind, in a set or outside. */
  public boolean has(String kind) {
    return sources.stream().anyMatch(source -> source.kind().equals(kind))
        || sets.values().stream().anyMatch(set -> set.has(kind));
  }

  /**
   * Reads the file below {@code configDir}; mistakes go to {@code problems}. Statistics and tables
   * are held against the files beside it.
   */
  public static CandidatesSpec read(Path configDir, Problems problems) {
    // What is wrong with those files themselves is said where they are read to be used.
    Declarations declared =
        new Declarations(
            StatisticsSpec.read(configDir, new Problems()),
            TablesSpec.read(configDir, new Problems()));
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    Section named = root.section("sets");
    Map<String, CandidatesSpec> sets = new LinkedHashMap<>();
    named.named().forEach((name, set) -> sets.put(name, read(set, declared, Map.of())));
    return read(root, declared, sets);
  }

  private static CandidatesSpec read(
      Section root, Declarations declared, Map<String, CandidatesSpec> sets) {
    int most = root.integer("max-candidates", 200, 1, MOST);
    List<Source> sources = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section section : root.sections("sources")) {
      String name = section.text("name");
      if (!name.isEmpty() && !names.add(name)) {
        section.refuse("name", "\"" + name + "\" stands twice");
      }
      String kind = SourceKind.of(section, name);
      sources.add(
          new Source(
              name,
              kind,
              section.integer("quota", most, 1, MOST),
              section.integer("look-at", LOOK_AT, 1, MOST_LOOKED_AT),
              section.text("reason"),
              SourceKind.read(kind, section, declared)));
      section.done();
    }
    if (sources.isEmpty()) {
      root.refuse("sources", "at least one source is required");
    }
    if (sources.size() > MOST_SOURCES) {
      root.refuse("sources", sources.size() + " sources, expected at most " + MOST_SOURCES);
    }
    root.done();
    return new CandidatesSpec(most, sources, sets);
  }
}
