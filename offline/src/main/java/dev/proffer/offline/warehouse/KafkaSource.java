package dev.proffer.offline.warehouse;

import dev.proffer.events.LogEntry;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.log.PartitionedLog.Stored;
import dev.proffer.events.log.kafka.KafkaLog;
import dev.proffer.events.log.kafka.KafkaSpec;
import dev.proffer.events.time.Time;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The log as Kafka holds it, where the spools of several gateways meet, up to what was there when
 * the source was opened. Its positions are the next offset of every partition, as {@code
 * topic/partition=offset}, separated by commas.
 */
public final class KafkaSource implements LogSource {
  /** The name of this source. */
  public static final String NAME = "kafka";

  private final KafkaLog log;
  private final Collection<String> topics;
  private KafkaLog.@Nullable Reading reading;

  /** A source over all topics that the log comes back from, as a specification names them. */
  public static KafkaSource of(KafkaSpec spec, Path home, Time time) {
    return new KafkaSource(new KafkaLog(spec, new DeadLetters(home, time)), spec.logTopics());
  }

  /**
   * A source over some topics, all of which must be there.
   *
   * @param log what they are read through
   */
  public KafkaSource(KafkaLog log, Collection<String> topics) {
    this.log = log;
    this.topics = topics;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void open(@Nullable String position) {
    reading = log.read(topics, parse(position));
  }

  static Map<Partition, Long> parse(@Nullable String position) {
    Map<Partition, Long> offsets = new HashMap<>();
    for (String part : position == null ? new String[0] : position.split(",", -1)) {
      int slash = part.lastIndexOf('/');
      int equals = part.lastIndexOf('=');
      if (slash < 1 || equals < slash) {
        throw new IllegalArgumentException(
            "\"" + part + "\" is not a position in Kafka; expected topic/partition=offset");
      }
      offsets.put(
          new Partition(
              part.substring(0, slash), Integer.parseInt(part.substring(slash + 1, equals))),
          Long.parseLong(part.substring(equals + 1)));
    }
    return offsets;
  }

  static String text(Map<Partition, Long> offsets) {
    Map<String, Long> sorted = new TreeMap<>();
    offsets.forEach((at, offset) -> sorted.put(at.topic() + "/" + at.number(), offset));
    return sorted.entrySet().stream()
        .map(one -> one.getKey() + "=" + one.getValue())
        .collect(Collectors.joining(","));
  }

  @Override
  public @Nullable LogEntry next() {
    Stored stored = opened().next();
    return stored == null ? null : stored.entry();
  }

  @Override
  public @Nullable String position() {
    Map<Partition, Long> offsets = opened().positions();
    return offsets.isEmpty() ? null : text(offsets);
  }

  /** Tombstones and impressions have topics of their own. */
  @Override
  public boolean ordered() {
    return false;
  }

  @Override
  public long unreadable() {
    return opened().unreadable();
  }

  private KafkaLog.Reading opened() {
    KafkaLog.Reading open = reading;
    if (open == null) {
      throw new IllegalStateException("not open");
    }
    return open;
  }

  @Override
  public void close() {
    if (reading != null) {
      reading.close();
    }
  }
}
