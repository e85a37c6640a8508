package dev.proffer.offline.warehouse;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the log in tables of an in-memory DuckDB, what stands in it twice left out. Belongs
 * to one thread.
 */
final class Batch implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int ROW_BYTES = 64; // what a row costs besides its texts, roughly
  private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

  private final Map<WarehouseTable, DuckDBAppender> appenders = new EnumMap<>(WarehouseTable.class);
  private final Map<WarehouseTable, Set<String>> keys = new EnumMap<>(WarehouseTable.class);
  private final Map<String, String> itemDigests;
  private final Map<String, String> newItemDigests = new HashMap<>();
  private final List<Forgotten> forgotten = new ArrayList<>();
  private final long numberBase;
  private final String today;
  private long arrived;
  private long order;
  private long bytes;
  private long duplicates;
  private String lastDay = "";
  private long lastDayNumber = Long.MIN_VALUE;

  /** A tombstone, and how many entries of the batch stand before it. */
  record Forgotten(long order, String erasureId, String userId, String quoted, long timeMillis) {}

  /**
   * An empty batch.
   *
   * @param itemDigests the digest of each item's latest row
   * @param number of the change it will be; item rows are numbered from it
   * @param todayMillis within the day of entries that have no time
   * @param arrivedMillis when the latest entry before the batch had arrived; 0 for none
   */
  Batch(
      DuckDBConnection duckdb,
      Map<String, String> itemDigests,
      long number,
      long todayMillis,
      long arrivedMillis)
      throws SQLException {
    this.arrived = arrivedMillis;
    this.itemDigests = itemDigests;
    this.numberBase = number << 32;
    this.today = day(todayMillis);
    try (Statement statement = duckdb.createStatement()) {
      for (WarehouseTable table : WarehouseTable.values()) {
        statement.execute("DROP TABLE IF EXISTS " + table.batch());
        statement.execute(table.createBatch());
      }
    }
    for (WarehouseTable table : WarehouseTable.values()) {
      appenders.put(table, duckdb.createAppender(DuckDBConnection.DEFAULT_SCHEMA, table.batch()));
      keys.put(table, new HashSet<>());
    }
  }

  /** Takes an entry. */
  void add(LogEntry entry) throws SQLException {
    order++;
    if (entry instanceof Event event) {
      arrived = Math.max(arrived, event.receivedMillis());
      add(event);
    } else if (entry instanceof Impression impression) {
      arrived = Math.max(arrived, impression.timeMillis());
      add(impression);
    } else if (entry instanceof Item item) {
      add(item);
    } else if (entry instanceof Aside aside) {
      if (isNew(WarehouseTable.ASIDES, aside.id())) {
        begin(WarehouseTable.ASIDES, day(aside.receivedMillis()))
            .append(aside.id())
            .append(aside.receivedMillis())
            .append(aside.field())
            .append(aside.reason())
            .append(aside.body())
            .endRow();
        bytes += ROW_BYTES + aside.body().length();
      }
    } else if (entry instanceof Erasure erasure) {
      forgotten.add(
          new Forgotten(
              order, erasure.id(), erasure.userId(), json(erasure.userId()), erasure.timeMillis()));
      if (isNew(WarehouseTable.ERASURES, erasure.id())) {
        begin(WarehouseTable.ERASURES, day(erasure.timeMillis()))
            .append(erasure.id())
            .append(erasure.timeMillis())
            .append(sha256(erasure.userId()))
            .endRow();
        bytes += ROW_BYTES;
      }
    }
  }

  private void add(Event event) throws SQLException {
    if (!isNew(WarehouseTable.EVENTS, event.id())) {
      return;
    }
    String fields = event.fields().isEmpty() ? null : json(new TreeMap<>(event.fields()));
    DuckDBAppender row = begin(WarehouseTable.EVENTS, day(event.receivedMillis()));
    row.append(event.id()).append(event.type()).append(event.userId());
    text(row, event.itemId());
    text(row, event.requestId());
    text(row, event.sessionId());
    row.append(event.timeMillis()).append(event.receivedMillis());
    text(row, fields);
    row.endRow();
    bytes += ROW_BYTES + event.id().length() + event.userId().length();
    bytes += fields == null ? 0 : fields.length();
  }

  private void add(Impression impression) throws SQLException {
    if (!isNew(WarehouseTable.IMPRESSIONS, impression.requestId())) {
      return;
    }
    String day = day(impression.timeMillis());
    DuckDBAppender row = begin(WarehouseTable.IMPRESSIONS, day);
    row.append(impression.requestId()).append(impression.userId());
    text(row, impression.sessionId());
    text(row, impression.device());
    text(row, impression.context());
    row.append(impression.contextType())
        .append(impression.timeMillis())
        .append(impression.servedBy());
    text(row, impression.modelVersion());
    row.append(impression.variant());
    text(row, impression.contractSha());
    row.append(impression.degraded())
        .append(impression.candidates())
        .append(impression.shown().size());
    if (impression.tookNanos() < 0) {
      row.appendNull();
    } else {
      row.append(impression.tookNanos());
    }
    row.endRow();
    bytes += 4 * ROW_BYTES;
    for (int slot = 0; slot < impression.shown().size(); slot++) {
      Impression.Shown shown = impression.shown().get(slot);
      begin(WarehouseTable.PROPOSITIONS, day)
          .append(impression.requestId())
          .append(slot)
          .append(impression.userId())
          .append(impression.timeMillis())
          .append(shown.itemId())
          .append(shown.sources())
          .append(shown.score())
          .append(shown.confidence())
          .append(shown.propensity())
          .append(shown.features())
          .endRow();
      bytes += 2 * ROW_BYTES + 4L * shown.features().length;
    }
  }

  private void add(Item item) throws SQLException {
    String attributes = json(new TreeMap<>(item.attributes()));
    String digest =
        Long.toHexString(
            Hash64.of(
                json(
                    List.of(
                        item.id(),
                        item.title(),
                        item.category() == null ? List.of() : item.category(),
                        item.addedMillis(),
                        attributes))));
    String latest = newItemDigests.getOrDefault(item.id(), itemDigests.get(item.id()));
    if (digest.equals(latest)) {
      duplicates++;
      return;
    }
    newItemDigests.put(item.id(), digest);
    DuckDBAppender row = begin(WarehouseTable.ITEMS, today);
    row.append(item.id()).append(numberBase + order).append(item.title());
    text(row, item.category());
    row.append(item.addedMillis()).append(attributes).append(digest);
    row.append(arrived).endRow();
    bytes += 2 * ROW_BYTES + attributes.length();
  }

  private boolean isNew(WarehouseTable table, String key) {
    if (keys.getOrDefault(table, Set.of()).add(key)) {
      return true;
    }
    duplicates++;
    return false;
  }

  private DuckDBAppender begin(WarehouseTable table, String day) throws SQLException {
    DuckDBAppender appender = appenders.get(table);
    if (appender == null) {
      throw new AssertionError(table);
    }
    return appender.beginRow().append(order).append(day);
  }

  private static void text(DuckDBAppender row, @Nullable String text) throws SQLException {
    if (text == null) {
      row.appendNull();
    } else {
      row.append(text);
    }
  }

  private String day(long millis) {
    long number = Math.floorDiv(millis, DAY_MILLIS);
    if (number != lastDayNumber) {
      lastDayNumber = number;
      lastDay = Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC).toLocalDate().toString();
    }
    return lastDay;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  /** The SHA-256 of every text and name in an aside's JSON; of what is none, nothing. */
  static Set<String> hashesOfTexts(String body) {
    Set<String> hashes = new HashSet<>();
    try (JsonParser in = JSON.createParser(body)) {
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        if (token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME) {
          hashes.add(sha256(in.getText()));
        }
      }
    } catch (IOException e) {
      // A pseudonym of the whole is no JSON; what was read until then counts.
    }
    return hashes;
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // plain values
    }
  }

  /** Makes the rows visible; nothing is added afterwards. */
  void finish() throws SQLException {
    for (DuckDBAppender appender : appenders.values()) {
      appender.close();
    }
    appenders.clear();
  }

  /** When the latest entry up to its end had arrived, epoch milliseconds; 0 for none. */
  long arrivedMillis() {
    return arrived;
  }

  /** Entries taken. */
  long entries() {
    return order;
  }

  /** How much memory it takes, roughly. */
  long bytes() {
    return bytes;
  }

  /** Entries left out because the batch holds them already. */
  long duplicates() {
    return duplicates;
  }

  List<Forgotten> forgotten() {
    return forgotten;
  }

  /** The digests of items that came or changed. */
  Map<String, String> newItemDigests() {
    return newItemDigests;
  }

  @Override
  public void close() throws SQLException {
    for (DuckDBAppender appender : appenders.values()) {
      appender.close();
    }
  }
}
