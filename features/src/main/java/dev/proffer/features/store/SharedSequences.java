package dev.proffer.features.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.time.Time;
import dev.proffer.features.state.UserSequence;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Users' sequences as all gateways know them: what was read from Redis lately, decoded, and a
 * {@link SequenceReader} for each loop that reads what was not. Safe to share between threads.
 */
public final class SharedSequences {
  private final RedisSpec spec;
  private final RedisKeys keys;
  private final String topic;
  private final Partitioner partitioner;
  private final Time time;
  private final long freshNanos;
  private final Cache<String, Read> cache;
  private volatile int partitions;
  private final AtomicInteger readers = new AtomicInteger();
  private final AtomicInteger readersUp = new AtomicInteger();
  private final AtomicLong failures = new AtomicLong();
  private final LongAdder local = new LongAdder();
  private final LongAdder fetched = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final LongAdder staleNanos = new LongAdder();
  private final LongAdder late = new LongAdder();
  private volatile String trouble = "";

  /** Which partition of the log a user's events stand in. */
  @FunctionalInterface
  public interface Partitioner {
    /** The partition's number, from 0 to {@code partitions} less 1. */
    int partition(String userId, int partitions);
  }

  /** What was read, and when. */
  record Read(UserSequence sequence, long nanos) {}

  /**
   * No sequences yet.
   *
   * @param topic of the events
   */
  public SharedSequences(RedisSpec spec, String topic, Partitioner partitioner, Time time) {
    this.spec = spec;
    this.keys = new RedisKeys(spec.prefix());
    this.topic = topic;
    this.partitioner = partitioner;
    this.time = time;
    this.freshNanos = TimeUnit.MILLISECONDS.toNanos(spec.reading().stalenessMillis());
    this.cache =
        Caffeine.newBuilder()
            .maximumSize(spec.reading().cachedUsers())
            .expireAfterWrite(Duration.ofSeconds(spec.reading().keepSeconds()))
            .scheduler(Scheduler.systemScheduler()) // gone then, also when nobody asks
            .ticker(time::nanos)
            .build();
  }

  /** A reader for the calling event loop. */
  public SequenceReader reader(Vertx vertx) {
    readers.incrementAndGet();
    return new SequenceReader(vertx, spec, this);
  }

  /** Says how many partitions the events have; 0 while nobody knows. */
  public void partitions(int count) {
    partitions = count;
  }

  /** Whether the place of a user's sequence is known. */
  boolean knowsPlaces() {
    return partitions > 0;
  }

  String key(String userId) {
    int number = partitioner.partition(userId, partitions);
    return keys.sequence(new Partition(topic, number), userId);
  }

  @Nullable UserSequence fresh(String userId) {
    Read read = cache.getIfPresent(userId);
    if (read == null || time.nanos() - read.nanos() > freshNanos) {
      return null;
    }
    local.increment();
    return read.sequence();
  }

  @Nullable UserSequence stale(String userId) {
    Read read = cache.getIfPresent(userId);
    if (read == null) {
      late.increment();
      return null;
    }
    stale.increment();
    staleNanos.add(Math.max(0, time.nanos() - read.nanos()));
    return read.sequence();
  }

  void put(String userId, UserSequence sequence) {
    cache.put(userId, new Read(sequence, time.nanos()));
    fetched.increment();
  }

  /** Forgets what was read about a user. */
  public void forget(String userId) {
    cache.invalidate(userId);
  }

  void up(String noTrouble) {
    readersUp.incrementAndGet();
    trouble = noTrouble;
  }

  void down(String why) {
    readersUp.decrementAndGet();
    trouble = why;
  }

  void failed(String why) {
    failures.incrementAndGet();
    trouble = why;
  }

  /** The share of readers that have a connection, from 0 to 1. */
  public double availability() {
    return readers.get() == 0 ? 0 : (double) readersUp.get() / readers.get();
  }

  /** What is wrong, in words; empty when nothing is. */
  public String trouble() {
    if (readersUp.get() < readers.get()) {
      return trouble.isEmpty() ? "not connected yet" : trouble;
    }
    return knowsPlaces() ? "" : "no updater has written to it yet";
  }

  /** Reads that failed or took too long. */
  public long failures() {
    return failures.get();
  }

  /** Sequences that were at hand and fresh. */
  public long local() {
    return local.sum();
  }

  /** Sequences read from Redis. */
  public long fetched() {
    return fetched.sum();
  }

  /** Answers over a sequence read earlier than it may be. */
  public long stale() {
    return stale.sum();
  }

  /** How old the sequences of {@link #stale} were together, in nanoseconds. */
  public long staleNanos() {
    return staleNanos.sum();
  }

  /** Answers over this gateway's own events, since no sequence came in time. */
  public long late() {
    return late.sum();
  }
}
