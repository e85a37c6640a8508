package dev.proffer.gateway.live;

import dev.proffer.events.Item;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.PartitionedLog;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.log.kafka.KafkaLog;
import dev.proffer.events.log.kafka.KafkaSpec;
import dev.proffer.events.time.Time;
import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.store.RedisSpec;
import dev.proffer.features.store.SharedSequences;
import dev.proffer.features.store.SharedStatistics;
import dev.proffer.features.store.StreamUpdater;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this gateway shares with others through Redis: sequences and statistics to read, and, where
 * there is a Kafka, its part in writing them. It begins whether or not Redis is there, and follows
 * it as it comes and goes. Safe to read from any thread.
 */
public final class SharedState implements AutoCloseable {
  private static final long NANOS_A_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Vertx vertx;
  private final SharedSequences sequences;
  private final SharedStatistics statistics;
  private final @Nullable StreamUpdater updater;

  /**
   * Nothing is read or written yet.
   *
   * @param refreshMillis how often statistics are read
   * @param items is given every item that any gateway took in, on another thread
   */
  public SharedState(
      RedisSpec redis,
      KafkaSpec kafka,
      SequenceSpec sequence,
      Worlds worlds,
      DeadLetters deadLetters,
      long refreshMillis,
      Consumer<Item> items,
      Time time) {
    // A loop apart from those that serve: statistics are large.
    this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    String events = kafka.topics().events();
    this.sequences = new SharedSequences(redis, events, KafkaLog::partitionOf, time);
    this.statistics =
        new SharedStatistics(
            vertx,
            redis,
            sequence,
            sequences,
            events,
            () -> worlds.now().catalog(),
            refreshMillis,
            time);
    this.updater =
        kafka.enabled()
            ? new StreamUpdater(
                new FromKafka(kafka, new KafkaLog(kafka, deadLetters), new TimeOrderedIds(time)),
                vertx,
                redis,
                sequence,
                items,
                time)
            : null;
  }

  /** Begins. */
  public void start() {
    statistics.start();
    if (updater != null) {
      updater.start();
    }
  }

  /** The sequences. */
  public SharedSequences sequences() {
    return sequences;
  }

  /** The statistics as last read; null before the first time. */
  public @Nullable Statistics statistics() {
    return statistics.latest();
  }

  /** How long ago the statistics were read, in seconds. */
  public double statisticsAgeSeconds() {
    return (double) statistics.ageNanos() / NANOS_A_SECOND;
  }

  /** The updater; null where there is no Kafka. */
  public @Nullable StreamUpdater updater() {
    return updater;
  }

  /** Whether everything is as it should be. */
  public boolean ok() {
    return sequences.trouble().isEmpty()
        && statistics.trouble().isEmpty()
        && (updater == null || updater.trouble().isEmpty());
  }

  /** How it is, in words. */
  public String words() {
    StringBuilder words = new StringBuilder();
    say(words, "sequences", sequences.trouble());
    say(words, "statistics", statistics.trouble());
    if (updater != null) {
      say(words, "updater", updater.trouble());
      words.append("; ").append(updater.partitions()).append(" partitions are its own");
    }
    return words.toString();
  }

  private static void say(StringBuilder words, String what, String trouble) {
    words
        .append(words.isEmpty() ? "" : "; ")
        .append(what)
        .append(": ")
        .append(trouble.isEmpty() ? "followed" : trouble);
  }

  @Override
  public void close() {
    if (updater != null) {
      updater.close();
    }
    statistics.close();
    vertx.close();
  }

  /** Events and impressions shared with the other updaters, items for this gateway alone. */
  private record FromKafka(KafkaSpec spec, KafkaLog log, TimeOrderedIds ids)
      implements StreamUpdater.Source {
    @Override
    public Map<String, Integer> partitions() {
      Map<String, Integer> counts = new TreeMap<>();
      try (KafkaLog.Reading all =
          log.read(List.of(spec.topics().events(), spec.topics().impressions()), Map.of())) {
        all.partitions().forEach(partition -> counts.merge(partition.topic(), 1, Integer::sum));
      }
      return counts;
    }

    @Override
    public PartitionedLog events(PartitionedLog.Listener listener) {
      return log.member(List.of(spec.topics().events(), spec.topics().impressions()), listener);
    }

    @Override
    public PartitionedLog items() {
      return log.member(
          "proffer-items-" + ids.next(), List.of(spec.topics().items()), new Nobody());
    }
  }

  /** A reader that keeps no position hears nothing of partitions. */
  private static final class Nobody implements PartitionedLog.Listener {
    @Override
    public void assigned(Collection<Partition> partitions) {}

    @Override
    public void revoked(Collection<Partition> partitions) {}

    @Override
    public void lost(Collection<Partition> partitions) {}
  }
}
