package dev.proffer.features.tables;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables declared in {@code tables.yaml}; without the file there are none. Immutable.
 *
 * @param tables in file order
 */
public record TablesSpec(List<TableSpec> tables) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "tables.yaml";

  /** No tables. */
  public static final TablesSpec NONE = new TablesSpec(List.of());

  public TablesSpec {
    tables = List.copyOf(tables);
  }

  /** The table of a name; null when none is declared. */
  public @Nullable TableSpec table(String name) {
    for (TableSpec one : tables) {
      if (one.name().equals(name)) {
        return one;
      }
    }
    return null;
  }

  /** The declared names. */
  public List<String> names() {
    return tables.stream().map(TableSpec::name).toList();
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static TablesSpec read(Path configDir, Problems problems) {
    Path file = configDir.resolve(FILE);
    if (!Files.exists(file)) {
      return NONE;
    }
    Section root = ConfigFile.read(file, problems);
    List<TableSpec> tables = new ArrayList<>();
    root.section("tables")
        .named()
        .forEach((name, section) -> tables.add(TableSpec.read(name, section)));
    root.done();
    return new TablesSpec(tables);
  }
}
