package dev.proffer.events.log;

import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.time.Time;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.text.ParsePosition;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import net.openhft.chronicle.wire.Wire;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one home directory. Several threads and several processes may append and read at once,
 * each through an {@link Appender} or {@link Tail} of its own. What was appended survives the death
 * of the process; what was also synced survives a loss of power. A record is seen whole or not at
 * all.
 *
 * <p>A directory that cannot be written to is opened for reading: {@link #writable} says so, and
 * {@link #tryWritable} tries again.
 */
public final class EventLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
  private static final String SUFFIX = ".cq4";
  private static final String METADATA = "metadata.cq4t";

  /** By how much a file grows; a record may take a quarter of it. */
  private static final int BLOCK_BYTES = 8 << 20;

  static {
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
    // Our own housekeeping watches the disk, and says what follows from it.
    System.setProperty("chronicle.disk.monitor.disable", "true");
  }

  private final Path directory;
  private final LogSpec spec;
  private final @Nullable Time time;
  private volatile @Nullable SingleChronicleQueue queue;
  private volatile boolean writable;
  private @Nullable SingleChronicleQueue formerQueue;
  private volatile SyncObserver syncs = SyncObserver.NOBODY;

  /** Is told of every sync, on the thread that waits for it. */
  interface SyncObserver {
    /** Watches nothing. */
    SyncObserver NOBODY =
        new SyncObserver() {
          @Override
          public void begins() {}

          @Override
          public void done() {}
        };

    /** It is about to begin; an exception is its failure. */
    void begins() throws IOException;

    /** It has returned: what was appended before it is on the disk. */
    void done();
  }

  private EventLog(Path directory, LogSpec spec, @Nullable Time time) {
    this.directory = directory;
    this.spec = spec;
    this.time = time;
  }

  /** Opens the log in a directory, which is made if it is not there, for a short visit. */
  public static EventLog open(Path directory) {
    return open(directory, LogSpec.DEFAULT, null);
  }

  /**
   * Opens the log in a directory, which is made if it is not there.
   *
   * @param time whose hours begin new files; null for the system's
   */
  public static EventLog open(Path directory, LogSpec spec, @Nullable Time time) {
    EventLog log = new EventLog(directory, spec, time);
    if (!log.tryWritable() && Files.exists(directory.resolve(METADATA))) {
      log.queue = log.builder().readOnly(true).build();
    }
    return log;
  }

  private SingleChronicleQueueBuilder builder() {
    SingleChronicleQueueBuilder builder =
        SingleChronicleQueueBuilder.binary(directory)
            .blockSize(BLOCK_BYTES)
            .rollCycle(rollCycle(directory, spec.roll()));
    if (spec.durability() == LogSpec.Durability.POWER) {
      builder.syncMode(SyncMode.SYNC);
    }
    Time clock = time;
    return clock == null ? builder : builder.timeProvider(clock::millis);
  }

  /**
   * When the log in a directory begins a new file. What a log was made with stands in its metadata
   * as a pattern of its files' names; Chronicle goes by that too, and warns about every other wish.
   */
  static RollCycle rollCycle(Path directory, LogSpec.Roll wanted) {
    String metadata = "";
    try {
      metadata = Files.readString(directory.resolve(METADATA), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      // It is being made.
    }
    // Each pattern begins with the one before, so the longest is looked for first.
    for (RollCycle made :
        new RollCycle[] {
          LegacyRollCycles.MINUTELY, LegacyRollCycles.HOURLY, LegacyRollCycles.DAILY
        }) {
      if (metadata.contains(made.format())) {
        return made;
      }
    }
    return switch (wanted) {
      case MINUTELY -> LegacyRollCycles.MINUTELY;
      case HOURLY -> LegacyRollCycles.HOURLY;
      case DAILY -> LegacyRollCycles.DAILY;
    };
  }

  /** Whether entries can be appended. */
  public boolean writable() {
    return writable;
  }

  /** Opens for writing what was open for reading only; whether it is writable now. */
  synchronized boolean tryWritable() {
    if (writable) {
      return true;
    }
    Path probe = directory.resolve("writable");
    try {
      Files.createDirectories(directory);
      Files.write(probe, new byte[0]);
      Files.delete(probe);
    } catch (IOException e) {
      LOG.warn("the log cannot be written to, nothing is taken in: {}", e.toString());
      return false;
    }
    formerQueue = queue; // its tails read on
    queue = builder().build();
    writable = true;
    return true;
  }

  /**
   * A writer for the calling thread.
   *
   * @throws IllegalStateException when the log is not {@link #writable}
   */
  public Appender appender() {
    SingleChronicleQueue open = queue;
    if (!writable || open == null) {
      throw new IllegalStateException(directory + " cannot be written to");
    }
    return new Appender(open.createAppender(), directory, syncs);
  }

  /** A reader for the calling thread, at the oldest record. */
  public Tail tail() {
    SingleChronicleQueue open = queue;
    return new Tail(open == null ? null : open.createTailer().toStart());
  }

  /** Has the syncs of appenders that are made from now on watched. */
  void watch(SyncObserver observer) {
    syncs = observer;
  }

  /** Where the log is. */
  Path directory() {
    return directory;
  }

  LogSpec spec() {
    return spec;
  }

  /**
   * One file of the log.
   *
   * @param firstIndex a lower bound of the indexes of its records
   * @param endMillis when it rolls or rolled, epoch milliseconds, exclusive
   */
  record Segment(Path path, long firstIndex, long endMillis, long bytes) {}

  /** The files, oldest first. */
  List<Segment> segments() {
    ChronicleQueue open = queue;
    return open == null ? List.of() : segments(directory, open.rollCycle());
  }

  static List<Segment> segments(Path directory, RollCycle roll) {
    List<Segment> segments = new ArrayList<>();
    DateTimeFormatter names = DateTimeFormatter.ofPattern(roll.format()).withZone(ZoneOffset.UTC);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        String name = file.getFileName().toString();
        if (name.endsWith(SUFFIX)) {
          String stem = name.substring(0, name.length() - SUFFIX.length());
          TemporalAccessor begin = names.parseUnresolved(stem, new ParsePosition(0));
          if (begin != null) {
            long millis = beginMillis(names.parse(stem));
            int cycle = (int) (millis / roll.lengthInMillis());
            segments.add(
                new Segment(
                    file,
                    roll.toIndex(cycle, 0),
                    millis + roll.lengthInMillis(),
                    Files.size(file)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return segments;
  }

  private static long beginMillis(TemporalAccessor begin) {
    return LocalDateTime.of(
            begin.get(ChronoField.YEAR),
            begin.get(ChronoField.MONTH_OF_YEAR),
            begin.get(ChronoField.DAY_OF_MONTH),
            begin.isSupported(ChronoField.HOUR_OF_DAY) ? begin.get(ChronoField.HOUR_OF_DAY) : 0,
            begin.isSupported(ChronoField.MINUTE_OF_HOUR)
                ? begin.get(ChronoField.MINUTE_OF_HOUR)
                : 0)
        .toInstant(ZoneOffset.UTC)
        .toEpochMilli();
  }

  /** The index of the last record; -1 when there is none. */
  public long lastIndex() {
    SingleChronicleQueue open = queue;
    return open == null ? -1 : open.lastIndex();
  }

  /**
   * Whether the log goes on behind an index: it still has that record, or has lost it with all
   * others to its age. A log that ends before it is another one, or has lost what was written last;
   * a reader that resumes behind the index would pass over what is appended now.
   */
  public boolean goesOnBehind(long index) {
    SingleChronicleQueue open = queue;
    if (open == null) {
      return true; // nothing can be read or written
    }
    long last = open.lastIndex();
    RollCycle roll = open.rollCycle();
    return last >= 0
        ? last >= index
        : index < roll.toIndex(roll.current(open.time(), open.epoch()), 0);
  }

  /** Waits until everything appended so far, by whomever, is on the disk. */
  public void force() throws IOException {
    if (!writable) {
      return;
    }
    for (Segment segment : segments()) {
      try (FileChannel file = FileChannel.open(segment.path(), StandardOpenOption.WRITE)) {
        file.force(false); // pages that were written through a mapping too
      }
    }
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  /** Deletes a file that nobody needs any more, and what it was before it was salvaged. */
  void delete(Segment segment) throws IOException {
    Files.deleteIfExists(segment.path());
    Files.deleteIfExists(LogSalvage.damaged(segment.path()));
    SingleChronicleQueue open = queue;
    if (open != null) {
      open.refreshDirectoryListing();
    }
    LOG.info(
        "deleted {}, whose last record is older than {}",
        segment.path().getFileName(),
        Instant.ofEpochMilli(segment.endMillis()));
  }

  /**
   * How many records stand in the log behind an index; -1 counts them all. Looks into the index of
   * each file from there on, so it is for figures, not for every record.
   */
  public long entriesAfter(long index) {
    SingleChronicleQueue open = queue;
    long last = open == null ? -1 : open.lastIndex();
    if (open == null || last < 0 || index >= last) {
      return 0;
    }
    long first = open.firstIndex();
    return index < first ? open.countExcerpts(first, last) + 1 : open.countExcerpts(index, last);
  }

  @Override
  public void close() {
    for (SingleChronicleQueue open : new SingleChronicleQueue[] {queue, formerQueue}) {
      if (open != null) {
        open.close();
      }
    }
  }

  /** Appends records. Belongs to the thread that made it. */
  public static final class Appender implements AutoCloseable {
    private final ExcerptAppender appender;
    private final Path directory;
    private final SyncObserver syncs;
    private @Nullable File syncedFile;

    private Appender(ExcerptAppender appender, Path directory, SyncObserver syncs) {
      this.appender = appender;
      this.directory = directory;
      this.syncs = syncs;
    }

    /** Appends one encoded entry; when this returns it outlives the process. */
    public long append(byte[] entry) {
      return append(entry, 0, entry.length);
    }

    /**
     * Appends one encoded entry; when this returns it outlives the process.
     *
     * @return its index
     */
    public long append(byte[] bytes, int offset, int length) {
      try (DocumentContext document = appender.writingDocument()) {
        try {
          document.wire().bytes().write(bytes, offset, length);
        } catch (Throwable e) {
          document.rollbackOnClose();
          throw e;
        }
      }
      return appender.lastIndexAppended();
    }

    /**
     * Waits until everything appended is on the disk, in a log whose durability is {@link
     * LogSpec.Durability#POWER}.
     */
    public void sync() throws IOException {
      syncs.begins();
      appender.sync();
      File file = appender.currentFile();
      if (file != null && !file.equals(syncedFile)) {
        // A new file survives only when its name does.
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
          names.force(true);
        }
        syncedFile = file;
      }
      syncs.done();
    }

    /** The file that is appended to, and how far it is written; null before the first entry. */
    LogPump.@Nullable Written written() {
      File file = appender.currentFile();
      Wire wire = appender.wire();
      return file == null || wire == null
          ? null
          : new LogPump.Written(file, wire.bytes().writePosition());
    }

    @Override
    public void close() {
      appender.close();
    }
  }

  /** Reads records in log order. Belongs to the thread that made it. */
  public static final class Tail implements AutoCloseable {
    private final @Nullable ExcerptTailer tailer;
    private byte[] buffer = new byte[4096];
    private long unreadable;
    private long index = -1;
    private long after = -1;
    private Unreadable reporting = (index, record, reason) -> {};

    /** Is told of records that hold nothing this version knows, on the tail's thread. */
    @FunctionalInterface
    public interface Unreadable {
      /** One record, where it stands and why it cannot be read. */
      void unreadable(long index, byte[] record, String reason);
    }

    private Tail(@Nullable ExcerptTailer tailer) {
      this.tailer = tailer;
    }

    /**
     * The next entry, or null when there is none yet. A record that cannot be decoded is counted
     * and passed over.
     */
    public @Nullable LogEntry next() {
      while (tailer != null) {
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
            reporting.unreadable(
                index, Arrays.copyOf(buffer, length), String.valueOf(e.getMessage()));
          }
        }
      }
      return null;
    }

    /** Where the entry that {@link #next} gave last stands in the log; -1 before the first. */
    public long index() {
      return index;
    }

    /**
     * Goes to just behind a record, so that {@link #next} gives what follows it. What was deleted
     * since is passed over.
     *
     * @param after an {@link #index} of an earlier tail; -1 for the beginning
     */
    public void seek(long after) {
      index = after;
      this.after = after;
      if (tailer != null && (after < 0 || !tailer.moveToIndex(after))) {
        tailer.toStart();
      }
    }

    /** Tells of records that are passed over; whatever that throws, {@link #next} throws. */
    public void onUnreadable(Unreadable listener) {
      reporting = listener;
    }

    /** How many records were passed over because they hold nothing this version knows. */
    public long unreadable() {
      return unreadable;
    }

    @Override
    public void close() {
      if (tailer != null) {
        tailer.close();
      }
    }
  }
}
