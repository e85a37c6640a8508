package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.events.Aside;
import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.CloudEvent;
import dev.proffer.events.codec.EventReader;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.codec.JsonInput;
import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.gateway.live.LogFold;
import dev.proffer.gateway.ops.LoopMeters;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /log_event}: one event or an array, plain or as CloudEvents. Each element is kept,
 * put aside or refused by itself; 202 is said when what was kept is on disk and, unless more comes
 * than state takes in a moment, folded into it, so that the next suggestion sees it.
 */
final class LogEventHandler {
  private static final Logger LOG = LoggerFactory.getLogger(LogEventHandler.class);
  private static final int MAX_EVENTS = 1_000;
  private static final CharSequence IDEMPOTENCY_KEY =
      HttpHeaders.createOptimized("idempotency-key");

  private final Services services;
  private final LoopMeters meters;
  private final EventReader reader;
  private final Acknowledgements acknowledgements;
  private final Admission admission;

  LogEventHandler(
      Services services, LoopMeters meters, TimeOrderedIds ids, Admission admission, Vertx vertx) {
    this.services = services;
    this.meters = meters;
    this.reader = new EventReader(services.events(), ids);
    this.admission = admission;
    this.acknowledgements = new Acknowledgements(vertx, services.time());
  }

  /**
   * What was read of a body.
   *
   * @param array whether it was one
   * @param elements element by element what became of it
   * @param entries what the log is to keep
   */
  private record Batch(
      boolean array, List<EventReader.Read> elements, List<LogEntry> entries, int refused) {}

  void handle(Exchange exchange) {
    Bodies.events(
        exchange,
        services.limits().maxBodyBytes(),
        services.limits().maxBatchBytes(),
        (media, body) ->
            admission.offer(
                Admission.Importance.EVENTS,
                exchange,
                way -> take(exchange, read(exchange.request(), media, body))));
  }

  private Batch read(HttpServerRequest request, Media media, byte[] body) throws InvalidInput {
    String key = idempotencyKey(request);
    CloudEvent attributes = media == Media.JSON ? attributes(request) : null;
    long receivedMillis = services.time().millis();
    List<EventReader.Read> elements = new ArrayList<>();
    boolean array;
    try (JsonInput in = new JsonInput(body, 0, body.length)) {
      JsonToken first = in.next();
      array = first == JsonToken.START_ARRAY && attributes == null && media != Media.CLOUDEVENT;
      if (array) {
        while (in.next() != JsonToken.END_ARRAY) {
          int index = elements.size();
          if (index == MAX_EVENTS) {
            throw new InvalidInput(
                "body", "more than " + MAX_EVENTS + " events", "1 to " + MAX_EVENTS + " events");
          }
          elements.add(
              media == Media.JSON
                  ? reader.read(in, receivedMillis, key, index)
                  : reader.readCloudEvent(in, receivedMillis));
        }
        if (elements.isEmpty()) {
          throw new InvalidInput("body", "an empty array", "1 to " + MAX_EVENTS + " events");
        }
      } else {
        if (first != JsonToken.START_OBJECT || media == Media.CLOUDEVENTS) {
          throw in.refused("body", allowed(media, attributes));
        }
        elements.add(
            attributes != null
                ? reader.readCloudEvent(in, receivedMillis, attributes)
                : media == Media.JSON
                    ? reader.read(in, receivedMillis, key, 0)
                    : reader.readCloudEvent(in, receivedMillis));
      }
      in.end();
    }
    List<LogEntry> entries = new ArrayList<>(elements.size());
    int refused = 0;
    for (EventReader.Read element : elements) {
      if (element.event() != null) {
        entries.add(element.event());
      }
      if (element.aside() != null) {
        entries.add(element.aside());
      }
      refused += element.refusal() == null ? 0 : 1;
    }
    return new Batch(array, elements, entries, refused);
  }

  private static String allowed(Media media, @Nullable CloudEvent attributes) {
    if (attributes != null) {
      return "an object, the data of the event that the headers describe";
    }
    return switch (media) {
      case JSON -> "an event or an array of events";
      case CLOUDEVENT -> "a CloudEvent";
      case CLOUDEVENTS -> "an array of CloudEvents";
      case NDJSON -> throw new IllegalArgumentException("no events come in " + media);
    };
  }

