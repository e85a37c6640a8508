package dev.proffer.offline.warehouse;

import dev.proffer.events.LogEntry;
import dev.proffer.events.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log into a warehouse, batch by batch: what is there already is left out by its id, users
 * who asked to be forgotten are taken out of old files and new rows alike, and each batch and the
 * position behind it come into place in one {@link Change}. Then small files are merged. Belongs to
 * one thread.
 */
public final class Compaction implements AutoCloseable {
  private final Warehouse warehouse;
  private final LogSource source;
  private final Time time;
  private final Limits limits;
  private final Map<String, Integer> retainDays;
  private final DuckDBConnection duckdb;
  private final Map<String, String> itemDigests = new HashMap<>();
  private final Map<WarehouseTable, Long> written = new EnumMap<>(WarehouseTable.class);
  private long entries;
  private long duplicates;
  private long erasedRows;
  private long expiredRows;
  private long filesWritten;
  private long filesMerged;
  private long arrived;
  private long batches;

  /**
   * How much at once, and how far back.
   *
   * @param batchEntries most entries of a batch
   * @param batchBytes most bytes of a batch, roughly
   * @param duplicateDays how many days before a batch's first an id is looked for; 0 for all
   * @param mergeFiles this many small files of the current day are merged; of an earlier day, two
   * @param smallBytes what a small file is, and what files are merged up to
   */
  public record Limits(
      int batchEntries, long batchBytes, int duplicateDays, int mergeFiles, long smallBytes) {
    /** Batches of 500,000 entries or 256 MiB, ids looked for everywhere. */
    public static final Limits DEFAULT = new Limits(500_000, 256L << 20, 0, 16, 128L << 20);
  }

  /** Hears of progress. */
  public interface Listener {
    /** A batch was made; the figures are of the run so far. */
    void batch(long batches, long entries, long duplicates);
  }

  /** Prepares a run that keeps everything; the source is not opened yet, and not closed here. */
  public Compaction(Warehouse warehouse, LogSource source, Time time, Limits limits)
      throws SQLException, IOException {
    this(warehouse, source, time, limits, Map.of());
  }

  /**
   * Prepares a run; the source is not opened yet, and not closed here.
   *
   * @param retainDays by type, how many days its events are kept after that of their arrival; a
   *     type that is not in it is kept for ever
   */
  public Compaction(
      Warehouse warehouse,
      LogSource source,
      Time time,
      Limits limits,
      Map<String, Integer> retainDays)
      throws SQLException, IOException {
    this.retainDays = new TreeMap<>(retainDays);
    this.warehouse = warehouse;
    this.source = source;
    this.time = time;
    this.limits = limits;
    Files.createDirectories(warehouse.scratch());
    this.duckdb = DuckDb.open();
    try {
      run("SET temp_directory = " + literal(warehouse.scratch().toString()));
    } catch (SQLException e) {
      duckdb.close();
      throw e;
    }
  }

  /** Reads the source to its end. */
  public CompactionReport run(Listener listener) throws SQLException, IOException {
    long began = time.nanos();
    source.open(warehouse.manifest().positions().get(source.name()));
    readItemDigests();
    arrived = lastArrival();
    boolean more = true;
    while (more) {
      long number = warehouse.manifest().number() + 1;
      try (Batch batch = new Batch(duckdb, itemDigests, number, time.millis(), arrived)) {
        more = fill(batch);
        if (batch.entries() > 0) {
          batch.finish();
          write(batch, number);
          arrived = batch.arrivedMillis();
          batches++;
          listener.batch(batches, entries, duplicates);
        } else {
          noteEmptyStretch();
        }
      }
    }
    expire();
    merge();
    return new CompactionReport(
        source.name(),
        entries,
        source.unreadable(),
        written(WarehouseTable.EVENTS),
        written(WarehouseTable.IMPRESSIONS),
        written(WarehouseTable.PROPOSITIONS),
        written(WarehouseTable.ITEMS),
        written(WarehouseTable.ASIDES),
        written(WarehouseTable.ERASURES),
        duplicates,
        erasedRows,
        expiredRows,
        filesWritten,
        filesMerged,
        batches,
        (time.nanos() - began) / 1e9);
  }

