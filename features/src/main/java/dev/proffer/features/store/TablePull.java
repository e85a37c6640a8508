package dev.proffer.features.store;

import dev.proffer.features.tables.TableHeader;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TableWriter;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings the versions of attribute tables that {@link TablePush} left in Redis into a home: whole,
 * as a version of its registry, so that a request reads them where it reads every table, off the
 * heap and without waiting for anybody.
 *
 * <p>A version that is in the home already is not read again. It becomes the current one when Redis
 * turns to it, but not for being there at the start: somebody may have imported a newer one here
 * and not pushed it yet.
 *
 * <p>Waits for Redis on the calling thread; never an event loop. One call at a time.
 */
public final class TablePull implements AutoCloseable {
  private static final int BUCKETS_A_BATCH = 64;

  private final Vertx vertx;
  private final RedisLink link;
  private final RedisKeys keys;
  private final Map<String, String> seen = new HashMap<>();

  /** Opens a way to Redis; nothing is sent yet. */
  public TablePull(RedisSpec spec) {
    this.vertx = Vertx.vertx();
    this.link = new RedisLink(vertx, spec);
    this.keys = new RedisKeys(spec.prefix());
  }

  /**
   * Looks at one table.
   *
   * @return whether the home has another current version now
   * @throws IllegalStateException when Redis fails, or its rows are not those of its header; the
   *     home is as it was, and the next call tries again
   */
  public boolean pull(TableSpec spec, TableRegistry registry) throws IOException {
    String table = spec.name();
    String pointer = keys.table(table);
    Response counts = link.send(Request.cmd(Command.HGET).arg(pointer).arg(TablePush.VERSION));
    String version = counts == null ? "" : counts.toString();
    String before = seen.get(table);
    if (version.isEmpty() || version.equals(before)) {
      return false;
    }
    boolean changed = false;
    if (!registry.versions(table).contains(version)) {
      changed = fetch(spec, registry, pointer, version);
      if (!changed) {
        return false; // it turned while it was looked at: the next call sees what to
      }
    } else if (before != null && !version.equals(registry.current(table))) {
      registry.makeCurrent(table, version);
      changed = true;
    }
    seen.put(table, version);
    return changed;
  }

  private boolean fetch(TableSpec spec, TableRegistry registry, String pointer, String version)
      throws IOException {
    Response all =
        link.send(
            Request.cmd(Command.HMGET)
                .arg(pointer)
                .arg(TablePush.VERSION)
                .arg(TablePush.BITS)
                .arg(TablePush.HEADER));
    if (all == null || all.get(2) == null || !version.equals(text(all.get(0)))) {
      return false;
    }
    TableHeader header = TableHeader.decode(all.get(2).toBytes());
    long buckets = 1L << Integer.parseInt(text(all.get(1)));
    registry.publish(
        spec,
        version,
        header.asOfMillis(),
        out -> {
          out.takeTexts(header);
          for (long first = 0; first < buckets; first += BUCKETS_A_BATCH) {
            copy(header, version, first, Math.min(buckets, first + BUCKETS_A_BATCH), out);
          }
          if (out.rows() != header.rows()) {
            throw new IllegalStateException(
                "Redis holds "
                    + out.rows()
                    + " rows of version "
                    + version
                    + " of the table "
                    + spec.name()
                    + ", its header says "
                    + header.rows());
          }
        });
    return true;
  }

  private void copy(TableHeader header, String version, long first, long end, TableWriter out)
      throws IOException {
    List<Request> batch = new ArrayList<>();
    for (long bucket = first; bucket < end; bucket++) {
      // Names and values in two lists, in the same order: names are bytes, no texts.
      String rows = keys.rows(header.table(), version, bucket);
      batch.add(Request.cmd(Command.HKEYS).arg(rows));
      batch.add(Request.cmd(Command.HVALS).arg(rows));
    }
    List<@Nullable Response> answers = link.batch(batch);
    for (int at = 0; at < answers.size(); at += 2) {
      Response names = answers.get(at);
      Response values = answers.get(at + 1);
      int many = names == null || values == null ? 0 : Math.min(names.size(), values.size());
      for (int row = 0; row < many; row++) {
        out.copy(TablePush.hash(names.get(row).toBytes()), values.get(row).toBytes());
      }
    }
  }

  private static String text(@Nullable Response response) {
    return response == null ? "" : response.toString();
  }

  @Override
  public void close() {
    link.close();
    vertx.close();
  }
}
