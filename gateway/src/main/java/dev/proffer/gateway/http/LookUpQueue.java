package dev.proffer.gateway.http;

import dev.proffer.candidates.LookUps;
import dev.proffer.events.time.Time;
import dev.proffer.gateway.ops.LoopMeters;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;

/**
 * Has look-ups run by threads that all loops share, half as many as cores, and waits for none
 * longer than its time: what is late then is not begun any more. Belongs to a loop, which every
 * answer is on.
 */
final class LookUpQueue {
  private final Vertx vertx;
  private final Time time;
  private final LoopMeters meters;
  private final WorkerExecutor threads;
  private final int mostMillis;
  private final int mostWaiting;
  private int waiting;

  LookUpQueue(Vertx vertx, Time time, LoopMeters meters, Limits limits) {
    this.vertx = vertx;
    this.time = time;
    this.meters = meters;
    this.mostMillis = limits.lookUpMillis();
    this.mostWaiting = limits.mostWaiting();
    this.threads =
        vertx.createSharedWorkerExecutor(
            "proffer-look-ups", Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  /** Takes what was looked up, on the loop. A failure becomes the answer. */
  @FunctionalInterface
  interface Taker {
    /** Takes it; {@link LookUps#LEFT_OUT} when it is late. */
    void take(LookUps looked) throws Exception;
  }

  /** Has look-ups run for an exchange, whose answer the taker gives within the time. */
  void run(LookUps lookUps, Exchange exchange, Taker taker) throws Exception {
    if (waiting >= mostWaiting) {
      meters.lookedUp(0, true);
      taker.take(LookUps.LEFT_OUT);
      return;
    }
    waiting++;
    Flight flight = new Flight(exchange, taker, time.nanos());
    long timer = vertx.setTimer(mostMillis, fired -> flight.land(LookUps.LEFT_OUT));
    threads
        .executeBlocking(
            () -> {
              if (!flight.landed) {
                lookUps.run();
              }
              return lookUps;
            },
            false)
        .onComplete(
            done -> {
              waiting--;
              boolean unused = vertx.cancelTimer(timer);
              flight.land(done.succeeded() ? lookUps : LookUps.LEFT_OUT);
            });
  }

  /** One request's look-ups, from when they are asked for until its answer is made. */
  private final class Flight {
    private final Exchange exchange;
    private final Taker taker;
    private final long sinceNanos;
    private volatile boolean landed; // by the loop

    Flight(Exchange exchange, Taker taker, long sinceNanos) {
      this.exchange = exchange;
      this.taker = taker;
      this.sinceNanos = sinceNanos;
    }

    void land(LookUps looked) {
      if (landed) {
        return;
      }
      landed = true;
      meters.lookedUp(time.nanos() - sinceNanos, looked == LookUps.LEFT_OUT);
      if (exchange.response().closed()) {
        return;
      }
      try {
        taker.take(looked);
      } catch (Throwable e) { // also an Error costs this request an answer, not the caller a hang
        exchange.fail(e);
      }
    }
  }
}
