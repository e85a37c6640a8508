package dev.proffer.features.store;

import dev.proffer.features.state.UserSequence;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads users' sequences from Redis for one event loop, and waits for none longer than the
 * deadline. Belongs to that loop: every call and every answer is on it.
 *
 * <p>Reads of one user that come together are one; all reads under way share a connection, and go
 * out in the same packets. After some failures in a row Redis is left alone: the connection is
 * closed, since what was asked on it may be answered any time, every answer is over what is local,
 * and a new connection is tried now and then until one answers a PING.
 */
public final class SequenceReader implements AutoCloseable {
  private static final long CONNECT_MILLIS = 2_000;

  private final Vertx vertx;
  private final RedisSpec.Reading spec;
  private final SharedSequences shared;
  private final RedisOptions options;
  private final Map<String, Pending> pending = new HashMap<>();
  private @Nullable Redis client;
  private @Nullable RedisConnection connection;
  private int failuresInRow;
  private int generation;
  private boolean closed;

  /** How an answer came about. */
  public enum Outcome {
    /** It is as fresh as asked for. */
    FRESH,
    /** It was read before, and is older than it may be. */
    STALE,
    /** There is none. */
    LATE
  }

  /** Takes the answer to a read, on the reader's loop. */
  @FunctionalInterface
  public interface Handler {
    /** The sequence; null when the outcome is {@link Outcome#LATE}. */
    void read(@Nullable UserSequence sequence, Outcome outcome);
  }

  private static final class Pending {
    private final List<Handler> waiting = new ArrayList<>(1);
    private long timer = -1;
    private boolean late;
  }

  SequenceReader(Vertx vertx, RedisSpec spec, SharedSequences shared) {
    this.vertx = vertx;
    this.spec = spec.reading();
    this.shared = shared;
    this.options = spec.options(1, 2 * spec.reading().waiting());
    connect();
  }

  /** The user's sequence when it is at hand and fresh, else null. */
  public @Nullable UserSequence fresh(String userId) {
    return shared.fresh(userId);
  }

  /** Reads the user's sequence; answers within the deadline, perhaps before this returns. */
  public void read(String userId, Handler handler) {
    RedisConnection open = connection;
    if (open == null || !shared.knowsPlaces()) {
      fallBack(userId, handler);
      return;
    }
    Pending flight = pending.get(userId);
    if (flight != null) {
      if (flight.late) {
        fallBack(userId, handler);
      } else {
        flight.waiting.add(handler);
      }
      return;
    }
    if (pending.size() >= spec.waiting()) {
      fallBack(userId, handler);
      return;
    }
    Pending begun = new Pending();
    begun.waiting.add(handler);
    pending.put(userId, begun);
    int of = generation;
    begun.timer =
        vertx.setTimer(
            spec.deadlineMillis(),
            fired -> {
              begun.late = true;
              // A cluster's client may try for minutes; who asks then is to ask anew.
              begun.timer =
                  vertx.setTimer(
                      spec.breakerRetryMillis(),
                      over -> {
                        begun.timer = -1;
                        pending.remove(userId, begun);
                      });
              answer(userId, begun, null);
              failed(of, "Redis did not answer within " + spec.deadlineMillis() + " ms");
            });
    open.send(Request.cmd(Command.GET).arg(shared.key(userId)))
        .onComplete(
            response -> arrived(of, userId, begun, response),
            failure -> {
              settle(userId, begun, null);
              failed(of, "Redis: " + failure.getMessage());
            });
  }

  private void arrived(int of, String userId, Pending flight, @Nullable Response response) {
    UserSequence sequence;
    try {
      sequence = response == null ? UserSequence.EMPTY : UserSequence.decode(response.toBytes());
    } catch (RuntimeException e) {
      settle(userId, flight, null);
      failed(of, "Redis holds no sequence where one should be: " + e.getMessage());
      return;
    }
    if (of == generation) {
      failuresInRow = 0;
    }
    shared.put(userId, sequence);
    settle(userId, flight, sequence);
  }

  private void settle(String userId, Pending flight, @Nullable UserSequence sequence) {
    pending.remove(userId, flight);
    if (flight.timer >= 0) {
      vertx.cancelTimer(flight.timer);
      flight.timer = -1;
    }
    answer(userId, flight, sequence);
  }

  private void answer(String userId, Pending flight, @Nullable UserSequence sequence) {
    List<Handler> waiting = List.copyOf(flight.waiting);
    flight.waiting.clear();
    for (Handler handler : waiting) {
      if (sequence != null) {
        handler.read(sequence, Outcome.FRESH);
      } else {
        fallBack(userId, handler);
      }
    }
  }

  private void fallBack(String userId, Handler handler) {
    UserSequence before = shared.stale(userId);
    handler.read(before, before == null ? Outcome.LATE : Outcome.STALE);
  }

  private void failed(int of, String why) {
    shared.failed(why);
    if (of == generation && ++failuresInRow >= spec.breakerFailures()) {
      open(why);
    }
  }

  /** Leaves Redis alone for a while. */
  private void open(String why) {
    RedisConnection used = connection;
    if (used != null) {
      connection = null;
      shared.down(why);
    }
    closeClient();
    generation++;
    failuresInRow = 0;
    Map<String, Pending> abandoned = new HashMap<>(pending);
    pending.clear();
    abandoned.forEach((userId, flight) -> settle(userId, flight, null));
    if (!closed) {
      vertx.setTimer(spec.breakerRetryMillis(), fired -> connect());
    }
  }

  /** A connection that is closed goes back to its client, answers it still owes and all. */
  private void closeClient() {
    Redis used = client;
    client = null;
    if (used != null) {
      used.close();
    }
  }

  private void connect() {
    if (closed) {
      return;
    }
    int of = ++generation;
    Redis fresh = Redis.createClient(vertx, new RedisOptions(options));
    client = fresh;
    long timer =
        vertx.setTimer(
            CONNECT_MILLIS,
            fired -> {
              if (of == generation) {
                shared.failed("Redis accepts connections and answers nothing");
                open("Redis accepts connections and answers nothing");
              }
            });
    fresh
        .connect()
        .compose(
            made ->
                made.send(Request.cmd(Command.PING)).map(made).onFailure(failure -> made.close()))
        .onComplete(
            made -> {
              vertx.cancelTimer(timer);
              if (of != generation || closed) {
                fresh.close();
                return;
              }
              connection = made;
              failuresInRow = 0;
              made.exceptionHandler(failure -> lost(of, "Redis: " + failure.getMessage()));
              made.endHandler(end -> lost(of, "Redis closed the connection"));
              shared.up("");
            },
            failure -> {
              vertx.cancelTimer(timer);
              if (of == generation && !closed) {
                shared.failed("Redis: " + failure.getMessage());
                open("Redis: " + failure.getMessage());
              }
            });
  }

  private void lost(int of, String why) {
    if (of == generation) {
      shared.failed(why);
      open(why);
    }
  }

  @Override
  public void close() {
    closed = true;
    open("closed");
  }
}
