package dev.proffer.gateway.http;

import com.netflix.concurrency.limits.limit.AIMDLimit;
import dev.proffer.events.time.Time;
import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one loop does next, and what it turns away. Requests are read whole and wait here; each time
 * the loop has looked at its sockets it works for {@link #TURN_NANOS}, at least one request long:
 * suggestions before predictions before events. So a suggestion waits for one turn at most, however
 * many events are queued.
 *
 * <p>How many may wait follows how long they wait: the limit grows while requests are answered
 * within the target and shrinks when they are not (additive increase, multiplicative decrease, as
 * TCP's; the library is Netflix's concurrency-limits). A suggestion beyond it is answered the cheap
 * way, by rules; beyond twice of it, like a prediction beyond it, it is refused, but for a few that
 * may always wait ({@link #SPARED}). What its caller no longer waits for is not computed: the
 * connection is gone, or the time of {@code X-Request-Timeout-Ms} is over; when too little of that
 * is left for the whole way, the cheap one is taken.
 *
 * <p>Belongs to the loop it is made on.
 */
final class Admission {
  /** A batch of a hundred events, or a few dozen single ones. */
  static final long TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  static final CharSequence TIMEOUT = HttpHeaders.createOptimized("x-request-timeout-ms");

  private static final int LONGEST_TIMEOUT_MILLIS = 600_000;

  /**
   * One part in so many of a caller's time is for what is not seen here: the way here, the socket's
   * buffers, the way back.
   */
  private static final int WAY = 20;

  /**
   * One piece in so many is taken from those who wait for others, so that nobody waits for ever.
   */
  private static final int FAIR = 16;

  private static final int FEWEST = 4;

  /**
   * So many may wait however slow the answers are: by rules they are answered in a few
   * milliseconds, and a gateway that has just started refuses nobody for that.
   */
  static final int SPARED = 64;

  private static final double BACK_OFF = 0.9;

  /** What is done first, in order. */
  enum Importance {
    SUGGESTION,
    PREDICTION,
    EVENTS
  }

  /** How a request is answered. */
  enum Way {
    WHOLE,
    CHEAP
  }

  /** Answers a request, now or later. A failure becomes the answer. */
  @FunctionalInterface
  interface Piece {
    void run(Way way) throws Exception;
  }

  private record Waiting(
      Importance importance, Exchange exchange, long untilNanos, long sinceNanos, Piece piece) {}

  private final EventLoop loop;
  private final Time time;
  private final int most;
  private final long targetNanos;
  private final Runnable end;
  private final Runnable turn = this::turn;
  private final Queue<Waiting> suggestions = new ArrayDeque<>();
  private final Queue<Waiting> predictions = new ArrayDeque<>();
  private final Queue<Waiting> events = new ArrayDeque<>();
  private final AIMDLimit limit;
  private boolean coming;
  private int asked; // suggestions and predictions that wait
  private long taken;
  private long wholeNanos; // a moving average
  private long shrankNanos; // when the limit did last

  /**
   * Admission to a loop.
   *
   * @param end called at the end of each turn
   */
  Admission(Vertx vertx, Time time, Limits limits, Runnable end) {
    this.loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
    this.time = time;
    this.most = limits.mostWaiting();
    this.targetNanos = TimeUnit.MILLISECONDS.toNanos(limits.targetMillis());
    this.end = end;
    this.shrankNanos = time.nanos();
    this.limit =
        AIMDLimit.newBuilder()
            .initialLimit(Math.max(FEWEST, most / 5))
            .minLimit(FEWEST)
            .maxLimit(most)
            .backoffRatio(BACK_OFF)
            .timeout(limits.targetMillis(), TimeUnit.MILLISECONDS)
            .build();
  }

  /** How many suggestions may wait to be answered the whole way. From any thread. */
  int limit() {
    return limit.getLimit();
  }

  /** Has a request answered in its turn, or refuses it. */
  void offer(Importance importance, Exchange exchange, Piece piece) {
    long now = time.nanos();
    long untilNanos = Long.MAX_VALUE;
    try {
      int millis = timeoutMillis(exchange.request().getHeader(TIMEOUT));
      if (millis > 0) {
        long given = TimeUnit.MILLISECONDS.toNanos(millis);
        untilNanos = now - exchange.elapsedNanos() + given - given / WAY;
      }
    } catch (Refused e) {
      exchange.refuse(e);
      return;
    }
    if (!hasRoom(importance)) {
      exchange.refuse(new Refused(Problem.OVERLOADED, List.of()));
      return;
    }
    queue(importance).add(new Waiting(importance, exchange, untilNanos, now, piece));
    asked += importance == Importance.EVENTS ? 0 : 1;
    if (!coming) {
      coming = true;
      loop.execute(turn); // when all sockets are read that are ready now
    }
  }

  private boolean hasRoom(Importance importance) {
    return switch (importance) {
      case SUGGESTION -> asked < Math.min(Math.max(2 * limit(), SPARED), most);
      case PREDICTION -> asked < Math.min(Math.max(limit(), SPARED / 2), most);
      case EVENTS -> events.size() < most;
    };
  }

  private Queue<Waiting> queue(Importance importance) {
    return switch (importance) {
      case SUGGESTION -> suggestions;
      case PREDICTION -> predictions;
      case EVENTS -> events;
    };
  }

  private static int timeoutMillis(@Nullable String header) throws Refused {
    if (header == null) {
      return 0;
    }
    int millis;
    try {
      millis = Integer.parseInt(header);
    } catch (NumberFormatException e) {
      millis = 0;
    }
    if (millis < 1 || millis > LONGEST_TIMEOUT_MILLIS) {
      throw Refused.of(
          Problem.MALFORMED_REQUEST,
          TIMEOUT.toString(),
          '"' + header + '"',
          "whole milliseconds, 1 to " + LONGEST_TIMEOUT_MILLIS);
    }
    return millis;
  }

  private void turn() {
    coming = false;
    long beginNanos = time.nanos();
    long nowNanos = beginNanos;
    for (Waiting next = next(); next != null; next = next()) {
      run(next, nowNanos);
      nowNanos = time.nanos();
      if (nowNanos - beginNanos >= TURN_NANOS) {
        break;
      }
    }
    end.run();
    if (asked > 0 || !events.isEmpty()) {
      coming = true;
      // Tasks are done until there are none, however many they add; a timer that is due is taken
      // only after the sockets.
      var unused = loop.schedule(turn, 0, TimeUnit.NANOSECONDS);
    }
  }

  private @Nullable Waiting next() {
    Waiting next = null;
    if (++taken % FAIR == 0) {
      next = (taken / FAIR % 2 == 0 ? events : predictions).poll();
    }
    next = next == null ? suggestions.poll() : next;
    next = next == null ? predictions.poll() : next;
    next = next == null ? events.poll() : next;
    if (next != null && next.importance() != Importance.EVENTS) {
      asked--;
    }
    return next;
  }

  private void run(Waiting next, long nowNanos) {
    Exchange exchange = next.exchange();
    if (exchange.response().closed()) {
      return;
    }
    long left = next.untilNanos() - nowNanos;
    if (left <= 0) {
      exchange.refuse(new Refused(Problem.TIME_IS_UP, List.of()));
      return;
    }
    boolean counts = next.importance() != Importance.EVENTS;
    Way way =
        next.importance() == Importance.SUGGESTION && (asked >= limit() || left < wholeNanos)
            ? Way.CHEAP
            : Way.WHOLE;
    try {
      next.piece().run(way);
    } catch (Throwable e) { // also an Error costs this request an answer, not the caller a hang
      exchange.fail(e);
    }
    if (counts) {
      long doneNanos = time.nanos();
      sample(next.sinceNanos(), doneNanos);
      if (way == Way.WHOLE && next.importance() == Importance.SUGGESTION) {
        wholeNanos += (doneNanos - nowNanos - wholeNanos) / 16;
      }
    }
  }

  /**
   * Tells the limit how long an answer took. It shrinks once for all that waited meanwhile, as
   * TCP's window does once a round trip: the dozens that a pause makes late say no more than the
   * first.
   */
  private void sample(long sinceNanos, long doneNanos) {
    long tookNanos = doneNanos - sinceNanos;
    boolean late = tookNanos > targetNanos;
    if (late && sinceNanos - shrankNanos < 0) {
      return;
    }
    limit.onSample(sinceNanos, tookNanos, asked + 1, false);
    if (late) {
      shrankNanos = doneNanos;
    }
  }
}