  private long written(WarehouseTable table) {
    return written.getOrDefault(table, 0L);
  }

  /** Whether there may be more behind it. */
  private boolean fill(Batch batch) throws SQLException {
    while (batch.entries() < limits.batchEntries() && batch.bytes() < limits.batchBytes()) {
      LogEntry entry = source.next();
      if (entry == null) {
        return false;
      }
      batch.add(entry);
    }
    return true;
  }

  /** Records that nobody can read must not hold retention back for ever. */
  private void noteEmptyStretch() throws IOException {
    Map<String, String> positions = positions();
    if (!positions.equals(warehouse.manifest().positions())) {
      warehouse.commit(
          new Change(
              List.of(), List.of(), warehouse.manifest().with(positions, Set.of(), List.of())));
    }
  }

  private Map<String, String> positions() {
    Map<String, String> positions = new TreeMap<>(warehouse.manifest().positions());
    String position = source.position();
    if (position != null) {
      positions.put(source.name(), position);
    }
    return positions;
  }

  /** What a change will do, as it is found out. */
  private static final class Plan {
    private final long number;
    private final Set<String> deletes = new HashSet<>();
    private final List<Manifest.Part> added = new ArrayList<>();

    Plan(long number) {
      this.number = number;
    }
  }

  private void write(Batch batch, long number) throws SQLException, IOException {
    Plan plan = new Plan(number);
    forget(batch, plan);
    dropForgottenBefore();
    dropKnown();
    for (WarehouseTable table : WarehouseTable.values()) {
      for (String day : texts("SELECT DISTINCT day FROM " + table.batch() + " ORDER BY 1")) {
        long rows =
            copy(
                plan,
                table.word() + "/day=" + day,
                "SELECT "
                    + table.columnNames()
                    + " FROM "
                    + table.batch()
                    + " WHERE day = "
                    + literal(day)
                    + " ORDER BY ord");
        written.merge(table, rows, Long::sum);
      }
    }
    commit(plan, positions());
    itemDigests.putAll(batch.newItemDigests());
    entries += batch.entries();
    duplicates += batch.duplicates();
  }

  private void commit(Plan plan, Map<String, String> positions) throws IOException {
    warehouse.commit(
        new Change(
            plan.deletes.stream().sorted().toList(),
            plan.added.stream().map(Manifest.Part::path).toList(),
            warehouse.manifest().with(positions, plan.deletes, plan.added)));
    filesWritten += plan.added.size();
  }

