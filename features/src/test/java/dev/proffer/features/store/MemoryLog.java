package dev.proffer.features.store;

import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.PartitionedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A partitioned log in memory, whose members get the partitions they are given. Thread-safe. */
final class MemoryLog {
  static final String EVENTS = "events";
  static final String IMPRESSIONS = "impressions";
  static final String ITEMS = "items";

  private final Map<PartitionedLog.Partition, List<LogEntry>> partitions = new LinkedHashMap<>();
  private final int count;

  MemoryLog(int count) {
    this.count = count;
  }

  synchronized void append(LogEntry entry) {
    partitions.computeIfAbsent(partition(entry), p -> new ArrayList<>()).add(entry);
  }

  private PartitionedLog.Partition partition(LogEntry entry) {
    if (entry instanceof Event event) {
      return partitionOf(event.userId());
    }
    return entry instanceof Impression impression
        ? new PartitionedLog.Partition(
            IMPRESSIONS, Math.floorMod(impression.userId().hashCode(), count))
        : new PartitionedLog.Partition(ITEMS, 0);
  }

  PartitionedLog.Partition partitionOf(String userId) {
    return new PartitionedLog.Partition(EVENTS, Math.floorMod(userId.hashCode(), count));
  }

  Map<String, Integer> layout() {
    return Map.of(EVENTS, count, IMPRESSIONS, count);
  }

  List<PartitionedLog.Partition> all() {
    List<PartitionedLog.Partition> all = new ArrayList<>();
    layout()
        .forEach(
            (topic, partitions) -> {
              for (int number = 0; number < partitions; number++) {
                all.add(new PartitionedLog.Partition(topic, number));
              }
            });
    return all;
  }

  private synchronized List<LogEntry> read(
      PartitionedLog.Partition partition, long from, int most) {
    List<LogEntry> held = partitions.getOrDefault(partition, List.of());
    int begin = (int) Math.min(from, held.size());
    return List.copyOf(held.subList(begin, Math.min(held.size(), begin + most)));
  }

  /** A member that has these partitions from its first poll on. */
  PartitionedLog member(
      Collection<PartitionedLog.Partition> own, PartitionedLog.Listener listener) {
    return new Member(List.copyOf(own), listener);
  }

  /** Hears nothing. */
  static final PartitionedLog.Listener NOBODY =
      new PartitionedLog.Listener() {
        @Override
        public void assigned(Collection<PartitionedLog.Partition> partitions) {}

        @Override
        public void revoked(Collection<PartitionedLog.Partition> partitions) {}

        @Override
        public void lost(Collection<PartitionedLog.Partition> partitions) {}
      };

  private final class Member implements PartitionedLog {
    private static final int MOST = 7;

    private final List<Partition> own;
    private final Listener listener;
    private final Map<Partition, Long> positions = new HashMap<>();
    private boolean joined;

    Member(List<Partition> own, Listener listener) {
      this.own = own;
      this.listener = listener;
    }

    @Override
    public List<Stored> poll(Duration atMost) {
      if (!joined) {
        joined = true;
        own.forEach(partition -> positions.put(partition, 0L));
        listener.assigned(own);
      }
      List<Stored> polled = new ArrayList<>();
      for (Partition partition : own) {
        long at = positions.getOrDefault(partition, 0L);
        for (LogEntry entry : read(partition, at, MOST)) {
          polled.add(new Stored(partition, at++, entry));
        }
        positions.put(partition, at);
      }
      if (polled.isEmpty()) {
        LockSupport.parkNanos(Math.min(atMost.toNanos(), 1_000_000));
      }
      return polled;
    }

    @Override
    public void seek(Partition partition, long offset) {
      positions.put(partition, offset);
    }

    @Override
    public Map<Partition, Long> positions() {
      return Map.copyOf(positions);
    }

    @Override
    public void commit(Map<Partition, Long> next) {}

    @Override
    public long behind() {
      long behind = 0;
      for (Partition partition : own) {
        behind += read(partition, positions.getOrDefault(partition, 0L), 1_000_000).size();
      }
      return behind;
    }

    @Override
    public long unreadable() {
      return 0;
    }

    @Override
    public void wakeup() {}

    @Override
    public void close() {
      listener.revoked(own);
    }
  }
}
