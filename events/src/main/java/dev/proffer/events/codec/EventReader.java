package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.events.time.TimeOrderedIds;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads events from JSON and holds them against the registry. A refused event is read to its end,
 * so that the ones behind it can still be read. Not thread-safe; one event loop owns one.
 */
public final class EventReader {
  /** Longest id of a user, item, request, session or event, in characters. */
  public static final int MAX_ID = 256;

  private final EventRegistry registry;
  private final TimeOrderedIds ids;

  public EventReader(EventRegistry registry, TimeOrderedIds ids) {
    this.registry = registry;
    this.ids = ids;
  }

  /** What became of one element: an event, or why it was refused. */
  public record Read(@Nullable Event event, @Nullable InvalidInput refusal) {}

  /**
   * Reads the event the input stands on.
   *
   * @param receivedMillis when it arrived
   * @throws InvalidInput when the JSON itself is broken, so that nothing behind it can be read
   */
  public Read read(JsonInput in, long receivedMillis) throws InvalidInput {
    if (in.token() != JsonToken.START_OBJECT) {
      InvalidInput refusal = in.refused("event", "an object");
      in.skip();
      return new Read(null, refusal);
    }
    InvalidInput refusal = null;
    Map<String, Object> values = new LinkedHashMap<>();
    for (String name = in.field(); name != null; name = in.field()) {
      if (refusal != null) {
        in.skip();
        continue;
      }
      try {
        Object value = in.plain(name);
        if (value != null && values.put(name, value) != null) {
          refusal = new InvalidInput(name, "stands twice", "each field once");
        }
      } catch (InvalidInput e) {
        if (e.isBroken()) {
          throw e;
        }
        refusal = e;
      }
    }
    if (refusal != null) {
      return new Read(null, refusal);
    }
    try {
      return new Read(event(values, receivedMillis), null);
    } catch (InvalidInput e) {
      return new Read(null, e);
    }
  }

  private Event event(Map<String, Object> values, long receivedMillis) throws InvalidInput {
    String typeName = id(values, "type");
    if (typeName == null) {
      throw missing("type", known());
    }
    EventType type = registry.type(typeName);
    if (type == null) {
      throw new InvalidInput("type", typeName, known());
    }
    String userId = id(values, "user_id");
    if (userId == null) {
      throw missing("user_id", "a text of 1 to " + MAX_ID + " characters");
    }
    String itemId = id(values, "item_id");
    String requestId = id(values, "request_id");
    String sessionId = id(values, "session_id");
    String eventId = id(values, "event_id");
    Object stamp = values.remove("timestamp");
    long timeMillis = timestamp(stamp, receivedMillis);
    Map<String, Object> fields = new HashMap<>();
    for (Map.Entry<String, Object> own : values.entrySet()) {
      EventType.Field field = type.fields().get(own.getKey());
      if (field == null) {
        throw new InvalidInput(
            own.getKey(),
            String.valueOf(own.getValue()),
            "only the envelope and " + type.fields().keySet() + " in a " + typeName);
      }
      String allowed = field.refusal(own.getValue());
      if (allowed != null) {
        throw new InvalidInput(own.getKey(), String.valueOf(own.getValue()), allowed);
      }
      fields.put(own.getKey(), own.getValue());
    }
    for (String required : type.required()) {
      boolean there =
          switch (required) {
            case "item_id" -> itemId != null;
            case "request_id" -> requestId != null;
            case "session_id" -> sessionId != null;
            case "event_id" -> eventId != null;
            case "timestamp" -> stamp != null;
            default -> EventRegistry.ENVELOPE.contains(required) || fields.containsKey(required);
          };
      if (!there) {
        throw missing(required, "it in every " + typeName);
      }
    }
    String id = eventId == null ? ids.next() : eventId;
    return new Event(
        id, type.name(), userId, itemId, requestId, sessionId, timeMillis, receivedMillis, fields);
  }

  private long timestamp(@Nullable Object value, long receivedMillis) throws InvalidInput {
    if (value == null) {
      return receivedMillis;
    }
    long millis;
    if (value instanceof String text) {
      millis = JsonInput.instant("timestamp", text);
    } else if (value instanceof Long number && number >= 0 && number <= JsonInput.MAX_MILLIS) {
      millis = number;
    } else {
      throw new InvalidInput(
          "timestamp", String.valueOf(value), "an RFC 3339 time or epoch milliseconds");
    }
    if (millis > receivedMillis + registry.maxFutureMillis()) {
      throw new InvalidInput(
          "timestamp",
          String.valueOf(value),
          "a time at most " + registry.maxFutureMillis() / 1000 + " s after the server's clock");
    }
    return millis;
  }

  private static @Nullable String id(Map<String, Object> values, String field) throws InvalidInput {
    Object value = values.remove(field);
    if (value == null) {
      return null;
    }
    if (value instanceof String text && !text.isBlank() && text.length() <= MAX_ID) {
      return text;
    }
    throw new InvalidInput(
        field,
        value instanceof String ? "\"" + value + "\"" : String.valueOf(value),
        "a text of 1 to " + MAX_ID + " characters");
  }

  private static InvalidInput missing(String field, String allowed) {
    return new InvalidInput(field, "missing", allowed);
  }

  private String known() {
    return "one of " + registry.types().stream().map(EventType::name).toList();
  }
}
