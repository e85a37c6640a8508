package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.EventReader;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.SequenceStore;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * {@code DELETE /users/{id}} and {@code GET /users/{id}/export}: a person's right to be forgotten
 * and to see what is held. A deletion is a tombstone in the log, and 202 says that it is durable
 * and folded. An export reads the whole log on a worker thread and holds the person's entries in
 * memory.
 */
final class UserHandler {
  static final String PREFIX = "/users/";
  private static final String EXPORT = "/export";
  private static final long PATIENCE_SECONDS = 5;
  private static final String ID = "1 to " + EventReader.MAX_ID + " characters, percent-encoded";

  private final Vertx vertx;
  private final Time time;
  private final TimeOrderedIds ids;
  private final EventLog log;
  private final LogPump pump;
  private final SequenceStore sequences;
  private final Consumer<String> forgotten;

  UserHandler(
      Vertx vertx,
      Time time,
      EventLog log,
      LogPump pump,
      SequenceStore sequences,
      Consumer<String> forgotten) {
    this.vertx = vertx;
    this.time = time;
    this.ids = new TimeOrderedIds(time);
    this.log = log;
    this.pump = pump;
    this.sequences = sequences;
    this.forgotten = forgotten;
  }

  void handle(Exchange exchange) {
    String rest = exchange.request().path().substring(PREFIX.length());
    boolean export = rest.endsWith(EXPORT);
    HttpMethod allowed = export ? HttpMethod.GET : HttpMethod.DELETE;
    String raw = export ? rest.substring(0, rest.length() - EXPORT.length()) : rest;
    try {
      if (!exchange.request().method().equals(allowed)) {
        exchange.response().putHeader("allow", allowed.name());
        throw Refused.of(
            Problem.METHOD_NOT_ALLOWED,
            "method",
            exchange.request().method().name(),
            "one of [" + allowed + "]");
      }
      String userId = userId(raw);
      if (export) {
        vertx
            .executeBlocking(() -> export(userId))
            .onComplete(json -> exchange.answer(200, Exchange.JSON, json), exchange::fail);
      } else {
        forget(exchange, userId);
      }
    } catch (Refused refused) {
      exchange.refuse(refused);
    }
  }

  private static String userId(String raw) throws Refused {
    String userId;
    try {
      // A path's plus sign is itself; the decoder knows forms, where it is a space.
      userId =
          raw.indexOf('/') >= 0 ? "" : QueryStringDecoder.decodeComponent(raw.replace("+", "%2B"));
    } catch (IllegalArgumentException e) {
      throw Refused.of(Problem.MALFORMED_REQUEST, "user_id", raw, ID);
    }
    if (userId.isBlank() || userId.length() > EventReader.MAX_ID || userId.indexOf('\uFFFD') >= 0) {
      throw Refused.of(Problem.MALFORMED_REQUEST, "user_id", raw, ID);
    }
    return userId;
  }

  private void forget(Exchange exchange, String userId) {
    Context context = vertx.getOrCreateContext();
    Promise<Void> promise = Promise.promise();
    Erasure erasure = new Erasure(ids.next(), userId, time.millis());
    boolean taken =
        pump.offer(
            List.of(erasure),
            failure ->
                context.runOnContext(
                    back -> {
                      if (failure == null) {
                        forgotten.accept(userId);
                        promise.tryComplete();
                      } else {
                        promise.tryFail(new Refused(Problem.LOG_FAILED, List.of()));
                      }
                    }));
    if (!taken) {
      exchange.refuse(new Refused(Problem.LOG_QUEUE_FULL, List.of()));
      return;
    }
    pump.wake();
    long timer =
        vertx.setTimer(
            TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS),
            late -> promise.tryFail(new Refused(Problem.LOG_FAILED, List.of())));
    promise
        .future()
        .onComplete(done -> vertx.cancelTimer(timer))
        .onComplete(
            done ->
                exchange.answer(
                    202,
                    Exchange.JSON,
                    JsonOutput.write(
                        64,
                        json -> {
                          json.writeStartObject();
                          json.writeStringField("erasure_id", erasure.id());
                          json.writeEndObject();
                        })),
            exchange::fail);
  }

  private Buffer export(String userId) {
    List<LogEntry> held = new ArrayList<>();
    String quoted = JsonOutput.write(64, json -> json.writeString(userId)).toString();
    try (EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        if (entry instanceof Erasure erasure && erasure.userId().equals(userId)) {
          held.clear();
        } else if (isOf(entry, userId, quoted)) {
          held.add(entry);
        }
      }
    }
    UserSequence sequence = sequences.read(userId);
    return JsonOutput.write(
        4_096,
        json -> {
          json.writeStartObject();
          json.writeStringField("user_id", userId);
          write(json, "sequence", sequence);
          write(json, "beside", sequence.beside());
          json.writeArrayFieldStart("log");
          for (LogEntry entry : held) {
            LogCodec.write(json, entry);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static boolean isOf(LogEntry entry, String userId, String quoted) {
    if (entry instanceof Event event) {
      return event.userId().equals(userId);
    }
    if (entry instanceof Impression impression) {
      return impression.userId().equals(userId);
    }
    return entry instanceof Aside aside && aside.body().contains(quoted);
  }

  private static void write(JsonGenerator json, String name, UserSequence sequence)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (int at = 0; at < sequence.size(); at++) {
      json.writeStartObject();
      json.writeNumberField("time", sequence.timeMillis(at));
      json.writeStringField("item_hash", Long.toHexString(sequence.itemHash(at)));
      json.writeNumberField("type_code", sequence.type(at));
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
