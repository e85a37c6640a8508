package dev.proffer.gateway.http;

import dev.proffer.events.time.Time;
import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Work of one event loop that steps back for what is wanted sooner: each time the loop has looked
 * at its sockets, pieces are done for {@link #TURN_NANOS}, at least one, and the rest waits for the
 * next turn. So a suggestion waits for one turn at most, however many batches of events are queued.
 *
 * <p>Belongs to a loop. Pieces are done in the order they came and must not throw.
 */
final class Turns {
  /** A batch of a hundred events, or a few dozen single ones. */
  static final long TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final EventLoop loop;
  private final Time time;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final Runnable end;
  private boolean coming;

  /**
   * Those of the loop it is made on.
   *
   * @param end called at the end of each turn
   */
  Turns(Vertx vertx, Time time, Runnable end) {
    this.loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
    this.time = time;
    this.end = end;
  }

  /** Does a piece in its turn. */
  void later(Runnable piece) {
    waiting.add(piece);
    comeAgain();
  }

  private void comeAgain() {
    if (!coming && !waiting.isEmpty()) {
      coming = true;
      // Tasks are done until there are none, however many they add; a timer that is due is taken
      // only after the sockets.
      var unused = loop.schedule(this::turn, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void turn() {
    coming = false;
    long beginNanos = time.nanos();
    for (Runnable piece = waiting.poll(); piece != null; piece = waiting.poll()) {
      piece.run();
      if (time.nanos() - beginNanos >= TURN_NANOS) {
        break;
      }
    }
    end.run();
    comeAgain();
  }
}
