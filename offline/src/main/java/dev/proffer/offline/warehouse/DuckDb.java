package dev.proffer.offline.warehouse;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBConnection;

/** DuckDB as this room uses it: in memory, bounded, and asking nobody for extensions. */
final class DuckDb {
  private DuckDb() {}

  /** A database of its own, empty. */
  static DuckDBConnection open() throws SQLException {
    DuckDBConnection duckdb = (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = duckdb.createStatement()) {
      statement.execute("SET autoinstall_known_extensions = false");
      statement.execute("SET autoload_known_extensions = false");
      statement.execute("SET memory_limit = '1GB'");
      statement.execute("SET threads = 2");
    } catch (SQLException e) {
      duckdb.close();
      throw e;
    }
    return duckdb;
  }
}
