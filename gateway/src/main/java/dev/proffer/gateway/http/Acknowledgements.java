package dev.proffer.gateway.http;

import dev.proffer.events.LogEntry;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Brings the log thread's answers back to one event loop: many answers with one hop, since a hop
 * wakes the loop up, and one timer for all that wait, since a timer a request would cost more than
 * the request's own share of the log.
 *
 * <p>Belongs to a loop, on which every {@link Waiting} hears once: kept, or why not.
 */
final class Acknowledgements {
  /** The log answers within milliseconds; after this the caller is told to try again. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long LOOK_MILLIS = 500;

  private final Time time;
  private final Vertx vertx;
  private final Context loop;
  private final Queue<Pending> answered = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean coming = new AtomicBoolean();
  private final Deque<Pending> pending = new ArrayDeque<>(); // of the loop, oldest first
  private boolean looking; // of the loop

  /** Hears what became of its entries, on the loop. */
  interface Waiting {
    /** They are kept. */
    void kept();

    /** The log did not take them; null when it did not say in time. */
    void lost(@Nullable Throwable failure);
  }

  private static final class Pending {
    private final Waiting waiting;
    private final long sinceNanos;
    private boolean done;
    private @Nullable Throwable failure;

    Pending(Waiting waiting, long sinceNanos) {
      this.waiting = waiting;
      this.sinceNanos = sinceNanos;
    }
  }

  /** Those of the loop it is made on. */
  Acknowledgements(Vertx vertx, Time time) {
    this.vertx = vertx;
    this.time = time;
    this.loop = vertx.getOrCreateContext();
  }

  /** Offers entries to the log; false when it takes none, and then nobody hears of them. */
  boolean offer(LogPump pump, List<? extends LogEntry> entries, Waiting waiting) {
    Pending one = new Pending(waiting, time.nanos());
    boolean taken =
        pump.offer(
            entries,
            failure -> {
              one.failure = failure;
              answered.add(one);
              if (coming.compareAndSet(false, true)) {
                loop.runOnContext(here -> take());
              }
            });
    if (taken) {
      pending.add(one);
      look();
    }
    return taken;
  }

  private void look() {
    if (!looking) {
      looking = true;
      vertx.setTimer(LOOK_MILLIS, tick -> giveUp());
    }
  }

  private void take() {
    coming.set(false);
    for (Pending one = answered.poll(); one != null; one = answered.poll()) {
      if (!one.done) {
        one.done = true;
        if (one.failure == null) {
          one.waiting.kept();
        } else {
          one.waiting.lost(one.failure);
        }
      }
    }
    while (!pending.isEmpty() && pending.peek().done) {
      pending.remove();
    }
  }

  private void giveUp() {
    looking = false;
    long now = time.nanos();
    while (!pending.isEmpty()
        && (pending.peek().done || now - pending.peek().sinceNanos > PATIENCE_NANOS)) {
      Pending late = pending.remove();
      if (!late.done) {
        late.done = true;
        late.waiting.lost(null);
      }
    }
    if (!pending.isEmpty()) {
      look();
    }
  }
}
