package dev.proffer.events.log;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import java.io.File;
import java.io.IOException;
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
 * <p>When more comes together than is folded in a moment, events and impressions are acknowledged
 * as soon as they are durable, and the fold follows through the log, a little after each round and
 * at full speed once nothing waits; so a burst waits for the log only. It falls behind by a bounded
 * number of entries, beyond which acknowledgements wait for it again. Items and erasures, whose
 * senders look at once, are always acknowledged behind the fold.
 *
 * <p>{@link #offer} is safe from any thread, never blocks and never waits for the disk; a full
 * queue and a full log say no. A repeated event id among the latest is acknowledged again and
 * appended once.
 */
public final class LogPump implements AutoCloseable {
  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final EventLog log;
  private final Fold fold;
  private final int capacity;
  private final Queue<Submission> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Submission> inHand = new ArrayDeque<>(); // of the thread
  private final int mostBehind;
  private final Unfolded unfolded = new Unfolded(); // of the thread
  private final Queue<Unseen> unseen = new ArrayDeque<>(); // of the thread
  private final Held held = new Held(); // of the thread

  /** Ids that are in the log and of which nobody knows whether they are on the disk. */
  private final Set<String> unsynced = new HashSet<>(); // of the thread

  private final AtomicInteger depth = new AtomicInteger();
  private final RecentIds seen;
  private final Thread thread;
  private volatile boolean sleeping;
  private volatile boolean closing;
  private volatile boolean hurried;
  private volatile boolean refusing;
  private final AtomicLong folded = new AtomicLong();
  private final AtomicLong appended = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private volatile long unreadable;
  private volatile long behind;
  private volatile @Nullable Written written;
  private volatile @Nullable End end;
  private long resumeAfter = -1;

  /** What the log is folded into. Called on the pump's thread only, but for {@link #turns}. */
  public interface Fold {
    /**
     * How the fold offers the core to others, between entries that it folds in one go. Called once,
     * as the pump is made.
     */
    default void turns(Runnable offer) {}

    /** Takes one entry, in log order. */
    void apply(LogEntry entry);

    /**
     * What was taken is acknowledged; what nobody waits for may be done now. Called after every
     * round of entries.
     */
    default void acknowledged() {}

    /** Where the last entry stands that was given; called before each {@link #caughtUp}. */
    default void at(long index) {}

    /**
     * The end of the log was reached, or what a burst left in it is folded a little further; called
     * at least once per {@value LogPump#IDLE_MILLIS} ms when there is nothing to fold.
     */
    void caughtUp();
  }

  static final long IDLE_MILLIS = 5;

  /**
   * After so many entries the core is offered to who waits for it: where an event loop shares it, a
   * suggestion would wait for the end of this thread's time slice, a few milliseconds.
   */
  public static final int ENTRIES_A_TURN = 8;

  /**
   * Beyond so many submissions that wait, the core is not offered: a loop that never rests would
   * take all of it, and what nobody waits for, such as impressions, would be lost in the end.
   */
  private static final int MOST_WAITING = 256;

  /** So many entries are folded before they are acknowledged: a millisecond or so. */
  private static final int FOLDED_FIRST = 128;

  /**
   * Of what is behind so many entries are folded at a time, before the core is offered and it is
   * looked whether something waits to be kept (docs/decisions/0036).
   */
  private static final int FOLDED_BETWEEN = 4;

  /** After so many entries in one go state is looked after. */
  private static final int FOLDED_AT_ONCE = 1_024;

  /**
   * What became of a submission: null when it is durable and, but for a burst, folded; else why it
   * was not. Called on the pump's thread.
   */
  @FunctionalInterface
  public interface Completion {
    void done(@Nullable Throwable failure);
  }

  /**
   * How far the log was folded when the pump ended in order.
   *
   * @param index the {@link EventLog.Tail#index} of the last record; -1 when there was none
   * @param ids the {@link RecentIds#hashes} of what was folded
   */
  public record End(long index, long[] ids) {}

  /** How far the log is written: what prepares its pages needs to know. */
  record Written(File file, long position) {}

  private record Submission(
      List<? extends LogEntry> entries,
      byte[] encoded,
      int[] ends,
      @Nullable Completion completion) {
    /** Whether whoever sent it looks for it as soon as it is acknowledged. */
    boolean looksAtOnce() {
      for (LogEntry entry : entries) {
        if (entry instanceof Item || entry instanceof Erasure) {
          return true;
        }
      }
      return false;
    }
  }

  /** A submission that is kept, and acknowledged when the fold has come to an index. */
  private record Unseen(Submission submission, long index) {}

  /**
   * A pump that is not running yet.
   *
   * @param capacity how many submissions may wait
   * @param mostBehind how many entries may be acknowledged and not folded yet, about; 0 for none
   */
  public LogPump(EventLog log, Fold fold, int capacity, int mostBehind) {
    this.log = log;
    this.fold = fold;
    this.capacity = capacity;
    this.mostBehind = mostBehind;
    this.seen = new RecentIds(log.spec().rememberedIds());
    this.thread = new Thread(this::run, "proffer-log");
    this.thread.setDaemon(true);
    fold.turns(this::turn);
  }

  /** Starts the thread. The first {@link Fold#caughtUp} says that the history is folded. */
  public void start() {
    thread.start();
  }

  /**
   * Starts the thread behind a record up to which the fold holds everything already.
   *
   * @param index an {@link EventLog.Tail#index}
   * @param ids the {@link RecentIds#hashes} of what was folded up to there
   */
  public void startAfter(long index, long[] ids) {
    resumeAfter = index;
    seen.addAll(ids);
    thread.start();
  }

  /** Takes nothing in while the log has no space, and takes in again afterwards. */
  void refuse(boolean full) {
    refusing = full;
  }

  /** Whether the log takes entries in: it can be written to and has space. */
  public boolean takesIn() {
    return !refusing && !closing && log.writable();
  }

  @Nullable Written written() {
    return written;
  }

  /**
   * Hands over entries to be kept; false when the queue is full or the pump is closing. Encodes on
   * the calling thread. Who waits for the completion calls {@link #wake} behind the last of what it
   * hands over together: a thread woken for each would go to sleep again before the next.
   */
  public boolean offer(List<? extends LogEntry> entries, @Nullable Completion completion) {
    // Counted before closing is looked at: the pump ends only when the count is 0, so it cannot
    // miss this.
    if (depth.incrementAndGet() > capacity || closing || refusing) {
      depth.decrementAndGet();
      return false;
    }
    int[] ends = new int[entries.size()];
    byte[] encoded;
    try {
      encoded = LogCodec.encode(entries, ends);
    } catch (RuntimeException e) {
      depth.decrementAndGet();
      throw e;
    }
    waiting.add(new Submission(entries, encoded, ends, completion));
    return true;
  }

  /**
   * Has what was handed over taken up now. Without it, it lies until the pump wakes by itself, in
   * at most {@value #IDLE_MILLIS} ms: soon enough for what nobody waits for.
   */
  public void wake() {
    if (sleeping) {
      LockSupport.unpark(thread);
    }
  }

  /** Submissions that wait. */
  public int depth() {
    return depth.get();
  }

  /** Entries that are acknowledged and not folded yet. */
  public long behind() {
    return behind;
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
   * Writes what waits, acknowledges it, folds what is behind, and ends the thread; waits for that
   * at most {@code millis}, and as long again for it to leave the rest to the next start's fold.
   */
  public void close(long millis) {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(millis);
      hurried = true;
      thread.join(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(10_000);
  }

  /** Where it ended; null while it runs, and when it ended by a failure. */
  public @Nullable End end() {
    return end;
  }

  private void run() {
    EventLog.Tail tail = log.tail();
    EventLog.Appender appender = null;
    try {
      if (resumeAfter >= 0) {
        tail.seek(resumeAfter);
      }
      follow(tail);
      while (true) {
        boolean last = closing;
        if (unfolded.isEmpty() || unfolded.size() < mostBehind) {
          for (Submission next = waiting.poll(); next != null; next = waiting.poll()) {
            inHand.add(next);
          }
        }
        boolean idle = inHand.isEmpty();
        if (appender == null && (log.writable() || (!idle && log.tryWritable()))) {
          appender = log.appender();
          if (tail.index() < 0) {
            tail.close();
            tail = log.tail(); // there was nothing to read before there was something to write
          }
        }
        if (unfolded.isEmpty()) {
          follow(tail); // what other processes appended comes first
        }
        List<@Nullable Throwable> failures = new ArrayList<>(inHand.size());
        for (Submission submission : inHand) {
          failures.add(
              appender == null
                  ? new IllegalStateException("the log cannot be written to")
                  : append(appender, submission));
        }
        Throwable unsynced = appender == null ? null : sync(appender);
        boolean later = !unfolded.isEmpty() || (mostBehind > 0 && isBurst());
        if (later) {
          held.leaveTo(unfolded);
          behind = unfolded.size();
        } else {
          foldHeld(tail);
        }
        if (appender != null && !idle) {
          written = appender.written();
        }
        for (Throwable failure : failures) {
          Submission submission = inHand.remove();
          Throwable trouble = unsynced == null ? failure : unsynced;
          if (trouble == null && !unfolded.isEmpty() && submission.looksAtOnce()) {
            unseen.add(new Unseen(submission, unfolded.last()));
          } else {
            answer(submission, trouble);
          }
        }
        if (!idle) {
          fold.acknowledged();
        }
        if (!unfolded.isEmpty()) {
          catchUp(tail);
        }
        if (last && depth.get() == 0 && unfolded.isEmpty()) {
          end = new End(tail.index(), seen.hashes());
          return;
        }
        if (hurried && !unfolded.isEmpty()) {
          return;
        }
        if (idle && unfolded.isEmpty()) {
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
      unseen.forEach(kept -> waiting.add(kept.submission()));
      while (depth.get() > 0) {
        Submission unanswered = waiting.poll();
        if (unanswered != null) {
          answer(unanswered, new IllegalStateException("the log is not followed any more"));
        } else {
          Thread.onSpinWait();
        }
      }
      tail.close();
      if (appender != null) {
        appender.close();
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

  private @Nullable Throwable append(EventLog.Appender appender, Submission submission) {
    try {
      int begin = 0;
      for (int at = 0; at < submission.ends().length; at++) {
        LogEntry entry = submission.entries().get(at);
        int end = submission.ends()[at];
        String id = onceId(entry);
        long hash = id == null ? 0 : RecentIds.hash(id);
        boolean again = id != null && !unsynced.isEmpty() && unsynced.contains(id);
        if (id != null && !again && seen.contains(hash)) {
          duplicates.incrementAndGet();
        } else {
          held.add(appender.append(submission.encoded(), begin, end - begin), entry, again);
          appended.incrementAndGet();
          if (id != null) {
            seen.add(hash); // once it is kept: what failed may be sent again
          }
        }
        begin = end;
      }
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  private @Nullable Throwable sync(EventLog.Appender appender) {
    if (held.isEmpty() || log.spec().durability() != LogSpec.Durability.POWER) {
      return null;
    }
    try {
      appender.sync();
      if (!unsynced.isEmpty()) {
        held.ids().forEach(unsynced::remove);
      }
      return null;
    } catch (IOException | RuntimeException | Error e) {
      // The pages count as clean now, and a second sync would say that all is well. What is sent
      // again is therefore written again.
      unsynced.addAll(held.ids());
      return e;
    }
  }

  /** Folds what was just appended from memory, and takes the tail past it. */
  private void foldHeld(EventLog.Tail tail) {
    if (!held.isEmpty()) {
      for (int at = 0; at < held.size(); at++) {
        if (!held.isAgain(at)) {
          apply(held.entry(at));
        }
      }
      if (held.isUnbroken() && held.index(0) == tail.index() + 1) {
        tail.seek(held.last());
      } else {
        followPastHeld(tail);
      }
      held.clear();
    }
    fold.at(tail.index());
    fold.caughtUp();
  }

  /**
   * The log rolled, or another process has appended in between: read through, and fold what is not
   * ours. An item of ours is put once more, since of two of the same id the later in the log
   * counts.
   */
  private void followPastHeld(EventLog.Tail tail) {
    for (int ours = 0; tail.index() < held.last(); ) {
      LogEntry entry = tail.next();
      if (entry == null) {
        throw endsBefore(held.last());
      }
      while (ours < held.size() && held.index(ours) < tail.index()) {
        ours++;
      }
      boolean isOurs = ours < held.size() && held.index(ours) == tail.index();
      if (!isOurs) {
        foldRead(entry);
      } else if (entry instanceof Item) {
        fold.apply(entry);
      }
    }
  }

  /** Whether several senders wait, and for more than is folded in a moment. */
  private boolean isBurst() {
    if (held.size() <= FOLDED_FIRST) {
      return false;
    }
    int senders = 0;
    for (Submission submission : inHand) {
      senders += submission.completion() == null ? 0 : 1;
    }
    return senders > 1;
  }

  /** Folds from the log what was left to it, until something waits that can be kept first. */
  private void catchUp(EventLog.Tail tail) {
    for (int at = 0; at < FOLDED_AT_ONCE && !unfolded.isEmpty(); at++) {
      if (at > 0 && at % FOLDED_BETWEEN == 0 && unfolded.size() < mostBehind) {
        turn();
        if (!waiting.isEmpty()) {
          break;
        }
      }
      LogEntry entry = tail.next();
      if (entry == null) {
        throw endsBefore(unfolded.last());
      }
      if (unfolded.remove(tail.index())) {
        apply(entry);
      } else {
        foldRead(entry);
      }
    }
    behind = unfolded.size();
    unreadable = tail.unreadable();
    fold.acknowledged();
    fold.at(tail.index());
    fold.caughtUp();
    while (!unseen.isEmpty() && unseen.element().index() <= tail.index()) {
      answer(unseen.remove().submission(), null);
    }
  }

  private static IllegalStateException endsBefore(long index) {
    return new IllegalStateException(
        "the log ends before a record that was appended to it: " + Long.toHexString(index));
  }

  private void follow(EventLog.Tail tail) {
    for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
      foldRead(entry);
    }
    unreadable = tail.unreadable();
    if (held.isEmpty()) {
      fold.at(tail.index());
      fold.caughtUp();
    }
  }

  private void foldRead(LogEntry entry) {
    // Another process may have appended what is in the log already: an ingest that was run twice.
    String id = onceId(entry);
    if (id != null && !seen.add(id)) {
      duplicates.incrementAndGet();
    } else {
      apply(entry);
    }
  }

  private void apply(LogEntry entry) {
    fold.apply(entry);
    if (folded.incrementAndGet() % ENTRIES_A_TURN == 0) {
      turn();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but latency on few cores
  private void turn() {
    if (depth.get() < MOST_WAITING) {
      Thread.yield();
    }
  }

  /** What an entry is known by when it is sent again; null for what only this side writes. */
  public static @Nullable String onceId(LogEntry entry) {
    if (entry instanceof Event event) {
      return event.id();
    }
    if (entry instanceof Erasure erasure) {
      return erasure.id();
    }
    return entry instanceof Aside aside ? aside.id() : null;
  }
}
