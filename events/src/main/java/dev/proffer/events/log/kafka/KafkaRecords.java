package dev.proffer.events.log.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.JsonLogCodec;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Log entries as Kafka records: the value is the entry as JSON, the headers are those of the
 * CloudEvents 1.0 Kafka protocol binding in binary mode, the key keeps a user, or an item, in one
 * partition. The same entry at the same index gives the same record. Not thread-safe.
 */
final class KafkaRecords {
  /** Why a record is a dead letter. */
  static final String REASON = "proffer_reason";

  private static final byte[] SPEC_VERSION = "1.0".getBytes(UTF_8);
  private static final byte[] JSON = "application/json".getBytes(UTF_8);
  private static final int DEAD_LETTER_BYTES = 64 * 1024;

  private static final String TYPE = "ce_type";
  private static final String TYPES = "dev.proffer.";
  private static final String ASIDE = "aside";

  private final KafkaSpec.Topics topics;
  private final byte[] source;
  private final Map<String, byte[]> types = new HashMap<>();

  KafkaRecords(KafkaSpec spec) {
    this.topics = spec.topics();
    this.source = spec.source().getBytes(UTF_8);
  }

  /**
   * The record of an entry.
   *
   * @param index where it stands in the log, which names a version of an item
   * @throws IllegalArgumentException when JSON cannot hold the entry
   */
  ProducerRecord<byte[], byte[]> of(LogEntry entry, long index) {
    byte[] value = JsonLogCodec.encode(entry);
    if (entry instanceof Event event) {
      return record(
          topics.events(),
          event.userId(),
          value,
          event.id(),
          "event",
          event.type(),
          event.timeMillis());
    }
    if (entry instanceof Impression shown) {
      return record(
          topics.impressions(),
          shown.userId(),
          value,
          shown.requestId(),
          "impression",
          "",
          shown.timeMillis());
    }
    if (entry instanceof Item item) {
      String id = item.id() + "@" + Long.toHexString(index);
      return record(topics.items(), item.id(), value, id, "item", "", item.addedMillis());
    }
    if (entry instanceof Erasure erasure) {
      return record(
          topics.events(),
          erasure.userId(),
          value,
          erasure.id(),
          "erasure",
          "",
          erasure.timeMillis());
    }
    if (entry instanceof Aside aside) {
      ProducerRecord<byte[], byte[]> record =
          record(
              topics.deadLetters(),
              aside.id(),
              value,
              aside.id(),
              ASIDE,
              "",
              aside.receivedMillis());
      record.headers().add("proffer_field", aside.field().getBytes(UTF_8));
      record.headers().add(REASON, aside.reason().getBytes(UTF_8));
      return record;
    }
    throw new AssertionError(entry);
  }

  /**
   * The dead letter of an entry that its own topic cannot take.
   *
   * @param value what there is of it; of a large one the beginning is sent
   * @param topic where it should have gone
   */
  ProducerRecord<byte[], byte[]> deadLetter(
      byte[] value, String topic, long index, String reason, long timeMillis) {
    boolean cut = value.length > DEAD_LETTER_BYTES;
    String id = "dead@" + Long.toHexString(index);
    ProducerRecord<byte[], byte[]> record =
        record(
            topics.deadLetters(),
            id,
            cut ? Arrays.copyOf(value, DEAD_LETTER_BYTES) : value,
            id,
            "dead-letter",
            "",
            timeMillis);
    record.headers().add(REASON, reason.getBytes(UTF_8));
    record.headers().add("proffer_topic", topic.getBytes(UTF_8));
    record.headers().add("proffer_index", Long.toHexString(index).getBytes(UTF_8));
    record.headers().add("proffer_bytes", Integer.toString(value.length).getBytes(UTF_8));
    return record;
  }

  /** The same dead letter with its headers alone. */
  static ProducerRecord<byte[], byte[]> headersOnly(ProducerRecord<byte[], byte[]> letter) {
    return new ProducerRecord<>(letter.topic(), null, letter.key(), new byte[0], letter.headers());
  }

  /** Whether a record of the dead letters' topic holds an aside, and so an entry of the log. */
  static boolean isAside(ConsumerRecord<byte[], byte[]> record) {
    Header type = record.headers().lastHeader(TYPE);
    return type != null && new String(type.value(), UTF_8).equals(TYPES + ASIDE);
  }

  private ProducerRecord<byte[], byte[]> record(
      String topic, String key, byte[] value, String id, String kind, String of, long timeMillis) {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, key.getBytes(UTF_8), value);
    Headers headers = record.headers();
    headers.add("ce_specversion", SPEC_VERSION);
    headers.add("ce_id", id.getBytes(UTF_8));
    headers.add("ce_source", source);
    headers.add(TYPE, type(kind, of));
    headers.add("ce_time", Instant.ofEpochMilli(timeMillis).toString().getBytes(UTF_8));
    headers.add("content-type", JSON);
    return record;
  }

  private byte[] type(String kind, String of) {
    return types.computeIfAbsent(
        of.isEmpty() ? kind : kind + "." + of, name -> (TYPES + name).getBytes(UTF_8));
  }
}
