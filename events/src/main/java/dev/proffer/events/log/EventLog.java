package dev.proffer.events.log;

import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * The log of one home directory. Several threads and several processes may append and read at once,
 * each through an {@link Appender} or {@link Tail} of its own. What was appended survives the death
 * of the process; a record is seen whole or not at all.
 */
public final class EventLog implements AutoCloseable {
  static {
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
  }

  private final ChronicleQueue queue;

  private EventLog(ChronicleQueue queue) {
    this.queue = queue;
  }

  /** Opens the log in a directory, which is made if it is not there. */
  public static EventLog open(Path directory) {
    return new EventLog(
        SingleChronicleQueueBuilder.binary(directory).rollCycle(LegacyRollCycles.DAILY).build());
  }

  /** A writer for the calling thread. */
  public Appender appender() {
    return new Appender(queue.createAppender());
  }

  /** A reader for the calling thread, at the oldest record. */
  public Tail tail() {
    return new Tail(queue.createTailer().toStart());
  }

  @Override
  public void close() {
    queue.close();
  }

  /** Appends records. Belongs to the thread that made it. */
  public static final class Appender implements AutoCloseable {
    private final ExcerptAppender appender;

    private Appender(ExcerptAppender appender) {
      this.appender = appender;
    }

    /** Appends one encoded entry; when this returns it outlives the process. */
    public void append(byte[] entry) {
      try (DocumentContext document = appender.writingDocument()) {
        try {
          document.wire().bytes().write(entry);
        } catch (Throwable e) {
          document.rollbackOnClose();
          throw e;
        }
      }
    }

    @Override
    public void close() {
      appender.close();
    }
  }

  /** Reads records in log order. Belongs to the thread that made it. */
  public static final class Tail implements AutoCloseable {
    private final ExcerptTailer tailer;
    private byte[] buffer = new byte[4096];
    private long unreadable;
    private long index = -1;
    private long after = -1;

    private Tail(ExcerptTailer tailer) {
      this.tailer = tailer;
    }

    /**
     * The next entry, or null when there is none yet. A record that cannot be decoded is counted
     * and passed over.
     */
    public @org.jspecify.annotations.Nullable LogEntry next() {
      while (true) {
        try (DocumentContext document = tailer.readingDocument()) {
          if (!document.isPresent()) {
            return null;
          }
          if (document.index() <= after) {
            continue;
          }
          index = document.index();
          Bytes<?> bytes = document.wire().bytes();
          int length = Math.toIntExact(bytes.readRemaining());
          if (buffer.length < length) {
            buffer = new byte[Math.max(length, 2 * buffer.length)];
          }
          bytes.read(buffer, 0, length);
          try {
            return LogCodec.decode(buffer, 0, length);
          } catch (IllegalArgumentException e) {
            unreadable++;
          }
        }
      }
    }

    /** Where the entry that {@link #next} gave last stands in the log; -1 before the first. */
    public long index() {
      return index;
    }

    /**
     * Goes to just behind a record, so that {@link #next} gives what follows it. What was deleted
     * since is passed over.
     *
     * @param after an {@link #index} of an earlier tail
     */
    public void seek(long after) {
      this.after = after;
      if (!tailer.moveToIndex(after)) {
        tailer.toStart();
      }
    }

    /** How many records were passed over because they hold nothing this version knows. */
    public long unreadable() {
      return unreadable;
    }

    @Override
    public void close() {
      tailer.close();
    }
  }
}
