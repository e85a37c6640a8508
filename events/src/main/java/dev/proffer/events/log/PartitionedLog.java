package dev.proffer.events.log;

import dev.proffer.events.LogEntry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A log in partitions, read by one member of a group that shares them: each partition belongs to
 * one member at a time, and all entries of a user stand in one partition of their topic. At least
 * once: after a crash, what was processed and not committed comes again.
 *
 * <p>One thread owns a member and makes all calls, except {@link #wakeup}, which is safe from any
 * thread. The loop: {@link #poll}, process, {@link #commit} of {@link #positions}. The {@link
 * Listener} is called within {@code poll} and {@code close}, on the same thread, and may call
 * {@link #seek} and {@link #commit}.
 */
public interface PartitionedLog extends AutoCloseable {
  /** One partition of one topic. */
  record Partition(String topic, int number) {
    @Override
    public String toString() {
      return topic + "-" + number;
    }
  }

  /**
   * One entry and where it stands.
   *
   * @param offset grows by at least one from entry to entry of a partition
   */
  record Stored(Partition partition, long offset, LogEntry entry) {}

  /** Learns which partitions come and go. */
  interface Listener {
    /**
     * These are ours from here on, at the position the group committed last, or at their oldest
     * entry; {@link PartitionedLog#seek} says otherwise.
     */
    void assigned(Collection<Partition> partitions);

    /** These go to another member: the last moment to commit them. */
    void revoked(Collection<Partition> partitions);

    /** These went already, since this member was away for too long; nothing can be committed. */
    void lost(Collection<Partition> partitions);
  }

  /**
   * The next entries, a bounded number, in order within each partition; empty when none came in
   * time. Entries that cannot be read are counted, kept as dead letters and passed over.
   *
   * @throws RuntimeException when the log refuses, such as for want of permission; nothing is lost
   *     and it may be called again
   */
  List<Stored> poll(Duration atMost);

  /** Goes to an offset of a partition that is assigned; the next entry is that one or later. */
  void seek(Partition partition, long offset);

  /** For each partition assigned, the offset after the last entry that {@link #poll} gave. */
  Map<Partition, Long> positions();

  /**
   * Remembers for the group where to go on: for each partition the offset of the next entry. Waits
   * for the answer.
   *
   * @throws RuntimeException when it was not remembered, such as for partitions that went to
   *     another member; they will be processed again
   */
  void commit(Map<Partition, Long> next);

  /** How many entries the assigned partitions hold beyond what was polled, as far as is known. */
  long behind();

  /** Entries passed over because they cannot be read. */
  long unreadable();

  /** Makes a {@link #poll} that waits return at once. */
  void wakeup();

  /** Leaves the group; partitions go to other members at once. Commits nothing by itself. */
  @Override
  void close();
}