  /** Takes out of the batch and of the files what stands before the tombstones in the batch. */
  private void forget(Batch batch, Plan plan) throws SQLException, IOException {
    if (batch.forgotten().isEmpty()) {
      return;
    }
    run("DROP TABLE IF EXISTS forgotten");
    run(
        "CREATE TABLE forgotten (ord BIGINT, user_id VARCHAR, quoted VARCHAR, time BIGINT, by_time"
            + " BOOLEAN)");
    Set<String> carriedOut = known(WarehouseTable.ERASURES);
    try (PreparedStatement insert =
        duckdb.prepareStatement("INSERT INTO forgotten VALUES (?, ?, ?, ?, ?)")) {
      for (Batch.Forgotten one : batch.forgotten()) {
        insert.setLong(1, one.order());
        insert.setString(2, one.userId());
        insert.setString(3, one.quoted());
        insert.setLong(4, one.timeMillis());
        // One that comes again says nothing of what was appended since it was carried out.
        insert.setBoolean(5, !carriedOut.add(one.erasureId()) || !source.ordered());
        insert.execute();
      }
    }
    for (WarehouseTable table : WarehouseTable.values()) {
      if (!table.personal()) {
        continue;
      }
      erasedRows +=
          run(
              "DELETE FROM "
                  + table.batch()
                  + " t WHERE EXISTS (SELECT 1 FROM forgotten f WHERE "
                  + (source.ordered() ? "t.ord < f.ord AND " : "")
                  + table.forgotten()
                  + ")");
      for (Manifest.Part part : affected(table)) {
        plan.deletes.add(part.path());
        long left =
            copy(
                plan,
                part.partition(),
                "SELECT "
                    + table.columnNames()
                    + " FROM "
                    + parquet(List.of(part))
                    + " t WHERE NOT EXISTS (SELECT 1 FROM forgotten f WHERE "
                    + table.forgotten()
                    + ")");
        erasedRows += part.rows() - left;
      }
    }
    run("DROP TABLE forgotten");
    // Before the tombstone is carried out for good: what is killed in between is done once more.
    erasedRows +=
        TrainingFiles.forget(
            duckdb,
            warehouse.home(),
            batch.forgotten().stream().map(Batch.Forgotten::userId).distinct().toList());
  }

  /** Takes out of the batch what tombstones of earlier batches reach, where no order tells. */
  private void dropForgottenBefore() throws SQLException {
    List<Manifest.Part> parts = warehouse.manifest().of(WarehouseTable.ERASURES);
    if (source.ordered() || parts.isEmpty()) {
      return;
    }
    // BY NAME, since files of version 1 lack a column.
    String erasures =
        "(SELECT user_sha256, time FROM "
            + WarehouseTable.ERASURES.batch()
            + " WHERE false UNION ALL BY NAME SELECT * FROM "
            + parquet(parts)
            + ")";
    for (WarehouseTable table : WarehouseTable.values()) {
      String reached = table.forgottenBefore();
      if (reached != null) {
        erasedRows +=
            run(
                "DELETE FROM "
                    + table.batch()
                    + " t WHERE EXISTS (SELECT 1 FROM "
                    + erasures
                    + " f WHERE "
                    + reached
                    + ")");
      }
    }
    dropAsidesForgottenBefore(erasures);
  }

  /** Whose an aside is, its texts say; of the users who are gone only hashes are kept. */
  private void dropAsidesForgottenBefore(String erasures) throws SQLException {
    String asides = WarehouseTable.ASIDES.batch();
    Map<String, Long> gone = new HashMap<>();
    List<String> reached = new ArrayList<>();
    try (Statement statement = duckdb.createStatement()) {
      String latest =
          "SELECT user_sha256, max(time) FROM "
              + erasures
              + " WHERE user_sha256 IS NOT NULL AND EXISTS (SELECT 1 FROM "
              + asides
              + ") GROUP BY 1";
      try (ResultSet rows = statement.executeQuery(latest)) {
        while (rows.next()) {
          gone.put(rows.getString(1), rows.getLong(2));
        }
      }
      if (gone.isEmpty()) {
        return;
      }
      try (ResultSet rows =
          statement.executeQuery("SELECT aside_id, received, body FROM " + asides)) {
        while (rows.next()) {
          long received = rows.getLong(2);
          if (Batch.hashesOfTexts(rows.getString(3)).stream()
              .anyMatch(hash -> received <= gone.getOrDefault(hash, Long.MIN_VALUE))) {
            reached.add(rows.getString(1));
          }
        }
      }
    }
    try (PreparedStatement delete =
        duckdb.prepareStatement("DELETE FROM " + asides + " WHERE aside_id = ?")) {
      for (String id : reached) {
        delete.setString(1, id);
        erasedRows += delete.executeUpdate();
      }
    }
  }

