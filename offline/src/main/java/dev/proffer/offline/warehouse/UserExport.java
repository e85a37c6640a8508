package dev.proffer.offline.warehouse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a warehouse holds of a user, one JSON object a line: {@code table}, then the columns
 * of the row. An aside is the user's when its JSON holds their id as a text; an erasure when it
 * holds the hash of it. What is no number is a text: {@code "NaN"}. Stateless.
 */
public final class UserExport {
  private static final JsonMapper JSON = new JsonMapper();

  private UserExport() {}

  /**
   * Writes the lines, table by table, by time of arrival.
   *
   * @param userIds all that the user is called by, at least one
   * @return how many lines there are
   */
  public static long write(Warehouse warehouse, Collection<String> userIds, Appendable out)
      throws SQLException, IOException {
    long lines = 0;
    try (Connection duckdb = DuckDb.open()) {
      for (WarehouseTable table : WarehouseTable.values()) {
        List<Manifest.Part> parts = warehouse.manifest().of(table);
        if (!table.exported() || parts.isEmpty()) {
          continue;
        }
        // BY NAME, since files of an earlier version may lack a column.
        String query =
            "SELECT "
                + table.columnNames()
                + " FROM ("
                + table.selectNothing()
                + " UNION ALL BY NAME SELECT * FROM "
                + Compaction.parquet(warehouse, parts)
                + ") t WHERE "
                + String.join(" OR ", Collections.nCopies(userIds.size(), table.of("?")))
                + " ORDER BY t."
                + table.arrival()
                + ", 1, 2";
        try (PreparedStatement select = duckdb.prepareStatement(query)) {
          int at = 1;
          for (String userId : userIds) {
            select.setString(at++, table == WarehouseTable.ASIDES ? json(userId) : userId);
          }
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              out.append(json(row(table, rows))).append('\n');
              lines++;
            }
          }
        }
      }
    }
    return lines;
  }

  private static Map<String, @Nullable Object> row(WarehouseTable table, ResultSet rows)
      throws SQLException {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("table", table.word());
    ResultSetMetaData columns = rows.getMetaData();
    for (int at = 1; at <= columns.getColumnCount(); at++) {
      Object value = rows.getObject(at);
      row.put(columns.getColumnName(at), value instanceof Array array ? array.getArray() : value);
    }
    return row;
  }

  private static String json(Object value) throws JsonProcessingException {
    return JSON.writeValueAsString(value);
  }
}
