package dev.proffer.events.log.kafka;

import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.JsonLogCodec;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.PartitionedLog;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.log.PartitionedLog.Stored;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * The log as Kafka holds it, to be read in two ways: as a {@link #member} of a group that follows
 * it without end, or in a {@link #read} of everything up to now. Immutable and safe to share; what
 * it opens belongs to one thread.
 */
public final class KafkaLog {
  private final KafkaSpec spec;
  private final DeadLetters deadLetters;

  /** The log that a specification points at; records that cannot be read go to the dead letters. */
  public KafkaLog(KafkaSpec spec, DeadLetters deadLetters) {
    if (!spec.enabled()) {
      throw new IllegalArgumentException(
          "no Kafka: bootstrap-servers in " + KafkaSpec.FILE + " is empty");
    }
    this.spec = spec;
    this.deadLetters = deadLetters;
  }

  /**
   * Joins the group that the specification names and shares the topics with its other members.
   *
   * @param topics some of {@link KafkaSpec#logTopics}; one that is missing is waited for
   */
  public PartitionedLog member(Collection<String> topics, PartitionedLog.Listener listener) {
    return member(spec.consuming().groupId(), topics, listener);
  }

  /** Joins another group than the specification names. */
  public PartitionedLog member(
      String groupId, Collection<String> topics, PartitionedLog.Listener listener) {
    Map<String, Object> properties = properties("proffer-member");
    KafkaSpec.Consuming consuming = spec.consuming();
    properties.put("group.id", groupId);
    properties.put("max.poll.records", consuming.maxPollRecords());
    properties.put("max.poll.interval.ms", consuming.maxPollIntervalMillis());
    properties.put("session.timeout.ms", consuming.sessionTimeoutMillis());
    properties.put("heartbeat.interval.ms", Math.max(1, consuming.sessionTimeoutMillis() / 4));
    properties.put(
        "partition.assignment.strategy",
        consuming.cooperative()
            ? "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
            : "org.apache.kafka.clients.consumer.RangeAssignor");
    return new KafkaMember(consumer(properties), this, topics, listener);
  }

  /**
   * Reads everything the topics hold now, from the given offsets on, and ends there. A partition
   * that is not named is read from its oldest record; one whose offset was deleted meanwhile too.
   * Of the dead letters' topic only the asides are given.
   *
   * @param topics some of {@link KafkaSpec#logTopics}
   * @param from for each partition the first offset wanted
   * @throws IllegalStateException when a topic is missing or no broker answers
   */
  public Reading read(Collection<String> topics, Map<Partition, Long> from) {
    return new Reading(consumer(properties("proffer-reading")), this, topics, from, null);
  }

  /**
   * Reads everything the topics hold now that Kafka has a time of at least {@code millis} for,
   * which is when it was relayed; later arrivals of earlier events are among it.
   */
  public Reading readSince(Collection<String> topics, long millis) {
    return new Reading(consumer(properties("proffer-reading")), this, topics, Map.of(), millis);
  }

  /**
   * The partition of the events and impressions of a user, among so many: Kafka's own choice for a
   * key (murmur2). Pure.
   */
  public static int partitionOf(String userId, int partitions) {
    byte[] key = userId.getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  /** Whether a record is a dead letter, which is no entry of the log. */
  boolean passesOver(ConsumerRecord<byte[], byte[]> record) {
    return record.topic().equals(spec.topics().deadLetters()) && !KafkaRecords.isAside(record);
  }

  /** The entry in a record, or null when it cannot be read and is a dead letter now. */
  @Nullable Stored stored(ConsumerRecord<byte[], byte[]> record) {
    Partition partition = new Partition(record.topic(), record.partition());
    byte[] value = record.value();
    String reason;
    if (value == null) {
      reason = "it has no value";
    } else {
      try {
        LogEntry entry = JsonLogCodec.decode(value);
        return new Stored(partition, record.offset(), entry);
      } catch (IllegalArgumentException e) {
        reason = String.valueOf(e.getMessage());
      }
    }
    deadLetters.keep("kafka", partition + "@" + record.offset(), reason, null, value);
    return null;
  }

  private Map<String, Object> properties(String clientId) {
    Map<String, Object> properties = spec.clientProperties(clientId);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("isolation.level", "read_committed");
    properties.put("allow.auto.create.topics", "false");
    return properties;
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> properties) {
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static TopicPartition kafka(Partition partition) {
    return new TopicPartition(partition.topic(), partition.number());
  }

  static Partition ours(TopicPartition partition) {
    return new Partition(partition.topic(), partition.partition());
  }

  static List<Partition> ours(Collection<TopicPartition> partitions) {
    return partitions.stream().map(KafkaLog::ours).toList();
  }

  /** A read of everything up to the moment it began. Belongs to one thread. */
  public static final class Reading implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Consumer<byte[], byte[]> consumer;
    private final KafkaLog log;
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final Map<Partition, Long> positions = new HashMap<>();
    private java.util.Iterator<ConsumerRecord<byte[], byte[]>> polled =
        List.<ConsumerRecord<byte[], byte[]>>of().iterator();
    private long unreadable;
    private int emptyPolls;

    private Reading(
        Consumer<byte[], byte[]> consumer,
        KafkaLog log,
        Collection<String> topics,
        Map<Partition, Long> from,
        @Nullable Long sinceMillis) {
      this.consumer = consumer;
      this.log = log;
      try {
        open(topics, from, sinceMillis);
      } catch (RuntimeException e) {
        consumer.close();
        throw new IllegalStateException(
            "Kafka at " + log.spec.bootstrapServers() + " cannot be read: " + e.getMessage(), e);
      }
    }

    private void open(
        Collection<String> topics, Map<Partition, Long> from, @Nullable Long sinceMillis) {
      List<TopicPartition> all =
          topics.stream()
              .flatMap(
                  topic -> {
                    var partitions = consumer.partitionsFor(topic, PATIENCE);
                    if (partitions == null || partitions.isEmpty()) {
                      throw new IllegalStateException("the topic " + topic + " is missing");
                    }
                    return partitions.stream()
                        .map(one -> new TopicPartition(one.topic(), one.partition()));
                  })
              .toList();
      consumer.assign(all);
      ends.putAll(consumer.endOffsets(all, PATIENCE));
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(all, PATIENCE);
      Map<TopicPartition, Long> starts = new HashMap<>(begins);
      from.forEach(
          (partition, offset) ->
              starts.computeIfPresent(kafka(partition), (known, begin) -> Math.max(begin, offset)));
      if (sinceMillis != null) {
        Map<TopicPartition, Long> times = new HashMap<>();
        all.forEach(one -> times.put(one, sinceMillis));
        consumer
            .offsetsForTimes(times, PATIENCE)
            .forEach(
                (one, found) ->
                    starts.put(one, found == null ? ends.getOrDefault(one, 0L) : found.offset()));
      }
      starts.forEach(
          (one, offset) -> {
            consumer.seek(one, offset);
            positions.put(ours(one), offset);
            if (offset >= ends.getOrDefault(one, 0L)) {
              finished(one);
            }
          });
    }

    /**
     * The next entry, in order within its partition, or null at the end. Records that cannot be
     * read are counted, kept as dead letters and passed over.
     *
     * @throws IllegalStateException when no broker answers any more
     */
    public @Nullable Stored next() {
      while (true) {
        while (polled.hasNext()) {
          ConsumerRecord<byte[], byte[]> record = polled.next();
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          Long end = ends.get(partition);
          if (end == null || record.offset() >= end) {
            continue; // written after the read began
          }
          positions.put(ours(partition), record.offset() + 1);
          if (log.passesOver(record)) {
            continue;
          }
          Stored stored = log.stored(record);
          if (stored != null) {
            return stored;
          }
          unreadable++;
        }
        // Also past what a compacted or transactional partition holds no record for.
        for (TopicPartition partition : List.copyOf(ends.keySet())) {
          if (consumer.position(partition, PATIENCE) >= ends.getOrDefault(partition, 0L)) {
            finished(partition);
          }
        }
        if (ends.isEmpty()) {
          return null;
        }
        polled = consumer.poll(Duration.ofSeconds(1)).iterator();
        emptyPolls = polled.hasNext() ? 0 : emptyPolls + 1;
        if (emptyPolls > PATIENCE.toSeconds()) {
          throw new IllegalStateException(
              "Kafka at "
                  + log.spec.bootstrapServers()
                  + " did not answer for "
                  + PATIENCE.toSeconds()
                  + " s; read so far: "
                  + positions);
        }
      }
    }

    private void finished(TopicPartition partition) {
      Long end = ends.remove(partition);
      if (end != null) {
        positions.merge(ours(partition), end, Math::max);
      }
      consumer.pause(List.of(partition));
    }

    /** The partitions of the topics. */
    public Set<Partition> partitions() {
      return Set.copyOf(positions.keySet());
    }

    /** For each partition the offset to begin the next read at. */
    public Map<Partition, Long> positions() {
      return Map.copyOf(positions);
    }

    /** Records passed over because they cannot be read. */
    public long unreadable() {
      return unreadable;
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
