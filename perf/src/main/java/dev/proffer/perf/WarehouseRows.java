package dev.proffer.perf;

import dev.proffer.perf.ledger.Ledger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The events tables of warehouses as any reader of Parquet sees it: DuckDB on the files themselves,
 * by none of the code that wrote them.
 */
final class WarehouseRows {
  private static final String EVENTS = "events";

  private final List<Path> homes;

  /** The warehouses of some homes, taken together. */
  WarehouseRows(List<Path> homes) {
    this.homes = List.copyOf(homes);
  }

  /** A way to read the rows other than they are, to see that the audit notices. */
  enum Fault {
    /** As they are. */
    NONE,
    /** One acknowledged row is left out. */
    REMOVED,
    /** One row stands twice. */
    DOUBLED,
    /** A row is there that was never sent. */
    INVENTED
  }

  /**
   * Holds every row against the ledger.
   *
   * @param victim the ledger's id of a row that a fault is done to
   */
  Ledger.Verdict audit(Ledger ledger, Fault fault, String victim) {
    Ledger.Audit audit = ledger.audit();
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET autoinstall_known_extensions = false");
      statement.execute("SET memory_limit = '512MB'");
      try (ResultSet rows = statement.executeQuery(query(fault, victim))) {
        while (rows.next()) {
          audit.row(rows.getString(1));
        }
      }
    } catch (SQLException e) {
      throw new Failed("the warehouse cannot be read: " + e.getMessage(), e);
    }
    return audit.verdict();
  }

  /** How many rows carry an event id that another row carries too, whatever the ledger calls it. */
  long sharedEventIds() {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT count(*) - count(DISTINCT event_id) FROM " + files())) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new Failed("the warehouse cannot be read: " + e.getMessage(), e);
    }
  }

  private String query(Fault fault, String victim) {
    String all = "SELECT session_id FROM " + files();
    return switch (fault) {
      case NONE -> all;
      case REMOVED -> all + " WHERE session_id <> '" + victim + "'";
      case DOUBLED -> all + " UNION ALL " + all + " WHERE session_id = '" + victim + "'";
      case INVENTED -> all + " UNION ALL SELECT '" + victim + "0000000'";
    };
  }

  private String files() {
    List<String> files = new ArrayList<>();
    for (Path home : homes) {
      Path events = home.resolve("warehouse").resolve(EVENTS);
      if (!Files.isDirectory(events)) {
        throw new Failed(events + " is missing: nothing was compacted");
      }
      files.add("'" + events.toString().replace("'", "''") + "/**/*.parquet'");
    }
    return "read_parquet([" + String.join(", ", files) + "])";
  }
}
