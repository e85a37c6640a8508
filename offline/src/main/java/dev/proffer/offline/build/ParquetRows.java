package dev.proffer.offline.build;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.FeatureSpec;
import dev.proffer.offline.warehouse.DuckDb;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.StringJoiner;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Rows into Parquet files through a table of DuckDB, which is written out and emptied before it
 * grows large. Belongs to one thread.
 */
final class ParquetRows implements RowSink, AutoCloseable {
  private static final long VALUES_A_FILE = 8L << 20;

  private final DuckDBConnection duckdb;
  private final FeatureContract contract;
  private final Path directory;
  private final int stretch;
  private final long rowsPerFile;
  private @Nullable DuckDBAppender appender;
  private long rows;
  private int files;

  ParquetRows(DuckDBConnection duckdb, FeatureContract contract, Path directory, int stretch) {
    this.duckdb = duckdb;
    this.contract = contract;
    this.directory = directory;
    this.stretch = stretch;
    this.rowsPerFile = Math.max(1_000, VALUES_A_FILE / contract.width());
  }

  @Override
  public void row(
      Label label,
      int position,
      @Nullable String itemId,
      boolean wanted,
      float weight,
      float[] values,
      int offset)
      throws IOException {
    try {
      DuckDBAppender into = appender == null ? begin() : appender;
      into.beginRow();
      into.append(label.asOfMillis()).append(label.labelId()).append(position);
      text(into, label.requestId());
      into.append(label.userId());
      text(into, itemId);
      into.append(label.origin()).append(wanted).append(weight);
      for (int at = 0; at < contract.width(); at++) {
        FeatureSpec feature = contract.feature(at);
        float value = values[offset + at];
        if (feature.type() == FeatureSpec.Type.NUMBER) {
          into.append(value);
        } else {
          Object typed = TrainingSet.column(feature, value);
          if (typed instanceof Boolean flag) {
            into.append(flag.booleanValue());
          } else if (typed instanceof Integer code) {
            into.append(code.intValue());
          } else {
            into.appendNull();
          }
        }
      }
      into.endRow();
      if (++rows >= rowsPerFile) {
        flush();
      }
    } catch (SQLException e) {
      throw new IOException("DuckDB cannot take a row: " + e.getMessage(), e);
    }
  }

  private static void text(DuckDBAppender into, @Nullable String text) throws SQLException {
    if (text == null) {
      into.appendNull();
    } else {
      into.append(text);
    }
  }

  private DuckDBAppender begin() throws SQLException {
    StringJoiner columns = new StringJoiner(", ", "CREATE OR REPLACE TABLE set_rows (", ")");
    TrainingSet.HEAD.forEach((name, type) -> columns.add(DuckDb.name(name) + " " + type));
    for (int at = 0; at < contract.width(); at++) {
      FeatureSpec feature = contract.feature(at);
      columns.add(DuckDb.name(feature.name()) + " " + TrainingSet.columnType(feature));
    }
    run(columns.toString());
    DuckDBAppender made = duckdb.createAppender(DuckDBConnection.DEFAULT_SCHEMA, "set_rows");
    appender = made;
    return made;
  }

  /** Writes what is there as a file; nothing when there is nothing. */
  void flush() throws IOException {
    if (appender == null) {
      return;
    }
    try {
      appender.close();
      appender = null;
      Path file =
          directory.resolve(String.format(Locale.ROOT, "part-%05d-%05d.parquet", stretch, files++));
      run(
          "COPY set_rows TO "
              + DuckDb.literal(file.toString())
              + " (FORMAT parquet, COMPRESSION zstd)");
      run("DROP TABLE set_rows");
      rows = 0;
    } catch (SQLException e) {
      throw new IOException("DuckDB cannot write a file: " + e.getMessage(), e);
    }
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = duckdb.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    if (appender != null) {
      appender.close();
    }
  }
}
