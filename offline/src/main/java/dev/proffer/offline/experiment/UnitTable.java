package dev.proffer.offline.experiment;

import dev.proffer.offline.warehouse.DuckDb;
import dev.proffer.offline.warehouse.WarehouseFiles;
import dev.proffer.pipeline.experiments.Experiment;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.duckdb.DuckDBConnection;

/**
 * One experiment's units in DuckDB: a row each, with what they were shown, what they did of it and
 * what they had done before. Belongs to one thread; close it.
 *
 * <p>A click counts for the answer it names. A conversion counts for its user from their first
 * answer on, whatever it names: where an arm moves sales from what it shows to what it does not,
 * both are seen. Units that an allow-list forced are left out, and so are units that saw several
 * variants, which are counted.
 */
final class UnitTable implements AutoCloseable {
  private static final long DAY_MILLIS = 86_400_000L;

  private final DuckDBConnection duckdb;
  private final long until;

  /**
   * Reads the warehouse.
   *
   * @param from answers from here on, epoch milliseconds
   * @param until answers and events before it
   * @param daysBefore how many days before a unit's first answer its covariates are of
   */
  UnitTable(WarehouseFiles files, Experiment experiment, long from, long until, int daysBefore)
      throws SQLException {
    duckdb = DuckDb.open(2, 1_000, null);
    try {
      String unit = experiment.unit() == Experiment.Unit.USER ? "user_id" : "session_id";
      String prefix = experiment.name() + ":";
      run(
          "CREATE TABLE parts AS SELECT *, rtrim(substr(part, "
              + (prefix.length() + 1)
              + "), '*!') AS arm, contains(part, '!') AS stopped FROM (SELECT request_id, user_id, "
              + unit
              + " AS unit, time, degraded, shown, took_nanos, unnest(string_split(variant, ','))"
              + " AS part FROM ("
              + files.select("impressions")
              + ") WHERE time >= "
              + from
              + " AND time < "
              + until
              + " AND contains(variant, "
              + DuckDb.literal(prefix)
              + ")) WHERE starts_with(part, "
              + DuckDb.literal(prefix)
              + ") AND NOT contains(part, '*') AND unit IS NOT NULL");
      long stopped = number("SELECT coalesce(min(time), " + until + ") FROM parts WHERE stopped");
      this.until = stopped;
      run(
          "CREATE TABLE counted AS SELECT unit, any_value(user_id) AS user_id, any_value(arm) AS"
              + " arm, min(time) AS first, count(*) AS answers, sum(shown) AS propositions,"
              + " count(*) FILTER (len(degraded) > 0) AS degraded, coalesce(sum(took_nanos), 0) /"
              + " 1e6 AS millis, count(took_nanos) AS timed FROM parts WHERE time < "
              + stopped
              + " GROUP BY unit HAVING count(DISTINCT arm) = 1");
      run(
          "CREATE TABLE events AS SELECT type, user_id, request_id, session_id, time,"
              + " coalesce(TRY_CAST(json_extract_string(fields, '$.value') AS DOUBLE), 0) AS value"
              + " FROM ("
              + files.select("events")
              + ") WHERE type IN ('click', 'conversion') AND time < "
              + stopped);
      run(
          "CREATE TABLE clicked AS SELECT p.unit, count(*) AS clicks, count(DISTINCT p.request_id)"
              + " AS accepted FROM parts p JOIN events e ON e.request_id = p.request_id WHERE"
              + " e.type = 'click' AND p.time < "
              + stopped
              + " GROUP BY p.unit");
      run(
          "CREATE TABLE converted AS SELECT c.unit, 1 AS converted, sum(e.value) AS value FROM"
              + " counted c JOIN events e ON e."
              + unit
              + " = c.unit WHERE e.type = 'conversion' AND e.time >= c.first GROUP BY c.unit");
      run(
          "CREATE TABLE before AS SELECT c.unit, count(*) FILTER (e.type = 'click') AS"
              + " clicks_before, count(*) FILTER (e.type = 'conversion') AS conversions_before,"
              + " sum(e.value) FILTER (e.type = 'conversion') AS value_before FROM counted c JOIN"
              + " events e ON e.user_id = c.user_id WHERE e.time < c.first AND e.time >= c.first - "
              + daysBefore * DAY_MILLIS
              + " GROUP BY c.unit");
      run(
          "CREATE TABLE units AS SELECT c.arm, c.answers, c.propositions, c.degraded, c.millis,"
              + " c.timed, coalesce(k.clicks, 0) AS clicks, coalesce(k.accepted, 0) AS accepted,"
              + " coalesce(v.converted, 0) AS converted, coalesce(v.value, 0) AS value,"
              + " coalesce(b.clicks_before, 0) AS clicks_before, coalesce(b.conversions_before, 0)"
              + " AS conversions_before, coalesce(b.value_before, 0) AS value_before FROM counted c"
              + " LEFT JOIN clicked k ON k.unit = c.unit LEFT JOIN converted v ON v.unit = c.unit"
              + " LEFT JOIN before b ON b.unit = c.unit");
    } catch (SQLException e) {
      duckdb.close();
      throw e;
    }
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = duckdb.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Up to when figures are of: the end that was asked for, or the first stop of a variant. */
  long until() {
    return until;
  }

  /** Units by the variant they were first assigned to, be it stopped. */
  Map<String, Long> assigned() throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT arm, count(*) FROM (SELECT arg_min(arm, time) AS arm FROM parts GROUP BY"
                    + " unit) GROUP BY arm ORDER BY arm")) {
      while (rows.next()) {
        counts.put(rows.getString(1), rows.getLong(2));
      }
    }
    return counts;
  }

  /** Units that saw several variants, and are left out. */
  long crossed() throws SQLException {
    return number(
        "SELECT count(*) FROM (SELECT unit FROM parts GROUP BY unit HAVING count(DISTINCT arm) >"
            + " 1)");
  }

  /** What is counted of a variant, by name. */
  Map<String, Double> counts(String variant) throws SQLException {
    Map<String, Double> counts = new LinkedHashMap<>();
    String[] names = {"answers", "propositions", "clicks", "accepted", "converted", "value"};
    StringBuilder sums = new StringBuilder("SELECT count(*)");
    for (String name : names) {
      sums.append(", coalesce(fsum(").append(name).append("), 0)");
    }
    try (Statement statement = duckdb.createStatement();
        ResultSet row =
            statement.executeQuery(sums + " FROM units WHERE arm = " + DuckDb.literal(variant))) {
      row.next();
      counts.put("units", row.getDouble(1));
      for (int at = 0; at < names.length; at++) {
        counts.put(names[at], row.getDouble(at + 2));
      }
    }
    return counts;
  }

  /** The sums of a figure of a variant. */
  Moments moments(Figure figure, String variant) throws SQLException {
    try (Statement statement = duckdb.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT "
                    + figure.sums()
                    + " FROM (SELECT "
                    + figure.columns()
                    + " FROM units WHERE arm = "
                    + DuckDb.literal(variant)
                    + ")")) {
      row.next();
      return new Moments(
          row.getDouble(1),
          row.getDouble(2),
          row.getDouble(3),
          row.getDouble(4),
          row.getDouble(5),
          row.getDouble(6),
          row.getDouble(7),
          row.getDouble(8),
          row.getDouble(9),
          row.getDouble(10));
    }
  }

  /** Quantiles of a variant's latency in milliseconds; NaN where nothing was timed. */
  Map<String, Double> latencies(String variant) throws SQLException {
    Map<String, Double> latencies = new LinkedHashMap<>();
    double[] shares = {0.5, 0.95, 0.99};
    for (double share : shares) {
      try (Statement statement = duckdb.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT quantile_cont(took_nanos / 1e6, "
                      + share
                      + ") FROM parts WHERE arm = "
                      + DuckDb.literal(variant)
                      + " AND unit IN (SELECT unit FROM counted) AND time < "
                      + until)) {
        row.next();
        double millis = row.getDouble(1);
        latencies.put("p" + Math.round(100 * share), row.wasNull() ? Double.NaN : millis);
      }
    }
    return latencies;
  }

  @Override
  public void close() throws SQLException {
    duckdb.close();
  }
}
