package dev.proffer.offline.warehouse;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an engine needs to read a warehouse: the files of each table and the columns of its present
 * version. A file of an earlier version may lack a column; it is null there. Immutable; good while
 * the {@link Warehouse} it was taken from is open.
 *
 * @param number of the warehouse's latest change
 */
public record WarehouseFiles(
    long number, Map<String, List<Path>> files, Map<String, Map<String, String>> columns) {

  /** The files of an open warehouse. */
  public static WarehouseFiles of(Warehouse warehouse) {
    Map<String, List<Path>> files = new LinkedHashMap<>();
    Map<String, Map<String, String>> columns = new LinkedHashMap<>();
    for (WarehouseTable table : WarehouseTable.values()) {
      files.put(
          table.word(),
          warehouse.manifest().of(table).stream()
              .map(part -> warehouse.directory().resolve(part.path()).toAbsolutePath())
              .toList());
      Map<String, String> typed = new LinkedHashMap<>();
      table.columns().forEach(column -> typed.put(column.name(), column.type()));
      columns.put(table.word(), typed);
    }
    return new WarehouseFiles(warehouse.manifest().number(), files, columns);
  }

  /** The rows of a table as a query in DuckDB's SQL; of no files, none. */
  public String select(String table) {
    WarehouseTable known = WarehouseTable.valueOf(table.toUpperCase(Locale.ROOT));
    List<Path> parts = files.getOrDefault(table, List.of());
    if (parts.isEmpty()) {
      return known.selectNothing();
    }
    return "SELECT "
        + known.columnNames()
        + " FROM ("
        + known.selectNothing()
        + " UNION ALL BY NAME SELECT * FROM read_parquet(["
        + String.join(", ", parts.stream().map(path -> DuckDb.literal(path.toString())).toList())
        + "], hive_partitioning = false, union_by_name = true))";
  }
}
