package dev.proffer.features.store;

import dev.proffer.events.time.Time;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableHeader;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings versions of attribute tables into Redis, from where {@link TablePull} brings them into the
 * homes of gateways. The rows of a new version are written beside those of the old one, in buckets
 * by the hash of the id; then one command makes it the one that counts, so that a reader never sees
 * half of it.
 *
 * <p>A push that was killed goes on where it was: how far it is stands in Redis beside the rows.
 * What is replaced, and what another push began and never ended, expires after {@value
 * #GRACE_SECONDS} s, so that whoever read the name of the old version a moment ago still finds it.
 *
 * <p>Waits for Redis on the calling thread; never an event loop.
 */
public final class TablePush implements AutoCloseable {
  /** How long the rows of a replaced version stay. */
  public static final int GRACE_SECONDS = 300;

  static final String VERSION = "version";
  static final String BITS = "bits";
  static final String HEADER = "header";
  private static final String BEGUN = "begun:";
  private static final String AT = "at:";
  private static final int ROWS_A_BUCKET = 64;
  private static final int ROWS_A_BATCH = 1_024;

  private final Vertx vertx;
  private final RedisLink link;
  private final RedisKeys keys;
  private final Time time;

  /** Opens a way to Redis; nothing is sent yet. */
  public TablePush(RedisSpec spec, Time time) {
    this.vertx = Vertx.vertx();
    this.link = new RedisLink(vertx, spec);
    this.keys = new RedisKeys(spec.prefix());
    this.time = time;
  }

  /**
   * What a push did.
   *
   * @param resumedAt the row it went on from; 0 when it began
   * @param rows of the table
   * @param expired versions whose rows expire now
   */
  public record Report(int resumedAt, int rows, List<String> expired) {}

  /** How many bits of a hash name its bucket. */
  static int bits(int rows) {
    return Math.max(0, 32 - Integer.numberOfLeadingZeros(Math.max(0, rows / ROWS_A_BUCKET - 1)));
  }

  /** The bucket of a hash. */
  static long bucket(long idHash, int bits) {
    return bits == 0 ? 0 : idHash >>> (Long.SIZE - bits);
  }

  /** A hash as the name of a field. */
  static byte[] field(long idHash) {
    byte[] field = new byte[Long.BYTES];
    for (int at = 0; at < field.length; at++) {
      field[at] = (byte) (idHash >>> (Long.SIZE - 8 - 8 * at));
    }
    return field;
  }

  /** The hash that {@link #field} made a name of. */
  static long hash(byte[] field) {
    long hash = 0;
    for (byte one : field) {
      hash = hash << 8 | (one & 0xff);
    }
    return hash;
  }

  /**
   * Pushes a version and makes it the one that counts.
   *
   * @param rowsPerSecond how fast it may write; 0 for as fast as it can
   * @param progress told the rows that are in Redis, after each batch
   * @throws IllegalStateException when Redis fails; another push of the version goes on from there
   */
  public Report push(AttributeTable table, int rowsPerSecond, LongConsumer progress) {
    TableHeader header = table.header();
    String pointer = keys.table(header.table());
    String version = header.version();
    Map<String, Buffer> known = fields(pointer);
    int bits = bits(table.rows());
    int resumed = 0;
    if (!version.equals(text(known, VERSION))) {
      resumed = number(known, AT + version);
      link.send(Request.cmd(Command.HSET).arg(pointer).arg(BEGUN + version).arg(bits));
      write(table, bits, resumed, rowsPerSecond, progress);
      known = fields(pointer);
      String before = text(known, VERSION);
      Request flip =
          Request.cmd(Command.HSET)
              .arg(pointer)
              .arg(VERSION)
              .arg(version)
              .arg(BITS)
              .arg(bits)
              .arg(HEADER)
              .arg(Buffer.buffer(header.encode()));
      if (!before.isEmpty()) {
        flip.arg(BEGUN + before).arg(number(known, BITS)); // until it is seen to expire
      }
      link.send(flip);
    }
    progress.accept(table.rows());
    return new Report(resumed, table.rows(), expireOthers(header.table(), pointer, version));
  }

  private void write(
      AttributeTable table, int bits, int from, int rowsPerSecond, LongConsumer progress) {
    TableHeader header = table.header();
    String pointer = keys.table(header.table());
    long began = time.nanos();
    int row = from;
    while (row < table.rows()) {
      List<Request> batch = new ArrayList<>();
      int first = row;
      while (row < table.rows() && row - first < ROWS_A_BATCH) {
        long bucket = bucket(table.idHash(row), bits);
        Request rows =
            Request.cmd(Command.HSET).arg(keys.rows(header.table(), header.version(), bucket));
        for (; row < table.rows() && bucket(table.idHash(row), bits) == bucket; row++) {
          byte[] bytes = new byte[header.rowBytes()];
          table.copyRow(row, bytes);
          rows.arg(Buffer.buffer(field(table.idHash(row)))).arg(Buffer.buffer(bytes));
        }
        batch.add(rows);
      }
      link.batch(batch);
      link.send(Request.cmd(Command.HSET).arg(pointer).arg(AT + header.version()).arg(row));
      progress.accept(row);
      if (rowsPerSecond > 0) {
        long due = began + (long) ((row - from) * 1e9 / rowsPerSecond);
        for (long left = due - time.nanos(); left > 0; left = due - time.nanos()) {
          LockSupport.parkNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
        }
      }
    }
  }

  /** Lets the rows of all versions but one expire. */
  private List<String> expireOthers(String table, String pointer, String current) {
    List<String> expired = new ArrayList<>();
    Map<String, Buffer> known = fields(pointer);
    for (String field : known.keySet()) {
      if (!field.startsWith(BEGUN)) {
        continue;
      }
      String version = field.substring(BEGUN.length());
      if (!version.equals(current)) {
        long buckets = 1L << number(known, field);
        List<Request> batch = new ArrayList<>();
        for (long bucket = 0; bucket < buckets; bucket++) {
          batch.add(
              Request.cmd(Command.EXPIRE)
                  .arg(keys.rows(table, version, bucket))
                  .arg(GRACE_SECONDS));
          if (batch.size() == ROWS_A_BATCH) {
            link.batch(batch);
            batch.clear();
          }
        }
        link.batch(batch);
        expired.add(version);
      }
      link.send(Request.cmd(Command.HDEL).arg(pointer).arg(field).arg(AT + version));
    }
    return expired;
  }

  private Map<String, Buffer> fields(String key) {
    Response all = link.send(Request.cmd(Command.HGETALL).arg(key));
    Map<String, Buffer> fields = new HashMap<>();
    if (all != null) {
      for (String field : all.getKeys()) {
        fields.put(field, all.get(field).toBuffer());
      }
    }
    return fields;
  }

  private static String text(Map<String, Buffer> fields, String field) {
    Buffer value = fields.get(field);
    return value == null ? "" : value.toString(StandardCharsets.UTF_8);
  }

  private static int number(Map<String, Buffer> fields, String field) {
    String text = text(fields, field);
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  /**
   * Reads one entity's row as a table of its own; null when Redis has no version or no row of it.
   * For who may wait.
   */
  public @Nullable AttributeTable read(String table, long idHash) {
    Map<String, Buffer> known = fields(keys.table(table));
    Buffer header = known.get(HEADER);
    if (header == null) {
      return null;
    }
    String rows = keys.rows(table, text(known, VERSION), bucket(idHash, number(known, BITS)));
    Response row = link.send(Request.cmd(Command.HGET).arg(rows).arg(Buffer.buffer(field(idHash))));
    return row == null
        ? null
        : AttributeTable.ofRow(TableHeader.decode(header.getBytes()), idHash, row.toBytes());
  }

  @Override
  public void close() {
    link.close();
    vertx.close();
  }
}