  private List<Manifest.Part> affected(WarehouseTable table) throws SQLException {
    List<Manifest.Part> affected = new ArrayList<>();
    for (Manifest.Part part : warehouse.manifest().of(table)) {
      String found =
          "SELECT 'found' FROM "
              + parquet(List.of(part))
              + " t WHERE EXISTS (SELECT 1 FROM forgotten f WHERE "
              + table.forgotten()
              + ") LIMIT 1";
      if (!texts(found).isEmpty()) {
        affected.add(part);
      }
    }
    return affected;
  }

  /** Takes out of the batch what the warehouse holds. */
  private void dropKnown() throws SQLException {
    for (WarehouseTable table : WarehouseTable.values()) {
      String key = table.key();
      List<Manifest.Part> parts = near(table, warehouse.manifest().of(table));
      if (key == null || parts.isEmpty()) {
        continue;
      }
      String known = " WHERE " + key + " IN (SELECT " + key + " FROM " + parquet(parts) + ")";
      if (table == WarehouseTable.IMPRESSIONS) {
        run("DELETE FROM " + WarehouseTable.PROPOSITIONS.batch() + known);
      }
      duplicates += run("DELETE FROM " + table.batch() + known);
    }
  }

  private List<Manifest.Part> near(WarehouseTable table, List<Manifest.Part> parts)
      throws SQLException {
    if (limits.duplicateDays() == 0) {
      return parts;
    }
    List<String> first = texts("SELECT min(day) FROM " + table.batch() + " HAVING count(*) > 0");
    if (first.isEmpty()) {
      return List.of();
    }
    LocalDate from = LocalDate.parse(first.get(0)).minusDays(limits.duplicateDays());
    return parts.stream().filter(part -> !LocalDate.parse(part.day()).isBefore(from)).toList();
  }

  private Set<String> known(WarehouseTable table) throws SQLException {
    List<Manifest.Part> parts = warehouse.manifest().of(table);
    return parts.isEmpty()
        ? new HashSet<>()
        : new HashSet<>(texts("SELECT " + table.key() + " FROM " + parquet(parts)));
  }

  /** When the latest entry of the warehouse had arrived; 0 for none. Parquet knows its maxima. */
  private long lastArrival() throws SQLException {
    long latest = 0;
    for (WarehouseTable table : List.of(WarehouseTable.EVENTS, WarehouseTable.IMPRESSIONS)) {
      List<Manifest.Part> parts = warehouse.manifest().of(table);
      if (!parts.isEmpty()) {
        for (String found :
            texts("SELECT max(" + table.arrival() + ")::VARCHAR FROM " + parquet(parts))) {
          latest = Math.max(latest, Long.parseLong(found));
        }
      }
    }
    return latest;
  }

