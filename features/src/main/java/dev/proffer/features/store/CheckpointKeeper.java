package dev.proffer.features.store;

import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps a home's checkpoint young while the gateway runs: it folds the log behind
 * the checkpoint into it now and then, and soon after a user was forgotten, so that nothing of them
 * is left in it. It folds into a state of its own; the state that serves and the thread that writes
 * the log know nothing of it.
 *
 * <p>Its figures may be read from any thread.
 */
public final class CheckpointKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointKeeper.class);
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PATIENCE_SECONDS = 10;

  private final StateCheckpoint checkpoint;
  private final EventLog log;
  private final long intervalNanos;
  private final long erasureNanos;
  private final int rememberedIds;
  private final Supplier<SequenceStore> scratch;
  private final LongSupplier erasures;
  private final Time time;
  private final Thread thread;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean closing;
  private volatile long writtenNanos;
  private volatile long tookNanos;
  private volatile long bytes;
  private volatile String trouble = "";
  private volatile long covered = -1;
  private long failedNanos;
  private long erasuresHandled;
  private long erasureSeenNanos = -1;
  private boolean erasureSeen;

  /**
   * A keeper that has not begun.
   *
   * @param intervalSeconds how often it writes; 0 for never, also not at the end
   * @param erasureSeconds how soon after a user was forgotten it writes, whatever the interval
   * @param rememberedIds how many of the latest ids a repeated one is known by
   * @param scratch makes an empty store for the time of a write
   * @param erasures how many tombstones were folded so far; each is in the log by then
   */
  public CheckpointKeeper(
      StateCheckpoint checkpoint,
      EventLog log,
      long intervalSeconds,
      long erasureSeconds,
      int rememberedIds,
      Supplier<SequenceStore> scratch,
      LongSupplier erasures,
      Time time) {
    this.checkpoint = checkpoint;
    this.log = log;
    this.intervalNanos = TimeUnit.SECONDS.toNanos(intervalSeconds);
    this.erasureNanos = TimeUnit.SECONDS.toNanos(erasureSeconds);
    this.rememberedIds = rememberedIds;
    this.scratch = scratch;
    this.erasures = erasures;
    this.time = time;
    this.writtenNanos = time.nanos();
    this.bytes = checkpoint.bytes();
    this.thread = new Thread(this::run, "proffer-checkpoint");
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** How long ago it last wrote or began, in nanoseconds. */
  public long ageNanos() {
    return Math.max(0, time.nanos() - writtenNanos);
  }

  /** How long the last write took, with the fold before it, in nanoseconds; 0 before the first. */
  public long tookNanos() {
    return tookNanos;
  }

  /** What the checkpoint takes on the disk; 0 when there is none. */
  public long bytes() {
    return bytes;
  }

  /** Why the last write failed, in words; empty when it did not. */
  public String trouble() {
    return trouble;
  }

  /** Writes what the log holds up to an index; for who is about to delete it. */
  public void advance(long toIndex) throws IOException {
    writing.lock();
    try {
      long began = time.nanos();
      long seen = erasures.getAsLong();
      covered = checkpoint.advance(log, toIndex, rememberedIds, scratch, () -> closing);
      if (closing) {
        throw new IOException("stopped before the checkpoint was written");
      }
      if (toIndex == Long.MAX_VALUE) {
        forgotten(seen);
      }
      wrote(began);
    } finally {
      writing.unlock();
    }
  }

  /**
   * Writes the state as it is, when the pump has ended in order and there is an interval at all.
   * For who owns the state by then.
   */
  public void writeLast(LogPump pump, LiveState state, SequenceStore sequences) throws IOException {
    LogPump.End end = pump.end();
    if (intervalNanos == 0 || end == null || end.index() < 0) {
      return;
    }
    try {
      if (!writing.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return; // the one that is being written will do
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      long began = time.nanos();
      log.force();
      checkpoint.write(new StateCheckpoint.Point(state, sequences, end.index(), end.ids()));
      if (erasures.getAsLong() != erasuresHandled) {
        checkpoint.deleteOthers();
      }
      wrote(began);
      LOG.info(
          "checkpoint of {} bytes written in {} ms",
          bytes,
          TimeUnit.NANOSECONDS.toMillis(tookNanos));
    } finally {
      writing.unlock();
    }
  }

  private void run() {
    while (!closing) {
      try {
        round();
      } catch (IOException | RuntimeException e) {
        if (!closing) {
          if (trouble.isEmpty()) {
            LOG.error("the checkpoint could not be written, the one before stays", e);
          }
          trouble = e.toString();
          failedNanos = time.nanos();
        }
      }
      LockSupport.parkNanos(ROUND_NANOS);
    }
  }

  private void round() throws IOException {
    long now = time.nanos();
    if (!trouble.isEmpty() && now - failedNanos < RETRY_NANOS) {
      return;
    }
    if (!erasureSeen && erasures.getAsLong() != erasuresHandled) {
      erasureSeen = true;
      erasureSeenNanos = now;
    }
    boolean forget = erasureSeen && now - erasureSeenNanos >= erasureNanos;
    boolean due = intervalNanos > 0 && now - writtenNanos >= intervalNanos;
    if (forget && !due && !checkpoint.isThere()) {
      forgotten(erasures.getAsLong());
    } else if (due && !forget && log.lastIndex() == covered) {
      writtenNanos = now; // there is nothing new
    } else if (forget || due) {
      advance(Long.MAX_VALUE);
    }
  }

  /** What was forgotten up to here is in no file any more. */
  private void forgotten(long upTo) throws IOException {
    if (upTo != erasuresHandled) {
      checkpoint.deleteOthers();
      erasuresHandled = upTo;
      erasureSeen = false;
    }
  }

  private void wrote(long began) {
    writtenNanos = time.nanos();
    tookNanos = writtenNanos - began;
    bytes = checkpoint.bytes();
    trouble = "";
  }

  /** Ends the thread; what it is folding is given up. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
