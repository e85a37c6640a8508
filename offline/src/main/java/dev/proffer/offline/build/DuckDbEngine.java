package dev.proffer.offline.build;

import dev.proffer.events.time.Time;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.warehouse.DuckDb;
import dev.proffer.offline.warehouse.Warehouse;
import dev.proffer.offline.warehouse.WarehouseFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Builds on one machine. DuckDB sorts the warehouse once into a file, within bounded memory; each
 * thread reads that file from its beginning, folds, and computes the rows of its stretch of labels.
 */
public final class DuckDbEngine implements BuildEngine {
  private static final int SORT_MEGABYTES = 1_500;
  private static final int WORKER_MEGABYTES = 400;

  @Override
  public String name() {
    return "duckdb";
  }

  @Override
  public BuildReport build(
      BuildSpec spec,
      Path config,
      Warehouse warehouse,
      Path out,
      Parallelism parallelism,
      Time time)
      throws IOException {
    long began = time.nanos();
    Settings settings = Settings.read(config).withTablesOf(warehouse.home());
    WarehouseFiles files = WarehouseFiles.of(warehouse);
    FeatureContract contract =
        Objects.requireNonNull(settings.contracts().contract(spec.contract()));
    try (TrainingSet set = TrainingSet.begin(out)) {
      Path timeline = set.scratch().resolve("timeline.parquet");
      long labels;
      try {
        labels = order(spec, files, timeline, set.scratch(), parallelism.stretches());
      } catch (SQLException e) {
        throw new IOException("DuckDB cannot bring the warehouse into order: " + e.getMessage(), e);
      }
      double orderSeconds = (time.nanos() - began) / 1e9;
      Map<String, Long> outcomes = new TreeMap<>();
      long rows = 0;
      for (RowBuilder done : compute(spec, settings, timeline, set, labels, parallelism)) {
        rows += done.rows();
        done.outcomes().forEach((what, count) -> outcomes.merge(what, count, Long::sum));
      }
      set.complete(spec, contract, files.number(), labels, rows, outcomes);
      return new BuildReport(
          out,
          name(),
          spec.contractSha256(),
          labels,
          rows,
          outcomes,
          orderSeconds,
          (time.nanos() - began) / 1e9);
    }
  }

  /** Writes the timeline; returns how many labels it has. */
  private static long order(
      BuildSpec spec, WarehouseFiles files, Path timeline, Path scratch, int threads)
      throws SQLException {
    try (DuckDBConnection duckdb = DuckDb.open(threads, SORT_MEGABYTES, scratch);
        Statement statement = duckdb.createStatement()) {
      for (String table : files.files().keySet()) {
        statement.execute("CREATE VIEW " + table + " AS " + files.select(table));
      }
      statement.execute(
          "COPY ("
              + TimelineQuery.rows(spec)
              + " ORDER BY "
              + TimelineQuery.ORDER
              + ") TO "
              + DuckDb.literal(timeline.toString())
              + " (FORMAT parquet, COMPRESSION snappy)");
      try (ResultSet count =
          statement.executeQuery(
              "SELECT count(*) FROM read_parquet("
                  + DuckDb.literal(timeline.toString())
                  + ") WHERE slot <= 0 AND kind = "
                  + TimelineRow.LABEL)) {
        count.next();
        return count.getLong(1);
      }
    }
  }

  private static List<RowBuilder> compute(
      BuildSpec spec,
      Settings settings,
      Path timeline,
      TrainingSet set,
      long labels,
      Parallelism parallelism)
      throws IOException {
    List<Stretch> stretches = Stretch.of(labels, parallelism.stretches());
    AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
    ExecutorService threads = Executors.newFixedThreadPool(stretches.size());
    List<Future<RowBuilder>> running = new ArrayList<>();
    try {
      for (Stretch stretch : stretches) {
        running.add(
            threads.submit(
                () -> {
                  try {
                    return compute(spec, settings, timeline, set, stretch, failed);
                  } catch (Throwable e) {
                    failed.compareAndSet(null, e); // the others need not go on
                    throw e;
                  }
                }));
      }
      List<RowBuilder> done = new ArrayList<>();
      for (Future<RowBuilder> one : running) {
        done.add(one.get());
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      Throwable first = failed.get();
      if (first instanceof IOException io) {
        throw io;
      }
      throw new IOException("a stretch of labels could not be computed: " + first, first);
    } finally {
      failed.compareAndSet(null, new IOException("given up"));
      threads.shutdown();
      awaitEnd(threads);
    }
  }

  private static void awaitEnd(ExecutorService threads) {
    try {
      threads.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RowBuilder compute(
      BuildSpec spec,
      Settings settings,
      Path timeline,
      TrainingSet set,
      Stretch stretch,
      AtomicReference<@Nullable Throwable> failed)
      throws IOException {
    try (DuckDBConnection duckdb = DuckDb.open(1, WORKER_MEGABYTES, set.scratch());
        Connection reading = duckdb.duplicate();
        ParquetRows sink =
            new ParquetRows(
                duckdb,
                Objects.requireNonNull(settings.contracts().contract(spec.contract())),
                set.unfinished(),
                stretch.number());
        Statement statement = reading.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT * FROM read_parquet(" + DuckDb.literal(timeline.toString()) + ")")) {
      RowBuilder builder = new RowBuilder(settings, spec, stretch.first(), stretch.end(), sink);
      ResultColumns columns = new ResultColumns(rows);
      boolean more = true;
      while (more && rows.next()) {
        if (failed.get() != null) {
          throw new IOException("another stretch failed");
        }
        more = builder.take(TimelineRow.of(columns));
      }
      if (more) {
        builder.finish();
      }
      sink.flush();
      return builder;
    } catch (SQLException e) {
      throw new IOException("DuckDB cannot read the timeline: " + e.getMessage(), e);
    }
  }

  /** A row of a result; what it throws, it throws unchecked. */
  private record ResultColumns(ResultSet rows) implements TimelineRow.Columns {
    @Override
    public long number(int column) {
      try {
        return rows.getLong(column + 1);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public @Nullable String text(int column) {
      try {
        return rows.getString(column + 1);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
