package dev.proffer.events.log;

import dev.proffer.events.time.Time;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that looks after a log's disk, so that nobody who appends has to: it makes the next
 * pages of the current file ready, measures what the log takes and what is free, tells the pump to
 * take nothing in while there is no space, and deletes files that are old and that everybody has
 * read.
 *
 * <p>Pages are made ready by touching them through a mapping of its own: an append then meets no
 * page that the file system has yet to find space for. So a disk that fills up is met here first,
 * and not in the middle of a record.
 *
 * <p>Its figures may be read from any thread.
 */
public final class LogHousekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogHousekeeping.class);
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long MEASURE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int PAGE = 4096;
  private static final long AHEAD_BYTES = 8L << 20;

  /** A page takes up to 40 µs: all at once would hold up who shares the core, the loop, say. */
  private static final int PAGES_A_TURN = 8;

  private static final long TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final VarHandle WORD =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final EventLog log;
  private final LogSpec spec;
  private final LogPump pump;
  private final Positions positions;
  private final BeforeDeletion before;
  private final Time time;
  private final Thread thread;
  private volatile boolean closing;
  private volatile Space space = Space.ROOM;
  private volatile long usedBytes;
  private volatile long freeBytes;
  private final AtomicLong deletedFiles = new AtomicLong();
  private volatile String pagesTrouble = "";
  private volatile String spaceTrouble = "";
  private @Nullable Path touchedFile;
  private long touchedTo;

  /** How much space there is. */
  public enum Space {
    /** Enough. */
    ROOM,
    /** The quota is nearly used up. */
    SCARCE,
    /** Nothing is taken in: the quota is used up or the disk is full. */
    NONE,
    /** The log cannot be written to at all. */
    READ_ONLY
  }

  /**
   * What must be so before files are deleted, such as that the state they make up is kept
   * elsewhere. Called on the housekeeping thread, and may take its time.
   */
  @FunctionalInterface
  public interface BeforeDeletion {
    /** Nothing has to be done. */
    BeforeDeletion NOTHING = firstKept -> {};

    /**
     * Prepares for the loss of every record below an index. A failure keeps the files.
     *
     * @param firstKept what a record that stays has at least
     */
    void recordsBelow(long firstKept) throws Exception;
  }

  @FunctionalInterface
  private interface Duty {
    void run() throws Exception;
  }

  /**
   * A housekeeping that has not begun.
   *
   * @param positions how far the readers have come
   */
  public LogHousekeeping(
      EventLog log, LogPump pump, Positions positions, BeforeDeletion before, Time time) {
    this.log = log;
    this.spec = log.spec();
    this.pump = pump;
    this.positions = positions;
    this.before = before;
    this.time = time;
    this.thread = new Thread(this::run, "proffer-log-housekeeping");
    this.thread.setDaemon(true);
  }

  /** Measures once, then goes on beside everything else. */
  public void start() {
    measure();
    thread.start();
  }

  /** How much space there is. */
  public Space space() {
    return space;
  }

  /** What the log's files take, in bytes. */
  public long usedBytes() {
    return usedBytes;
  }

  /** What is free on the log's disk, in bytes. */
  public long freeBytes() {
    return freeBytes;
  }

  /** The most the log's files may take, in bytes; 0 for no bound. */
  public long quotaBytes() {
    return spec.quotaBytes();
  }

  /** Files deleted since the start. */
  public long deletedFiles() {
    return deletedFiles.get();
  }

  /** What goes wrong here since the last round, in words; empty when nothing does. */
  public String trouble() {
    return pagesTrouble.isEmpty() ? spaceTrouble : pagesTrouble;
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long measured = time.nanos();
    while (!closing) {
      pagesTrouble = troubleOf(pagesTrouble, this::touch);
      if (time.nanos() - measured >= MEASURE_NANOS) {
        measured = time.nanos();
        spaceTrouble =
            troubleOf(
                spaceTrouble,
                () -> {
                  measure();
                  deleteWhatMayGo();
                });
      }
      LockSupport.parkNanos(ROUND_NANOS);
    }
  }

  /** A part of a round: what went wrong in it, which ends no round and is logged when it begins. */
  private static String troubleOf(String before, Duty duty) {
    try {
      duty.run();
      return "";
    } catch (Exception | InternalError e) {
      // An InternalError is how the JVM reports a mapped page that the disk has no room for.
      if (before.isEmpty()) {
        LOG.error("the log's housekeeping failed, it goes on", e);
      }
      return e.toString();
    }
  }

  private void measure() {
    long used = 0;
    for (EventLog.Segment segment : log.segments()) {
      used += segment.bytes();
    }
    usedBytes = used;
    Space now;
    if (!log.writable() && !log.tryWritable()) {
      now = Space.READ_ONLY;
    } else {
      long free = free();
      freeBytes = free;
      boolean bounded = spec.quotaBytes() > 0;
      if ((bounded && used >= spec.quotaBytes()) || free < spec.reserveBytes()) {
        now = Space.NONE;
      } else if (bounded && used >= spec.quotaBytes() * spec.warnShare()) {
        now = Space.SCARCE;
      } else {
        now = Space.ROOM;
      }
    }
    if (now != space) {
      LOG.warn(
          "the log's space: {} (used {} of {} bytes, {} free)",
          now,
          used,
          spec.quotaBytes() == 0 ? "any" : spec.quotaBytes(),
          freeBytes);
      space = now;
    }
    pump.refuse(now == Space.NONE || now == Space.READ_ONLY);
  }

  private long free() {
    try {
      return Files.getFileStore(log.directory()).getUsableSpace();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Makes the pages ready that will be written next. */
  private void touch() throws IOException {
    LogPump.Written written = pump.written();
    if (written == null || space == Space.NONE || space == Space.READ_ONLY) {
      return;
    }
    Path file = written.file().toPath();
    if (!file.equals(touchedFile)) {
      touchedFile = file;
      touchedTo = 0;
    }
    long from = Math.max(touchedTo, (written.position() / PAGE + 1) * PAGE);
    long to = (written.position() + AHEAD_BYTES) / PAGE * PAGE;
    if (to - from < AHEAD_BYTES / 2) {
      return;
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      to = Math.min(to, channel.size() / PAGE * PAGE); // the file grows by itself, in large steps
      if (to <= from) {
        return;
      }
      MappedByteBuffer pages = channel.map(FileChannel.MapMode.READ_WRITE, from, to - from);
      ByteBuffer words = pages.order(ByteOrder.nativeOrder());
      for (int at = 0; at < to - from && !closing; at += PAGE) {
        // A write that changes nothing, whatever another thread or process writes at the same time.
        WORD.compareAndSet(words, at, 0, 0);
        if ((at / PAGE + 1) % PAGES_A_TURN == 0) {
          LockSupport.parkNanos(TURN_NANOS);
        }
      }
    }
    touchedTo = to;
  }

  private void deleteWhatMayGo() throws Exception {
    List<EventLog.Segment> segments = log.segments();
    boolean scarce = space == Space.SCARCE || space == Space.NONE;
    if (segments.isEmpty() || (spec.retainMillis() == 0 && !scarce)) {
      return;
    }
    long read = Long.MAX_VALUE;
    for (String reader : spec.readers()) {
      OptionalLong position = positions.read(reader);
      if (position.isEmpty()) {
        return; // it has not begun
      }
      read = Math.min(read, position.getAsLong());
    }
    long now = time.millis();
    long lastIndex = log.lastIndex();
    int keep = 0;
    // What is rolled is not written to any more, and it is read when a reader stands in a later
    // file or has read all there is.
    while (keep < segments.size()
        && segments.get(keep).endMillis() <= now
        && (read >= lastIndex
            || (keep + 1 < segments.size() && read >= segments.get(keep + 1).firstIndex()))
        && (scarce
            || (spec.retainMillis() > 0
                && segments.get(keep).endMillis() + spec.retainMillis() <= now))) {
      keep++;
    }
    if (keep == 0) {
      return;
    }
    before.recordsBelow(keep < segments.size() ? segments.get(keep).firstIndex() : lastIndex + 1);
    for (EventLog.Segment segment : segments.subList(0, keep)) {
      log.delete(segment);
      deletedFiles.incrementAndGet();
    }
    measure();
  }
}
