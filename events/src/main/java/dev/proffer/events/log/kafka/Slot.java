package dev.proffer.events.log.kafka;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * One entry under way. Belongs to the relay's thread, but for what the producer says of it: {@link
 * #acknowledged}, and {@link #failure}, which is handed over by the queue of failed slots.
 */
final class Slot {
  final long index;
  final long arrivedMillis;
  ProducerRecord<byte[], byte[]> record;
  int bytes;
  boolean letter;
  volatile boolean acknowledged;
  @Nullable Exception failure;

  Slot(long index, long arrivedMillis, ProducerRecord<byte[], byte[]> record) {
    this.index = index;
    this.arrivedMillis = arrivedMillis;
    this.record = record;
    this.bytes = size(record);
  }

  static int size(ProducerRecord<byte[], byte[]> record) {
    return record.key().length + record.value().length;
  }
}
