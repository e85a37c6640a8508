package dev.proffer.features.tables;

import dev.proffer.features.artifact.VersionDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a home: {@code <root>/<table>} is a table's {@link VersionDirectory}, whose alias
 * {@code current} names the version that gateways serve. One process publishes at a time; any
 * number read. Reads and writes files: not for an event loop.
 */
public final class TableRegistry {
  /** The directory's name below the home. */
  public static final String DIRECTORY = "tables";

  /** Which version serves. */
  public static final String CURRENT = "current";

  private final Path root;

  /**
   * The tables below a directory.
   *
   * @param root {@value #DIRECTORY} below a home; need not be there yet
   */
  public TableRegistry(Path root) {
    this.root = root;
  }

  /** Writes the rows of a version. */
  @FunctionalInterface
  public interface Rows {
    void writeTo(TableWriter out) throws IOException;
  }

  /**
   * Writes a version whole and makes it the current one. When it fails, nothing is changed.
   *
   * @param version letters, digits, dots and dashes; not there yet
   * @param asOfMillis the instant it is true at: features of earlier instants never see it
   * @return how many rows it has
   * @throws IllegalArgumentException when two rows are of one id, or a value is not of its column
   */
  public int publish(TableSpec spec, String version, long asOfMillis, Rows rows)
      throws IOException {
    VersionDirectory versions = of(spec.name());
    Path directory = versions.begin(version);
    int count;
    try (TableWriter out = new TableWriter(directory, spec, version, asOfMillis)) {
      rows.writeTo(out);
      out.finish();
      count = out.rows();
    }
    versions.complete(version);
    versions.point(CURRENT, version);
    return count;
  }

  /** The current version of a table; null when there is none. */
  public @Nullable String current(String table) {
    return of(table).alias(CURRENT);
  }

  /** Makes a version the current one. */
  public void makeCurrent(String table, String version) {
    of(table).point(CURRENT, version);
  }

  /** The complete versions of a table, in the order of their names. */
  public List<String> versions(String table) {
    return of(table).versions();
  }

  /** Opens a version, to be read as declared. */
  public AttributeTable open(TableSpec spec, String version) throws TableRefused {
    AttributeTable table = AttributeTable.open(of(spec.name()).directory(version));
    String misfit = table.misfit(spec);
    if (!misfit.isEmpty()) {
      throw new TableRefused(
          "version " + version + " of the table " + spec.name() + " is refused: " + misfit);
    }
    return table;
  }

  /**
   * All versions of all tables, for rows of any past instant.
   *
   * @throws TableRefused when a version cannot be used
   */
  public Tables history(TablesSpec declared) throws TableRefused {
    Map<String, List<AttributeTable>> byTable = new HashMap<>();
    for (TableSpec spec : declared.tables()) {
      List<AttributeTable> versions = new ArrayList<>();
      for (String version : versions(spec.name())) {
        versions.add(open(spec, version));
      }
      byTable.put(spec.name(), versions);
    }
    return new Tables(byTable);
  }

  private VersionDirectory of(String table) {
    return new VersionDirectory(root.resolve(table));
  }
}
