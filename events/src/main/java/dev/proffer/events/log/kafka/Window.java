package dev.proffer.events.log.kafka;

import java.util.ArrayDeque;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What is under way, in log order, bounded in records and bytes. Leaves at its head only, once that
 * is acknowledged, so the position never passes a gap. Belongs to the relay's thread.
 */
final class Window {
  private final ArrayDeque<Slot> slots = new ArrayDeque<>();
  private final int mostRecords;
  private final long mostBytes;
  private long bytes;

  Window(int mostRecords, long mostBytes) {
    this.mostRecords = mostRecords;
    this.mostBytes = mostBytes;
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  int size() {
    return slots.size();
  }

  /** Whether one more may be taken in; the last one may pass the bound of bytes. */
  boolean hasRoom() {
    return slots.size() < mostRecords && bytes < mostBytes;
  }

  void add(Slot slot) {
    slots.add(slot);
    bytes += slot.bytes;
  }

  /** The oldest; null when nothing is under way. */
  @Nullable Slot head() {
    return slots.peek();
  }

  /** Takes out the oldest where it is acknowledged; null where it is not. */
  @Nullable Slot removeAcknowledged() {
    Slot head = slots.peek();
    if (head == null || !head.acknowledged) {
      return null;
    }
    slots.remove();
    bytes -= head.bytes;
    return head;
  }

  /** Sends another record in place of a slot's own. */
  void replace(Slot slot, ProducerRecord<byte[], byte[]> record) {
    bytes -= slot.bytes;
    slot.record = record;
    slot.bytes = Slot.size(record);
    bytes += slot.bytes;
  }
}
