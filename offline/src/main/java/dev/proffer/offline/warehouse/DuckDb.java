package dev.proffer.offline.warehouse;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/** DuckDB as offline uses it: in memory, bounded, and asking nobody for extensions. */
public final class DuckDb {
  private DuckDb() {}

  /** A database of its own, empty: two threads and 1 GB. */
  static DuckDBConnection open() throws SQLException {
    return open(new Properties(), 2, 1_000, null);
  }

  /**
   * A database of its own, empty. Results are read as they are made, not collected first.
   *
   * @param megabytes the most memory it takes
   * @param scratch where it puts what does not fit; null for nowhere
   */
  public static DuckDBConnection open(int threads, int megabytes, @Nullable Path scratch)
      throws SQLException {
    Properties streaming = new Properties();
    streaming.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
    return open(streaming, threads, megabytes, scratch);
  }

  private static DuckDBConnection open(
      Properties properties, int threads, int megabytes, @Nullable Path scratch)
      throws SQLException {
    DuckDBConnection duckdb =
        (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:", properties);
    try (Statement statement = duckdb.createStatement()) {
      statement.execute("SET autoinstall_known_extensions = false");
      statement.execute("SET autoload_known_extensions = false");
      statement.execute("SET memory_limit = '" + megabytes + "MB'");
      statement.execute("SET threads = " + threads);
      if (scratch != null) {
        statement.execute("SET temp_directory = " + literal(scratch.toString()));
      }
    } catch (SQLException e) {
      duckdb.close();
      throw e;
    }
    return duckdb;
  }

  /** A text as SQL has it. */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** A name as SQL has it. */
  public static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
