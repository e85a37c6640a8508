package dev.proffer.offline.build;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.time.Time;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.ingest.DatasetSpec;
import dev.proffer.offline.warehouse.Compaction;
import dev.proffer.offline.warehouse.SpoolSource;
import dev.proffer.offline.warehouse.Warehouse;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Training sets for tests: entries into a log, the log into a warehouse, the warehouse into rows.
 */
public final class Sets {
  private Sets() {}

  /** The warehouse of a home whose log is these entries. */
  public static Path warehouse(Path home, List<? extends LogEntry> entries)
      throws IOException, SQLException {
    Shop.append(home, entries);
    compact(home);
    return home;
  }

  /** Compacts what the log gained. */
  public static void compact(Path home) throws IOException, SQLException {
    try (Warehouse warehouse = Warehouse.open(home);
        EventLog log = EventLog.open(home.resolve("log"));
        SpoolSource source = new SpoolSource(log, false);
        Compaction compaction =
            new Compaction(warehouse, source, Time.system(), Compaction.Limits.DEFAULT)) {
      compaction.run((batches, read, duplicates) -> {});
    }
  }

  /** A shipped sample: its items, and its events by their time. */
  public static void real(String dataset, String file, List<Item> items, List<Event> events)
      throws IOException {
    Problems problems = new Problems();
    DatasetSpec spec =
        DatasetSpec.read(Shop.SHIPPED.resolve("datasets/" + dataset + ".yaml"), problems);
    problems.throwIfAny();
    Dataset read =
        Dataset.read(
            spec,
            List.of(Shop.SHIPPED.resolveSibling("data").resolve(file)),
            Settings.read(Shop.SHIPPED).events(),
            Long.MAX_VALUE);
    if (!read.rejected().isEmpty()) {
      throw new IllegalStateException(read.rejected().get(0).toString());
    }
    items.addAll(read.items());
    events.addAll(read.events());
    events.sort(Comparator.comparingLong(Event::timeMillis));
  }

  /**
   * Items and events as a log, where each of the last events answers an impression of the moment
   * before that showed its item among others.
   */
  public static List<LogEntry> answered(List<Item> items, List<Event> events, int last, int shown) {
    List<LogEntry> log = new ArrayList<>(items);
    Random random = new Random(31);
    for (int at = 0; at < events.size(); at++) {
      Event event = events.get(at);
      if (at < events.size() - last) {
        log.add(event);
        continue;
      }
      List<Impression.Shown> slots = new ArrayList<>();
      int place = random.nextInt(shown);
      for (int slot = 0; slot < shown; slot++) {
        String item =
            slot == place
                ? String.valueOf(event.itemId())
                : items.get(random.nextInt(items.size())).id();
        slots.add(new Impression.Shown(item, List.of(), 0, 0, 1, new float[0]));
      }
      log.add(
          new Impression(
              "r-" + event.id(),
              event.userId(),
              null,
              random.nextBoolean() ? "mobile" : null,
              random.nextBoolean() ? slots.get(0).itemId() : null,
              "item",
              event.timeMillis() - 1,
              "ml_ranker",
              "v",
              "",
              null,
              List.of(),
              shown,
              slots));
      log.add(
          new Event(
              event.id(),
              event.type(),
              event.userId(),
              event.itemId(),
              "r-" + event.id(),
              event.sessionId(),
              event.timeMillis(),
              event.receivedMillis(),
              event.fields()));
    }
    return log;
  }

  /** What a task's set is, as of an instant. */
  public static BuildSpec spec(
      Path config, String task, String contract, long asOf, KnownAt known) {
    Settings settings = Settings.read(config);
    ModelsSpec.Task of = Objects.requireNonNull(settings.models().tasks().get(task));
    return BuildSpec.of(settings, of, contract, asOf, known);
  }

  /** Builds a set by an engine. */
  public static BuildReport build(
      BuildEngine engine, BuildSpec spec, Path config, Path home, Path out, int stretches)
      throws IOException {
    try (Warehouse warehouse = Warehouse.open(home)) {
      return engine.build(
          spec,
          config,
          warehouse,
          out,
          new BuildEngine.Parallelism(stretches, "local[2]"),
          Time.system());
    }
  }

  /** Builds a set and reads it. */
  public static List<String> rows(BuildSpec spec, Path config, Path home, Path out, int stretches)
      throws IOException, SQLException {
    build(new DuckDbEngine(), spec, config, home, out, stretches);
    return read(out);
  }

  /** The rows of a set in their order, columns with bars between, floats by their bits. */
  public static List<String> read(Path set) throws IOException, SQLException {
    List<String> rows = new ArrayList<>();
    List<Path> files = TrainingSet.parquet(set);
    if (files.isEmpty()) {
      return rows;
    }
    String list =
        files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", ", "[", "]"));
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery("SELECT * FROM read_parquet(" + list + ")")) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        StringBuilder row = new StringBuilder();
        for (int at = 1; at <= columns; at++) {
          Object value = result.getObject(at);
          row.append(at == 1 ? "" : "|")
              .append(
                  value instanceof Float number
                      ? Integer.toHexString(Float.floatToRawIntBits(number))
                      : value);
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }
}
