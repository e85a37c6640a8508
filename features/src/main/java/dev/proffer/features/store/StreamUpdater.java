package dev.proffer.features.store;

import dev.proffer.events.Item;
import dev.proffer.events.log.PartitionedLog;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.log.PartitionedLog.Stored;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of the group that folds the partitioned log into Redis: sequences of users, and the
 * statistics of each partition, which add up to those of all. Each partition has one writer at a
 * time; whoever was replaced is fenced off. What is in Redis is what the log folds to, once, in any
 * order of arrival and after any crash, as far as repetitions come within the remembered ids.
 *
 * <p>It also follows the items, and hands each on: statistics are over these.
 *
 * <p>A thread of its own, which does nothing but wait for Kafka and Redis; when either fails it
 * leaves the group, waits a moment and begins again with what Redis holds. Its figures may be read
 * from any thread.
 */
public final class StreamUpdater implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamUpdater.class);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Source source;
  private final RedisSpec spec;
  private final SequenceSpec sequence;
  private final RedisKeys keys;
  private final Vertx vertx;
  private final Consumer<Item> itemReader;
  private final Time time;
  private final Thread thread;
  private final Catalog.Builder items = new Catalog.Builder();
  private volatile boolean closing;
  private volatile @Nullable PartitionedLog polled;
  private volatile String trouble = "not begun";
  private final AtomicLong folded = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile long behind;
  private volatile int partitions;

  /** The log to follow. */
  public interface Source {
    /** By topic of {@link #events}, how many partitions it has. */
    Map<String, Integer> partitions();

    /** Joins the updaters' group, for events and impressions. */
    PartitionedLog events(PartitionedLog.Listener listener);

    /** All items from the oldest, for this reader alone. */
    PartitionedLog items();
  }

  /**
   * An updater that has not begun.
   *
   * @param vertx for Redis alone: its loop copies what is large
   * @param itemReader is given every item of the log, on the updater's thread
   */
  public StreamUpdater(
      Source source,
      Vertx vertx,
      RedisSpec spec,
      SequenceSpec sequence,
      Consumer<Item> itemReader,
      Time time) {
    this.source = source;
    this.vertx = vertx;
    this.spec = spec;
    this.sequence = sequence;
    this.keys = new RedisKeys(spec.prefix());
    this.itemReader = itemReader;
    this.time = time;
    this.thread = new Thread(this::run, "proffer-updater");
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Entries taken from the log. */
  public long folded() {
    return folded.get();
  }

  /** Repeated entries that were left out. */
  public long duplicates() {
    return duplicates.get();
  }

  /** How often Kafka or Redis failed it. */
  public long failures() {
    return failures.get();
  }

  /** Entries of its partitions that wait. */
  public long behind() {
    return behind;
  }

  /** How many partitions are its own. */
  public int partitions() {
    return partitions;
  }

  /** Why it does not follow the log, in words; empty when it does. */
  public String trouble() {
    return trouble;
  }

  /** Writes what is folded, leaves the group and ends the thread. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    PartitionedLog waiting = polled;
    if (waiting != null) {
      waiting.wakeup();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closing) {
      if (!spec.updating().enabled()) {
        followItems();
        continue;
      }
      try (RedisLink link = new RedisLink(vertx, spec)) {
        follow(link);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
  }

  private void failed(RuntimeException e) {
    long so = failures.incrementAndGet();
    if (trouble.isEmpty() || so % 120 == 1) {
      LOG.warn("the updater begins again, {} failures so far: {}", so, e.toString());
    }
    trouble = String.valueOf(e.getMessage());
    partitions = 0;
    if (!closing) {
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  /** Where others update, this gateway still learns of every item. */
  private void followItems() {
    try (PartitionedLog itemLog = source.items()) {
      polled = itemLog;
      while (!closing) {
        readItems(itemLog, POLL);
        trouble = "";
      }
    } catch (RuntimeException e) {
      failed(e);
    } finally {
      polled = null;
    }
  }

  private void follow(RedisLink link) {
    link.send(Request.cmd(Command.PING)); // no partition is taken that could not be written
    Map<String, Integer> layout = source.partitions();
    Request layoutRequest = Request.cmd(Command.HSET).arg(keys.layout());
    layout.forEach((topic, count) -> layoutRequest.arg(topic).arg(count));
    link.send(layoutRequest);
    Members members = new Members(link);
    try (PartitionedLog itemLog = source.items()) {
      // Events are counted over items: these first, as many as there are now.
      readItems(itemLog, Duration.ofSeconds(5));
      try (PartitionedLog log = source.events(members)) {
        members.log = log;
        polled = log;
        long settled = time.nanos();
        while (!closing) {
          List<Stored> entries = log.poll(POLL);
          readItems(itemLog, Duration.ZERO);
          members.apply(entries);
          behind = log.behind();
          if (time.nanos() - settled
              >= TimeUnit.MILLISECONDS.toNanos(spec.updating().statisticsWriteMillis())) {
            members.settle(List.copyOf(members.states.keySet()));
            members.check();
            settled = time.nanos();
          }
          trouble = "";
        }
        members.settle(List.copyOf(members.states.keySet()));
      } finally {
        polled = null;
      }
    }
  }

  private void readItems(PartitionedLog itemLog, Duration atMost) {
    for (List<Stored> read = itemLog.poll(atMost); !read.isEmpty(); ) {
      for (Stored stored : read) {
        if (stored.entry() instanceof Item item) {
          items.put(item);
          itemReader.accept(item);
        }
      }
      read = itemLog.poll(atMost.isZero() ? atMost : POLL);
    }
  }

  /** The partitions that are ours. */
  private final class Members implements PartitionedLog.Listener {
    private final RedisLink link;
    private final Map<Partition, PartitionState> states = new HashMap<>();
    private @Nullable PartitionedLog log;
    private @Nullable RuntimeException failure;

    Members(RedisLink link) {
      this.link = link;
    }

    @Override
    public void assigned(Collection<Partition> assigned) {
      // What fails here is thrown by the next turn of the loop, not into Kafka's client.
      try {
        for (Partition partition : assigned) {
          PartitionState state =
              PartitionState.load(partition, keys, link, sequence, spec.updating(), items);
          states.put(partition, state);
          log().seek(partition, state.offset());
        }
      } catch (RuntimeException e) {
        failure = e;
      }
      partitions = states.size();
    }

    @Override
    public void revoked(Collection<Partition> revoked) {
      try {
        settle(revoked);
      } catch (RuntimeException e) {
        LOG.warn("what was revoked is folded again by its next owner: {}", e.getMessage());
      }
      lost(revoked);
    }

    @Override
    public void lost(Collection<Partition> lost) {
      lost.forEach(states::remove);
      partitions = states.size();
    }

    void apply(List<Stored> entries) {
      RuntimeException failed = failure;
      if (failed != null) {
        throw failed;
      }
      Map<Partition, List<Stored>> byPartition = new LinkedHashMap<>();
      for (Stored stored : entries) {
        byPartition.computeIfAbsent(stored.partition(), p -> new ArrayList<>()).add(stored);
      }
      byPartition.forEach(
          (partition, own) -> {
            PartitionState state = states.get(partition);
            if (state != null) {
              long before = state.duplicates();
              state.apply(own);
              duplicates.addAndGet(state.duplicates() - before);
            }
          });
      folded.addAndGet(entries.size());
    }

    void settle(Collection<Partition> some) {
      Map<Partition, Long> done = new HashMap<>();
      for (Partition partition : some) {
        PartitionState state = states.get(partition);
        if (state != null && state.settle()) {
          done.put(partition, state.offset());
        }
      }
      // Redis says where to go on; Kafka is told so that others see how far the group is.
      if (!done.isEmpty()) {
        log().commit(done);
      }
    }

    /** Redis may have lost what is in it also while nothing happens. */
    void check() {
      List<PartitionState> own = List.copyOf(states.values());
      own.forEach(PartitionState::checkEpoch);
    }

    private PartitionedLog log() {
      PartitionedLog open = log;
      if (open == null) {
        throw new IllegalStateException("a partition came before the log was open");
      }
      return open;
    }
  }
}
