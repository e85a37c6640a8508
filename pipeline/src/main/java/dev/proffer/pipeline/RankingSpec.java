package dev.proffer.pipeline;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.features.compute.Contracts;
import dev.proffer.pipeline.rules.RulesSpec;
import dev.proffer.ranker.Cascade;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How candidates are scored, what happens after, and what ranking falls back to; read from {@code
 * ranking.yaml}.
 *
 * @param staticItems proposed when nothing else can rank, in this order, before the rest of the
 *     catalog
 * @param rules the steps between scores and a page
 * @param reasons what a person is told, read from {@code reasons.yaml} beside it
 * @param sets other rules by name, each to be taken in place of these by a variant of an experiment
 * @param cascade whether all trees of a model score all candidates
 */
public record RankingSpec(
    List<String> staticItems,
    RulesSpec rules,
    ReasonsSpec reasons,
    Map<String, RulesSpec> sets,
    Cascade.Passes cascade) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "ranking.yaml";

  public RankingSpec {
    staticItems = List.copyOf(staticItems);
    sets = Map.copyOf(sets);
  }

  /** One pass over all candidates. */
  public RankingSpec(
      List<String> staticItems, RulesSpec rules, ReasonsSpec reasons, Map<String, RulesSpec> sets) {
    this(staticItems, rules, reasons, sets, Cascade.Passes.ONE);
  }

  /** Rules without sets. */
  public RankingSpec(List<String> staticItems, RulesSpec rules, ReasonsSpec reasons) {
    this(staticItems, rules, reasons, Map.of());
  }

  /** A static list, no rules and no words but the sources'. */
  public RankingSpec(List<String> staticItems) {
    this(staticItems, RulesSpec.NONE, ReasonsSpec.NONE);
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static RankingSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    List<String> staticItems = root.texts("static");
    RulesSpec rules = RulesSpec.read(root);
    Map<String, RulesSpec> sets = new LinkedHashMap<>();
    root.section("sets")
        .named()
        .forEach(
            (name, set) -> {
              sets.put(name, rules.readSet(set));
              set.done();
            });
    RankingSpec spec =
        new RankingSpec(
            staticItems,
            rules,
            ReasonsSpec.read(configDir, problems),
            sets,
            cascade(root.section("cascade")));
    root.done();
    return spec;
  }

  private static Cascade.Passes cascade(Section section) {
    int keep = section.integer("keep", 0, 0, 10_000);
    int trees = section.integer("trees", 30, 1, 5_000);
    section.done();
    return new Cascade.Passes(trees, keep);
  }

  /** Notes what rules and reasons speak of and nothing else declares. */
  public void check(Contracts contracts, Path configDir, Problems problems) {
    String file = configDir.resolve(FILE).toString();
    rules.check(
        contracts.sequence(),
        contracts.tables(),
        (key, message) -> problems.add(file, 0, key, message));
    sets.forEach(
        (name, set) ->
            set.check(
                contracts.sequence(),
                contracts.tables(),
                (key, message) -> problems.add(file, 0, "sets." + name + "." + key, message)));
    reasons.check(contracts, configDir, problems);
  }

  /** Whether any rule, in a set or outside, asks what users were shown. */
  public boolean remembersShowings() {
    return rules.remembersShowings()
        || sets.values().stream().anyMatch(RulesSpec::remembersShowings);
  }
}
