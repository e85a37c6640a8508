package dev.proffer.offline.warehouse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A reader that knows nothing of the warehouse but where its files are. */
final class Glob implements AutoCloseable {
  private final Path home;
  private final Connection duckdb;

  Glob(Path home) throws SQLException {
    this.home = home;
    this.duckdb = DriverManager.getConnection("jdbc:duckdb:");
  }

  /** One column of a query in which {@code T} stands for a table, sorted. */
  List<String> column(String table, String query) throws SQLException, IOException {
    Path directory = home.resolve("warehouse").resolve(table);
    if (files(directory).isEmpty()) {
      return List.of();
    }
    String from =
        "read_parquet('"
            + directory.toString().replace("'", "''")
            + "/**/*.parquet', hive_partitioning = true)";
    List<String> values = new ArrayList<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery(query.replace(" T", " " + from))) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    values.sort(null);
    return values;
  }

  static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    }
  }

  @Override
  public void close() throws SQLException {
    duckdb.close();
  }
}
