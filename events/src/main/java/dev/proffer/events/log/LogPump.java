package dev.proffer.events.log;

import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a gateway that writes the log and folds it into state: append what the loops
 * handed over, follow the log to its end (other processes may have appended too), then acknowledge.
 * So an acknowledged event is durable and visible, in that order, and state needs no locks: it has
 * one writer.
 *
 * <p>{@link #offer} is safe from any thread, never blocks and never waits for the disk; a full
 * queue says no. A repeated event id within the last {@value #REMEMBERED} is acknowledged again and
 * appended once.
 */
public final class LogPump implements AutoCloseable {
  private static final int REMEMBERED = 1_000_000;
  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final EventLog log;
  private final Fold fold;
  private final int capacity;
  private final Queue<Submission> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Submission> inHand = new ArrayDeque<>(); // of the thread
  private final AtomicInteger depth = new AtomicInteger();
  private final RecentIds seen = new RecentIds(REMEMBERED);
  private final Thread thread;
  private volatile boolean sleeping;
  private volatile boolean closing;
  private final AtomicLong folded = new AtomicLong();
  private final AtomicLong appended = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private volatile long unreadable;

  /** What the log is folded into. Called on the pump's thread only. */
  public interface Fold {
    /** Takes one entry, in log order. */
    void apply(LogEntry entry);

    /** The end of the log was reached; called at least once per {@value LogPump#IDLE_MILLIS} ms. */
    void caughtUp();
  }

  static final long IDLE_MILLIS = 5;

  /**
   * What became of a submission: null when it is durable and folded, else why it was not. Called on
   * the pump's thread.
   */
  @FunctionalInterface
  public interface Completion {
    void done(@Nullable Throwable failure);
  }

  private record Submission(
      List<? extends LogEntry> entries, byte[][] encoded, @Nullable Completion completion) {}

  /**
   * A pump that is not running yet.
   *
   * @param capacity how many submissions may wait
   */
  public LogPump(EventLog log, Fold fold, int capacity) {
    this.log = log;
    this.fold = fold;
    this.capacity = capacity;
    this.thread = new Thread(this::run, "proffer-log");
    this.thread.setDaemon(true);
  }

  /** Starts the thread. The first {@link Fold#caughtUp} says that the history is folded. */
  public void start() {
    thread.start();
  }

  /**
   * Hands over entries to be kept; false when the queue is full or the pump is closing. Encodes on
   * the calling thread.
   */
  public boolean offer(List<? extends LogEntry> entries, @Nullable Completion completion) {
    // Counted before closing is looked at: the pump ends only when the count is 0, so it cannot
    // miss this.
    if (depth.incrementAndGet() > capacity || closing) {
      depth.decrementAndGet();
      return false;
    }
    byte[][] encoded = new byte[entries.size()][];
    try {
      for (int at = 0; at < encoded.length; at++) {
        encoded[at] = LogCodec.encode(entries.get(at));
      }
    } catch (RuntimeException e) {
      depth.decrementAndGet();
      throw e;
    }
    waiting.add(new Submission(entries, encoded, completion));
    // Nobody waits for an impression: it may lie until the pump wakes by itself, in at most 5 ms.
    if (completion != null && sleeping) {
      LockSupport.unpark(thread);
    }
    return true;
  }

  /** Submissions that wait. */
  public int depth() {
    return depth.get();
  }

  /** Entries folded since the start. */
  public long folded() {
    return folded.get();
  }

  /** Entries appended by this pump. */
  public long appended() {
    return appended.get();
  }

  /** Events that were sent again and not appended again. */
  public long duplicates() {
    return duplicates.get();
  }

  /** Records in the log that could not be read. */
  public long unreadable() {
    return unreadable;
  }

  /**
   * Writes what waits, acknowledges it, and ends the thread; waits for that at most {@code millis}.
   */
  public void close(long millis) {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(10_000);
  }

  private void run() {
    try (EventLog.Appender appender = log.appender();
        EventLog.Tail tail = log.tail()) {
      follow(tail);
      while (true) {
        boolean last = closing;
        for (Submission next = waiting.poll(); next != null; next = waiting.poll()) {
          inHand.add(next);
        }
        boolean idle = inHand.isEmpty();
        List<@Nullable Throwable> failures = new ArrayList<>(inHand.size());
        Set<String> batchIds = new HashSet<>();
        for (Submission submission : inHand) {
          failures.add(append(appender, submission, batchIds));
        }
        follow(tail);
        for (Throwable failure : failures) {
          answer(inHand.remove(), failure);
        }
        if (last && depth.get() == 0) {
          return;
        }
        if (idle) {
          sleeping = true;
          if (waiting.isEmpty() && !closing) {
            LockSupport.parkNanos(IDLE_NANOS);
          }
          sleeping = false;
        }
      }
    } finally {
      // After an ordinary end nothing is left. After a failure of the log or the fold, which the
      // thread dies of aloud, nobody is left waiting and nothing more is taken.
      closing = true;
      waiting.addAll(inHand);
      while (depth.get() > 0) {
        Submission unanswered = waiting.poll();
        if (unanswered != null) {
          answer(unanswered, new IllegalStateException("the log is not followed any more"));
        } else {
          Thread.onSpinWait();
        }
      }
    }
  }

  private void answer(Submission submission, @Nullable Throwable failure) {
    depth.decrementAndGet();
    if (submission.completion() != null) {
      try {
        submission.completion().done(failure);
      } catch (RuntimeException e) {
        // Whoever asked is gone, such as an event loop that has ended; the entries are kept all the
        // same.
      }
    }
  }

  private @Nullable Throwable append(
      EventLog.Appender appender, Submission submission, Set<String> batchIds) {
    try {
      for (int at = 0; at < submission.encoded().length; at++) {
        if (submission.entries().get(at) instanceof Event event
            && (seen.contains(event.id()) || batchIds.contains(event.id()))) {
          duplicates.incrementAndGet();
          continue;
        }
        appender.append(submission.encoded()[at]);
        appended.incrementAndGet();
        if (submission.entries().get(at) instanceof Event event) {
          batchIds.add(event.id()); // once it is kept: what failed may be sent again
        }
      }
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  private void follow(EventLog.Tail tail) {
    for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
      // Another process may have appended what is in the log already: an ingest that was run twice.
      if (entry instanceof Event event && !seen.add(event.id())) {
        duplicates.incrementAndGet();
        continue;
      }
      fold.apply(entry);
      folded.incrementAndGet();
    }
    unreadable = tail.unreadable();
    fold.caughtUp();
  }
}
