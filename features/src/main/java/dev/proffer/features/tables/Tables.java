package dev.proffer.features.tables;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables there are, each in one or more versions. Immutable; safe to share between threads.
 *
 * <p>A version counts for instants at or after its own ({@link TableHeader#asOfMillis}), until that
 * of the next: so no row is computed from what was not known yet.
 */
public final class Tables {
  /** No tables. */
  public static final Tables NONE = new Tables(Map.of());

  private final Map<String, AttributeTable[]> byName;

  /** Versions by table, in any order. */
  public Tables(Map<String, List<AttributeTable>> versions) {
    byName = new HashMap<>();
    versions.forEach(
        (name, all) -> {
          List<AttributeTable> sorted = new ArrayList<>(all);
          sorted.sort(
              Comparator.comparingLong((AttributeTable table) -> table.header().asOfMillis())
                  .thenComparing(table -> table.header().version()));
          byName.put(name, sorted.toArray(new AttributeTable[0]));
        });
  }

  private Tables(Tables other, AttributeTable table) {
    byName = new HashMap<>(other.byName);
    byName.put(table.header().table(), new AttributeTable[] {table});
  }

  /** The same with one version of one table in place of those it had. */
  public Tables with(AttributeTable table) {
    return new Tables(this, table);
  }

  /** The version of a table that counts at an instant; null when there is none. */
  public @Nullable AttributeTable at(String table, long millis) {
    AttributeTable[] versions = byName.get(table);
    if (versions == null) {
      return null;
    }
    for (int at = versions.length - 1; at >= 0; at--) {
      if (versions[at].header().asOfMillis() <= millis) {
        return versions[at];
      }
    }
    return null;
  }

  /** The latest version of a table, whatever its instant; null when there is none. */
  public @Nullable AttributeTable latest(String table) {
    AttributeTable[] versions = byName.get(table);
    return versions == null || versions.length == 0 ? null : versions[versions.length - 1];
  }
}
