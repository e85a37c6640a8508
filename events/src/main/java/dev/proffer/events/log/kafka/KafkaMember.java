package dev.proffer.events.log.kafka;

import dev.proffer.events.log.PartitionedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** A member of a consumer group. Belongs to one thread, except {@link #wakeup}. */
final class KafkaMember implements PartitionedLog {
  private final Consumer<byte[], byte[]> consumer;
  private final KafkaLog log;
  private long unreadable;

  KafkaMember(
      Consumer<byte[], byte[]> consumer,
      KafkaLog log,
      Collection<String> topics,
      Listener listener) {
    this.consumer = consumer;
    this.log = log;
    consumer.subscribe(
        topics,
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            listener.assigned(KafkaLog.ours(partitions));
          }

          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            listener.revoked(KafkaLog.ours(partitions));
          }

          @Override
          public void onPartitionsLost(Collection<TopicPartition> partitions) {
            listener.lost(KafkaLog.ours(partitions));
          }
        });
  }

  @Override
  public List<Stored> poll(Duration atMost) {
    try {
      List<Stored> entries = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(atMost)) {
        if (log.passesOver(record)) {
          continue;
        }
        Stored stored = log.stored(record);
        if (stored == null) {
          unreadable++;
        } else {
          entries.add(stored);
        }
      }
      return entries;
    } catch (WakeupException e) {
      return List.of();
    }
  }

  @Override
  public void seek(Partition partition, long offset) {
    consumer.seek(KafkaLog.kafka(partition), offset);
  }

  @Override
  public Map<Partition, Long> positions() {
    Map<Partition, Long> positions = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      positions.put(KafkaLog.ours(partition), consumer.position(partition));
    }
    return positions;
  }

  @Override
  public void commit(Map<Partition, Long> next) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    next.forEach(
        (partition, offset) ->
            offsets.put(KafkaLog.kafka(partition), new OffsetAndMetadata(offset)));
    consumer.commitSync(offsets);
  }

  @Override
  public long behind() {
    long behind = 0;
    for (TopicPartition partition : consumer.assignment()) {
      behind += consumer.currentLag(partition).orElse(0);
    }
    return behind;
  }

  @Override
  public long unreadable() {
    return unreadable;
  }

  @Override
  public void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