  private void readItemDigests() throws SQLException {
    List<Manifest.Part> parts = warehouse.manifest().of(WarehouseTable.ITEMS);
    if (parts.isEmpty()) {
      return;
    }
    try (Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT item_id, arg_max(digest, number) FROM "
                    + parquet(parts)
                    + " GROUP BY item_id")) {
      while (rows.next()) {
        itemDigests.put(rows.getString(1), rows.getString(2));
      }
    }
  }

  /**
   * Takes events out that are older than their type is kept, by whole days of arrival: so a file is
   * written anew for it once a type, and a run that was killed is taken up by the next.
   */
  private void expire() throws SQLException, IOException {
    LocalDate today = Instant.ofEpochMilli(time.millis()).atZone(ZoneOffset.UTC).toLocalDate();
    Plan plan = new Plan(warehouse.manifest().number() + 1);
    long expired = 0;
    for (Manifest.Part part : warehouse.manifest().of(WarehouseTable.EVENTS)) {
      LocalDate day = LocalDate.parse(part.day());
      String types =
          retainDays.entrySet().stream()
              .filter(type -> day.isBefore(today.minusDays(type.getValue())))
              .map(type -> literal(type.getKey()))
              .collect(Collectors.joining(", "));
      String from = " FROM " + parquet(List.of(part)) + " WHERE type ";
      if (types.isEmpty()
          || texts("SELECT 'found'" + from + "IN (" + types + ") LIMIT 1").isEmpty()) {
        continue;
      }
      plan.deletes.add(part.path());
      expired +=
          part.rows() - copy(plan, part.partition(), "SELECT *" + from + "NOT IN (" + types + ")");
    }
    if (!plan.deletes.isEmpty()) {
      commit(plan, warehouse.manifest().positions());
      expiredRows += expired;
    }
  }

  /** Merges the small files of each day, so that hourly runs do not leave thousands. */
  private void merge() throws SQLException, IOException {
    String today =
        Instant.ofEpochMilli(time.millis()).atZone(ZoneOffset.UTC).toLocalDate().toString();
    Map<String, List<Manifest.Part>> partitions = new LinkedHashMap<>();
    for (Manifest.Part part : warehouse.manifest().files()) {
      if (part.bytes() < limits.smallBytes()) {
        partitions.computeIfAbsent(part.partition(), p -> new ArrayList<>()).add(part);
      }
    }
    for (Map.Entry<String, List<Manifest.Part>> partition : partitions.entrySet()) {
      List<Manifest.Part> small = partition.getValue();
      boolean over = small.get(0).day().compareTo(today) < 0;
      while (small.size() >= (over ? 2 : limits.mergeFiles())) {
        List<Manifest.Part> together = new ArrayList<>();
        long bytes = 0;
        while (!small.isEmpty() && (together.size() < 2 || bytes < limits.smallBytes())) {
          bytes += small.get(0).bytes();
          together.add(small.remove(0));
        }
        mergeInto(partition.getKey(), together);
      }
    }
  }

  private void mergeInto(String partition, List<Manifest.Part> parts)
      throws SQLException, IOException {
    Plan plan = new Plan(warehouse.manifest().number() + 1);
    parts.forEach(part -> plan.deletes.add(part.path()));
    copy(plan, partition, "SELECT * FROM " + parquet(parts));
    commit(plan, warehouse.manifest().positions());
    filesMerged += parts.size();
  }

  /** Stages a file with the rows of a query, unless there are none; says how many there are. */
  private long copy(Plan plan, String partition, String query) throws SQLException, IOException {
    String path =
        String.format(
            Locale.ROOT, "%s/part-%08d-%d.parquet", partition, plan.number, plan.added.size());
    var file = warehouse.staged(path);
    long rows =
        run(
            "COPY ("
                + query
                + ") TO "
                + literal(file.toString())
                + " (FORMAT parquet, COMPRESSION zstd)");
    if (rows == 0) {
      Files.deleteIfExists(file);
    } else {
      plan.added.add(new Manifest.Part(path, rows, Files.size(file)));
    }
    return rows;
  }

  private String parquet(List<Manifest.Part> parts) {
    return parquet(warehouse, parts);
  }

  /** The rows of some files, as a table in SQL. */
  static String parquet(Warehouse warehouse, List<Manifest.Part> parts) {
    return parts.stream()
        .map(part -> literal(warehouse.directory().resolve(part.path()).toString()))
        .collect(
            Collectors.joining(
                ", ", "read_parquet([", "], hive_partitioning = false, union_by_name = true)"));
  }

  private static String literal(String text) {
    return DuckDb.literal(text);
  }

  private long run(String sql) throws SQLException {
    try (Statement statement = duckdb.createStatement()) {
      boolean rows = statement.execute(sql);
      return rows ? 0 : Math.max(0, statement.getLargeUpdateCount());
    }
  }

  private List<@Nullable String> nullableTexts(String sql) throws SQLException {
    List<@Nullable String> texts = new ArrayList<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  private List<String> texts(String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    for (String text : nullableTexts(sql)) {
      if (text != null) {
        texts.add(text);
      }
    }
    return texts;
  }

  @Override
  public void close() throws SQLException {
    duckdb.close();
  }
}
