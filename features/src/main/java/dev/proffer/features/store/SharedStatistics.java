package dev.proffer.features.store;

import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.StatisticsCodec;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statistics of all users, added up from those of the log's partitions as Redis has them. A
 * thread of its own reads what changed, at a fixed interval, and adds it all up again. What it
 * publishes is immutable and may be read from any thread.
 */
public final class SharedStatistics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedStatistics.class);

  private final Vertx vertx;
  private final RedisSpec spec;
  private final RedisKeys keys;
  private final SequenceSpec sequence;
  private final SharedSequences sequences;
  private final String eventsTopic;
  private final Supplier<Catalog> catalog;
  private final Time time;
  private final long intervalNanos;
  private final Thread thread;
  private final Map<Partition, Part> parts = new HashMap<>();
  private @Nullable Catalog addedOver;
  private volatile @Nullable Statistics statistics;
  private volatile long readNanos;
  private volatile boolean closing;
  private volatile String trouble = "not read yet";

  private record Part(String version, byte[] statistics) {}

  /**
   * Nothing read yet.
   *
   * @param vertx for Redis alone: its loop copies what is large
   * @param sequences is told how many partitions there are
   * @param catalog the catalog to count over, as of now
   */
  public SharedStatistics(
      Vertx vertx,
      RedisSpec spec,
      SequenceSpec sequence,
      SharedSequences sequences,
      String eventsTopic,
      Supplier<Catalog> catalog,
      long intervalMillis,
      Time time) {
    this.vertx = vertx;
    this.spec = spec;
    this.keys = new RedisKeys(spec.prefix());
    this.sequence = sequence;
    this.sequences = sequences;
    this.eventsTopic = eventsTopic;
    this.catalog = catalog;
    this.time = time;
    this.intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
    this.readNanos = time.nanos();
    this.thread = new Thread(this::run, "proffer-shared-statistics");
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** The statistics as last added up; null before the first time. */
  public @Nullable Statistics latest() {
    return statistics;
  }

  /** How long ago Redis was last read, in nanoseconds. */
  public long ageNanos() {
    return Math.max(0, time.nanos() - readNanos);
  }

  /** Why they are not renewed, in words; empty when they are. */
  public String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (RedisLink link = new RedisLink(vertx, spec)) {
      while (!closing) {
        try {
          renew(link);
          readNanos = time.nanos();
          trouble = "";
        } catch (RuntimeException e) {
          if (trouble.isEmpty()) {
            LOG.warn("the shared statistics stay as they are: {}", e.getMessage());
          }
          trouble = String.valueOf(e.getMessage());
        }
        LockSupport.parkNanos(intervalNanos);
      }
    }
  }

  private void renew(RedisLink link) {
    Map<String, Integer> layout = new TreeMap<>();
    Response read = link.send(Request.cmd(Command.HGETALL).arg(keys.layout()));
    if (read != null) {
      for (String topic : read.getKeys()) {
        Response count = read.get(topic);
        layout.put(topic, count == null ? 0 : count.toInteger());
      }
    }
    sequences.partitions(layout.getOrDefault(eventsTopic, 0));
    boolean changed = false;
    for (Map.Entry<String, Integer> topic : layout.entrySet()) {
      for (int number = 0; number < topic.getValue(); number++) {
        changed |= renew(link, new Partition(topic.getKey(), number));
      }
    }
    Catalog now = catalog.get();
    if (parts.isEmpty() || (!changed && now == addedOver)) {
      return;
    }
    Statistics sum =
        new Statistics(
            sequence.sessionGapMillis(), sequence.orderAttribute(), sequence.statistics());
    parts.forEach(
        (partition, part) -> {
          try {
            StatisticsCodec.add(part.statistics(), sum, now);
          } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                "the statistics of " + partition + " cannot be read: " + e.getMessage(), e);
          }
        });
    sum.forgetRarest(); // each part keeps as many pairs as the sum may
    addedOver = now;
    statistics = sum;
  }

  private boolean renew(RedisLink link, Partition partition) {
    Response held =
        link.send(Request.cmd(Command.HMGET).arg(keys.state(partition)).arg("epoch").arg("offset"));
    if (held == null || held.get(1) == null) {
      return parts.remove(partition) != null;
    }
    String version = held.get(0) + "@" + held.get(1);
    Part known = parts.get(partition);
    if (known != null && known.version().equals(version)) {
      return false;
    }
    Response bytes =
        link.send(Request.cmd(Command.HGET).arg(keys.state(partition)).arg("statistics"));
    if (bytes == null) {
      return parts.remove(partition) != null;
    }
    parts.put(partition, new Part(version, bytes.toBytes()));
    return true;
  }
}
