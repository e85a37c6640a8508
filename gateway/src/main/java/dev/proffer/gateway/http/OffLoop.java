package dev.proffer.gateway.http;

import dev.proffer.events.time.Time;
import dev.proffer.gateway.ops.LoopMeters;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes answers that take longer than a loop may wait, on threads that all loops share, half as
 * many as cores. Waits for none longer than its time: what is late then is not begun any more, and
 * the loop makes a lesser answer itself. Belongs to a loop, which every answer is given on.
 *
 * @param <P> what makes the answers, as many as are being made
 */
final class OffLoop<P> {
  private final Vertx vertx;
  private final Time time;
  private final LoopMeters meters;
  private final WorkerExecutor threads;
  private final int mostMillis;
  private final int mostWaiting;
  private final Supplier<P> maker;
  private final Queue<P> free = new ConcurrentLinkedQueue<>();
  private int waiting;

  OffLoop(Vertx vertx, Time time, LoopMeters meters, Limits limits, Supplier<P> maker) {
    this.vertx = vertx;
    this.time = time;
    this.meters = meters;
    this.mostMillis = limits.offLoopMillis();
    this.mostWaiting = limits.mostWaiting();
    this.maker = maker;
    this.threads =
        vertx.createSharedWorkerExecutor(
            "proffer-off-loop", Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  /**
   * Takes an answer, on the loop.
   *
   * @param <P> what made it
   * @param <A> what it is
   */
  @FunctionalInterface
  interface Taker<P, A> {
    /** Takes it, with what made it, which is nobody else's until this returns. */
    void take(P by, A answer) throws Exception;
  }

  /** Gives a lesser answer, on the loop. */
  @FunctionalInterface
  interface Late {
    void answer() throws Exception;
  }

  /** Has an answer made for an exchange: one of the two is called, and a failure is answered. */
  <A> void make(Exchange exchange, Function<P, A> work, Taker<P, A> taker, Late late)
      throws Exception {
    if (waiting >= mostWaiting) {
      meters.offLoop(0, true);
      late.answer();
      return;
    }
    waiting++;
    Flight<A> flight = new Flight<>(exchange, taker, late);
    long timer = vertx.setTimer(mostMillis, fired -> flight.land(null));
    threads
        .executeBlocking(() -> flight.landed ? null : made(work), false)
        .onComplete(
            done -> {
              waiting--;
              boolean unused = vertx.cancelTimer(timer);
              Made<P, A> made = done.result();
              if (done.failed()) {
                flight.fail(done.cause());
              } else {
                flight.land(made);
              }
              if (made != null) {
                free.add(made.by());
              }
            });
  }

  private record Made<P, A>(P by, A answer) {}

  private <A> Made<P, A> made(Function<P, A> work) {
    P by = free.poll();
    by = by == null ? maker.get() : by;
    return new Made<>(by, work.apply(by)); // one that throws is not used again
  }

  /** One answer, from when it is asked for until it is given. */
  private final class Flight<A> {
    private final Exchange exchange;
    private final Taker<P, A> taker;
    private final Late late;
    private final long sinceNanos = time.nanos();
    private volatile boolean landed; // by the loop

    Flight(Exchange exchange, Taker<P, A> taker, Late late) {
      this.exchange = exchange;
      this.taker = taker;
      this.late = late;
    }

    void land(@Nullable Made<P, A> made) {
      if (landed) {
        return;
      }
      landed = true;
      meters.offLoop(time.nanos() - sinceNanos, made == null);
      if (exchange.response().closed()) {
        return;
      }
      try {
        if (made == null) {
          late.answer();
        } else {
          taker.take(made.by(), made.answer());
        }
      } catch (Throwable e) { // also an Error costs this request an answer, not the caller a hang
        exchange.fail(e);
      }
    }

    void fail(Throwable failure) {
      if (!landed) {
        landed = true;
        exchange.fail(failure);
      }
    }
  }
}
