package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.events.Event;
import dev.proffer.events.codec.EventReader;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.codec.JsonInput;
import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.gateway.live.LogFold;
import dev.proffer.gateway.ops.LoopMeters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /log_event}: one event or an array. Each element is kept or refused by itself; 202 is
 * said when what was kept is on disk and folded into the state, so that the next suggestion sees
 * it.
 */
final class LogEventHandler {
  private static final Logger LOG = LoggerFactory.getLogger(LogEventHandler.class);
  private static final int MAX_EVENTS = 1_000;

  /** The log answers within milliseconds; after this the caller is told to try again. */
  private static final long PATIENCE_SECONDS = 5;

  private final Services services;
  private final LoopMeters meters;
  private final EventReader reader;
  private final Vertx vertx;

  LogEventHandler(Services services, LoopMeters meters, TimeOrderedIds ids, Vertx vertx) {
    this.services = services;
    this.meters = meters;
    this.reader = new EventReader(services.events(), ids);
    this.vertx = vertx;
  }

  /** What was read of a body: element by element, an event or a refusal. */
  private record Batch(boolean array, List<EventReader.Read> elements, List<Event> events) {}

  void handle(Exchange exchange) {
    Bodies.read(
        exchange,
        services.maxBodyBytes(),
        services.maxBatchBytes(),
        body -> take(exchange, read(body)));
  }

  private Batch read(byte[] body) throws InvalidInput {
    long receivedMillis = services.time().millis();
    List<EventReader.Read> elements = new ArrayList<>();
    boolean array;
    try (JsonInput in = new JsonInput(body, 0, body.length)) {
      JsonToken first = in.next();
      array = first == JsonToken.START_ARRAY;
      if (array) {
        while (in.next() != JsonToken.END_ARRAY) {
          if (elements.size() == MAX_EVENTS) {
            throw new InvalidInput(
                "body", "more than " + MAX_EVENTS + " events", "1 to " + MAX_EVENTS + " events");
          }
          elements.add(reader.read(in, receivedMillis));
        }
        if (elements.isEmpty()) {
          throw new InvalidInput("body", "an empty array", "1 to " + MAX_EVENTS + " events");
        }
      } else {
        if (first != JsonToken.START_OBJECT) {
          throw in.refused("body", "an event or an array of events");
        }
        elements.add(reader.read(in, receivedMillis));
      }
      in.end();
    }
    List<Event> events = new ArrayList<>(elements.size());
    for (EventReader.Read element : elements) {
      if (element.event() != null) {
        events.add(element.event());
      }
    }
    return new Batch(array, elements, events);
  }

  private void take(Exchange exchange, Batch batch) throws Refused {
    for (int at = batch.events().size(); at < batch.elements().size(); at++) {
      meters.event(LogFold.UNKNOWN, "refused");
    }
    if (batch.events().isEmpty()) {
      throw nothingKept(batch);
    }
    append(batch.events())
        .onComplete(
            kept -> {
              count(batch, "kept");
              exchange.answer(202, Exchange.JSON, accepted(batch));
            },
            failure -> {
              count(batch, "lost");
              exchange.fail(failure);
            });
  }

  /** Completes on the request's context when the events are durable and folded. */
  private Future<Void> append(List<Event> events) {
    Context context = vertx.getOrCreateContext();
    Promise<Void> promise = Promise.promise();
    boolean taken =
        services
            .pump()
            .offer(
                events,
                failure ->
                    context.runOnContext(
                        back -> {
                          if (failure == null) {
                            promise.tryComplete();
                          } else {
                            LOG.error("the log did not take {} events", events.size(), failure);
                            promise.tryFail(new Refused(Problem.LOG_FAILED, List.of()));
                          }
                        }));
    if (!taken) {
      Problem why = services.pump().takesIn() ? Problem.LOG_QUEUE_FULL : Problem.LOG_FULL;
      return Future.failedFuture(new Refused(why, List.of()));
    }
    long timer =
        vertx.setTimer(
            TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS),
            late -> promise.tryFail(new Refused(Problem.LOG_FAILED, List.of())));
    return promise.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private void count(Batch batch, String outcome) {
    for (Event event : batch.events()) {
      meters.event(event.type(), outcome);
    }
  }

  private static Refused nothingKept(Batch batch) {
    List<Refused.Violation> violations = new ArrayList<>(batch.elements().size());
    for (int at = 0; at < batch.elements().size(); at++) {
      InvalidInput refusal = batch.elements().get(at).refusal();
      if (refusal != null) {
        violations.add(Refused.Violation.of(batch.array() ? at : -1, refusal));
      }
    }
    return new Refused(
        batch.array() ? Problem.NOTHING_KEPT : Problem.MALFORMED_REQUEST, violations);
  }

  private static Buffer accepted(Batch batch) {
    int kept = batch.events().size();
    int all = batch.elements().size();
    return JsonOutput.write(
        128 + 128 * all,
        json -> {
          json.writeStartObject();
          if (!batch.array()) {
            json.writeStringField("event_id", batch.events().get(0).id());
          }
          json.writeNumberField("accepted", kept);
          json.writeNumberField("refused", all - kept);
          json.writeArrayFieldStart("results");
          for (int at = 0; at < all; at++) {
            write(json, at, batch.elements().get(at).event(), batch.elements().get(at).refusal());
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(
      JsonGenerator json, int index, @Nullable Event event, @Nullable InvalidInput refusal)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("index", index);
    if (event != null) {
      json.writeStringField("event_id", event.id());
      json.writeNumberField("status", 202);
    } else if (refusal != null) {
      json.writeNumberField("status", 400);
      json.writeStringField("field", refusal.field());
      json.writeStringField("value", refusal.value());
      json.writeStringField("allowed", refusal.allowed());
      json.writeStringField("detail", refusal.getMessage());
    }
    json.writeEndObject();
  }
}