  private static @Nullable String idempotencyKey(HttpServerRequest request) throws InvalidInput {
    String key = request.getHeader(IDEMPOTENCY_KEY);
    if (key == null) {
      return null;
    }
    if (key.isBlank() || key.length() > EventReader.MAX_ID) {
      throw new InvalidInput(
          IDEMPOTENCY_KEY.toString(),
          '"' + key + '"',
          "a text of 1 to " + EventReader.MAX_ID + " characters");
    }
    if (request.headers().getAll(IDEMPOTENCY_KEY).size() > 1) {
      throw new InvalidInput(IDEMPOTENCY_KEY.toString(), "stands twice", "one key");
    }
    return key;
  }

  /** The attributes of CloudEvents' binary mode; null when the request is not of it. */
  private static @Nullable CloudEvent attributes(HttpServerRequest request) throws InvalidInput {
    if (request.getHeader("ce-specversion") == null) {
      return null;
    }
    return new CloudEvent(
        attribute(request, "ce-specversion"),
        attribute(request, "ce-id"),
        attribute(request, "ce-source"),
        attribute(request, "ce-type"),
        attribute(request, "ce-subject"),
        attribute(request, "ce-time"));
  }

  private static @Nullable String attribute(HttpServerRequest request, String header)
      throws InvalidInput {
    String value = request.getHeader(header);
    if (value == null || value.indexOf('%') < 0) {
      return value;
    }
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(header, value, "a text whose % begin escapes such as %20");
    }
  }

  private void take(Exchange exchange, Batch batch) throws Refused {
    for (int refused = 0; refused < batch.refused(); refused++) {
      meters.event(LogFold.UNKNOWN, "refused");
    }
    if (batch.entries().isEmpty()) {
      throw nothingKept(batch);
    }
    boolean taken =
        acknowledgements.offer(
            services.pump(),
            batch.entries(),
            new Acknowledgements.Waiting() {
              @Override
              public void kept() {
                count(batch, false);
                exchange.answer(202, Exchange.JSON, accepted(batch));
              }

              @Override
              public void lost(@Nullable Throwable failure) {
                LOG.error("the log did not take {} entries", batch.entries().size(), failure);
                count(batch, true);
                exchange.fail(new Refused(Problem.LOG_FAILED, List.of()));
              }
            });
    if (!taken) {
      count(batch, true);
      throw new Refused(
          services.pump().takesIn() ? Problem.LOG_QUEUE_FULL : Problem.LOG_FULL, List.of());
    }
  }

  private void count(Batch batch, boolean lost) {
    for (EventReader.Read element : batch.elements()) {
      Event event = element.event();
      if (event != null) {
        meters.event(event.type(), lost ? "lost" : element.aside() == null ? "kept" : "trimmed");
      } else if (element.aside() != null) {
        meters.event(LogFold.UNKNOWN, lost ? "lost" : "aside");
      }
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
    int all = batch.elements().size();
    int kept = 0;
    for (EventReader.Read element : batch.elements()) {
      kept += element.event() == null ? 0 : 1;
    }
    int accepted = kept;
    return JsonOutput.write(
        128 + 128 * all,
        json -> {
          json.writeStartObject();
          if (!batch.array()) {
            json.writeStringField("event_id", batch.elements().get(0).id());
          }
          json.writeNumberField("accepted", accepted);
          json.writeNumberField("aside", all - accepted - batch.refused());
          json.writeNumberField("refused", batch.refused());
          json.writeArrayFieldStart("results");
          for (int at = 0; at < all; at++) {
            write(json, at, batch.elements().get(at));
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, int index, EventReader.Read element)
      throws IOException {
    InvalidInput refusal = element.refusal();
    Aside aside = element.aside();
    json.writeStartObject();
    json.writeNumberField("index", index);
    if (refusal != null) {
      json.writeNumberField("status", 400);
      json.writeStringField("field", refusal.field());
      json.writeStringField("value", refusal.value());
      json.writeStringField("allowed", refusal.allowed());
      json.writeStringField("detail", refusal.getMessage());
    } else {
      json.writeStringField("event_id", element.id());
      json.writeNumberField("status", 202);
      if (aside != null) {
        json.writeBooleanField("aside", true);
        json.writeStringField("field", aside.field());
        json.writeStringField("detail", aside.reason());
      }
    }
    json.writeEndObject();
  }
}
