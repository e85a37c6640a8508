package dev.proffer.features.store;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A connection to Redis for a thread that may wait. Belongs to that thread; never an event loop.
 * What fails closes the connection, and the next command makes a new one: an answer that comes too
 * late can be mistaken for nobody's.
 */
final class RedisLink implements AutoCloseable {
  private final Redis client;
  private final long timeoutMillis;
  private @Nullable RedisConnection connection;

  RedisLink(Vertx vertx, RedisSpec spec) {
    this.timeoutMillis = spec.updating().timeoutMillis();
    this.client = Redis.createClient(vertx, spec.options(2, 10_000));
  }

  /**
   * Sends one command; null is Redis' nil.
   *
   * @throws IllegalStateException when it did not answer in time, or with an error
   */
  @Nullable Response send(Request request) {
    return wait(connection().send(request));
  }

  /** Sends commands in one go and gives their answers in order. */
  List<@Nullable Response> batch(List<Request> requests) {
    if (requests.isEmpty()) {
      return List.of();
    }
    List<@Nullable Response> answers = wait(connection().batch(requests));
    if (answers == null) {
      throw new IllegalStateException("Redis gave no answers");
    }
    return answers;
  }

  private RedisConnection connection() {
    RedisConnection open = connection;
    if (open == null) {
      open = wait(client.connect());
      if (open == null) {
        throw new IllegalStateException("Redis gave no connection");
      }
      open.exceptionHandler(failure -> {}); // the next command meets it
      connection = open;
    }
    return open;
  }

  private <T> @Nullable T wait(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | CompletionException e) {
      drop();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException("Redis: " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      drop();
      throw new IllegalStateException("Redis did not answer within " + timeoutMillis + " ms", e);
    } catch (InterruptedException e) {
      drop();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for Redis", e);
    }
  }

  private void drop() {
    RedisConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    drop();
    client.close();
  }
}
