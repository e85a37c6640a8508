package dev.proffer.features.compute;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.FeatureSpec;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticSpec;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The contracts declared in {@code features.yaml}, each ready to make programs. Immutable; safe to
 * share.
 */
public final class Contracts {
  /** The file's name below the configuration directory. */
  public static final String FILE = "features.yaml";

  /** The parameter by which a feature names a table. */
  public static final String TABLE = "table";

  private final SequenceSpec sequence;
  private final TablesSpec tables;
  private final Map<String, Compiled> byName;

  private record Compiled(
      FeatureContract contract, List<Supplier<Transformation>> transformations) {}

  private Contracts(SequenceSpec sequence, TablesSpec tables, Map<String, Compiled> byName) {
    this.sequence = sequence;
    this.tables = tables;
    this.byName = byName;
  }

  /**
   * Reads {@code features.yaml}, {@code sequences.yaml} and {@code tables.yaml} below {@code
   * configDir}; mistakes go to {@code problems}.
   */
  public static Contracts read(Path configDir, Problems problems) {
    SequenceSpec sequence = SequenceSpec.read(configDir, problems);
    TablesSpec tables = TablesSpec.read(configDir, problems);
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    Map<String, Compiled> byName = new LinkedHashMap<>();
    Section contracts = root.section("contracts");
    if (contracts.keys().isEmpty()) {
      root.refuse("contracts", "at least one contract is required");
    }
    contracts
        .named()
        .forEach((name, section) -> byName.put(name, compile(name, section, sequence, tables)));
    root.done();
    return new Contracts(sequence, tables, byName);
  }

  /** The contract of that name, or null when none is declared. */
  public @Nullable FeatureContract contract(String name) {
    Compiled compiled = byName.get(name);
    return compiled == null ? null : compiled.contract();
  }

  /** A program for the calling thread. The contract must be declared. */
  public FeatureProgram program(String name) {
    Compiled compiled = byName.get(name);
    if (compiled == null) {
      throw new IllegalArgumentException(
          "no contract is called " + name + "; there are " + byName.keySet());
    }
    return new FeatureProgram(compiled.contract(), compiled.transformations());
  }

  /** The declared names, in file order. */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  public SequenceSpec sequence() {
    return sequence;
  }

  /** The declared tables. */
  public TablesSpec tables() {
    return tables;
  }

  private static Compiled compile(
      String name, Section section, SequenceSpec sequence, TablesSpec tables) {
    List<FeatureSpec> specs = new ArrayList<>();
    List<Supplier<Transformation>> transformations = new ArrayList<>();
    List<String> names = new ArrayList<>();
    Set<StatisticSpec> statistics = new LinkedHashSet<>();
    Set<String> read = new LinkedHashSet<>(); // of the tables
    List<Section> declared = section.sections("features");
    if (declared.isEmpty()) {
      section.refuse("features", "at least one feature is required");
    }
    for (Section feature : declared) {
      String featureName = feature.text("name");
      if (names.contains(featureName)) {
        feature.refuse("name", "\"" + featureName + "\" is declared twice");
        continue;
      }
      Section parameters = feature.section("parameters");
      String transformation = feature.text("transformation");
      Supplier<Transformation> maker =
          Transformations.read(
              transformation,
              feature,
              new Declaration(parameters, sequence, tables, List.copyOf(names)));
      names.add(featureName);
      statistics.addAll(
          StatisticTransformations.used(
              transformation, parameters.plain().values(), sequence.statistics()));
      Map<String, String> plain = parameters.plain();
      TableSpec table = tables.table(plain.getOrDefault(TABLE, ""));
      if (table != null) {
        read.add(table.canonical(plain.getOrDefault("column", "")));
      }
      String entity = Transformations.entity(transformation);
      String said = feature.text("entity", entity);
      if (!said.equals(entity)) {
        feature.refuse(
            "entity", "\"" + said + "\"; " + transformation + " is of \"" + entity + "\"");
      }
      long lives = Math.round(feature.number("lives-hours", 0, 0, 1e6) * 3_600_000);
      if (lives > 0 && !entity.contains(Registry.USER)) {
        feature.refuse(
            "lives-hours", "is for features of users; this is one of \"" + entity + "\"");
      }
      specs.add(
          new FeatureSpec(
              featureName,
              feature.integer("version", 1, 1, 1_000_000),
              transformation,
              new TreeMap<>(parameters.plain()),
              entity,
              feature.oneOf("type", FeatureSpec.Type.class, FeatureSpec.Type.NUMBER),
              (float) feature.number("default", Double.NaN, -Float.MAX_VALUE, Float.MAX_VALUE),
              lives,
              feature.text("owner", ""),
              feature.text("unit", ""),
              feature.text("description", "")));
      feature.done();
      transformations.add(maker);
    }
    section.done();
    return new Compiled(
        new FeatureContract(name, specs, sequence, List.copyOf(statistics), List.copyOf(read)),
        List.copyOf(transformations));
  }
}
