package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.events.Unknown;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Event types as JSON Schema, draft 2020-12: what a plain event of the type may hold. What JSON
 * Schema has no word for stands under {@code x-} keywords: version, entities, retention, unit,
 * personal.
 */
public final class EventSchemas {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final double LARGEST = 1e15;

  private EventSchemas() {}

  /** The schema's name among the contract's components. */
  public static String name(EventType type) {
    return "Event_" + type.name().replaceAll("[^A-Za-z0-9._-]", "_");
  }

  /** A type's schema, as one line of JSON. */
  public static String of(EventRegistry registry, EventType type) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      schema(json, registry, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it writes to memory
    }
    return text.toString();
  }

  private static void schema(JsonGenerator json, EventRegistry registry, EventType type)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "object");
    if (!type.description().isEmpty()) {
      json.writeStringField("description", type.description());
    }
    json.writeNumberField("x-version", type.version());
    texts(json, "x-entities", type.entities());
    if (type.retainDays() > 0) {
      json.writeNumberField("x-retain-days", type.retainDays());
    }
    Set<String> required = new TreeSet<>(type.required());
    required.add("type");
    required.add("user_id");
    texts(json, "required", required);
    json.writeObjectFieldStart("properties");
    json.writeObjectFieldStart("type");
    json.writeStringField("const", type.name());
    json.writeEndObject();
    for (String id : List.of("user_id", "item_id", "request_id", "session_id", "event_id")) {
      json.writeObjectFieldStart(id);
      kind(json, "string", required.contains(id));
      json.writeNumberField("minLength", 1);
      json.writeNumberField("maxLength", EventReader.MAX_ID);
      json.writeStringField("pattern", "\\S");
      if (registry.personal().contains(id)) {
        json.writeBooleanField("x-personal", true);
      }
      json.writeEndObject();
    }
    timestamp(json, required.contains("timestamp"));
    for (EventType.Field field : type.fields().values()) {
      field(json, field, required.contains(field.name()));
    }
    json.writeEndObject();
    json.writeBooleanField("additionalProperties", type.unknownFields() == Unknown.ASIDE);
    json.writeEndObject();
  }

  private static void timestamp(JsonGenerator json, boolean required) throws IOException {
    json.writeObjectFieldStart("timestamp");
    json.writeStringField("description", "An RFC 3339 time with an offset, or epoch milliseconds");
    json.writeArrayFieldStart("type");
    json.writeString("string");
    json.writeString("integer");
    if (!required) {
      json.writeString("null");
    }
    json.writeEndArray();
    json.writeStringField("format", "date-time");
    json.writeNumberField("minimum", 0);
    json.writeNumberField("maximum", JsonInput.MAX_MILLIS);
    json.writeEndObject();
  }

  private static void field(JsonGenerator json, EventType.Field field, boolean required)
      throws IOException {
    json.writeObjectFieldStart(field.name());
    switch (field.kind()) {
      case TEXT -> {
        kind(json, "string", required);
        if (field.allowed().isEmpty()) {
          json.writeNumberField("minLength", (long) field.min());
          json.writeNumberField("maxLength", (long) field.max());
        } else {
          json.writeArrayFieldStart("enum");
          for (String allowed : field.allowed()) {
            json.writeString(allowed);
          }
          if (!required) {
            json.writeNull();
          }
          json.writeEndArray();
        }
      }
      case INTEGER -> {
        kind(json, "integer", required);
        bounds(json, field);
      }
      case NUMBER -> {
        kind(json, "number", required);
        bounds(json, field);
      }
      case FLAG -> kind(json, "boolean", required);
    }
    if (!field.unit().isEmpty()) {
      json.writeStringField("x-unit", field.unit());
    }
    if (field.personal()) {
      json.writeBooleanField("x-personal", true);
    }
    json.writeEndObject();
  }

  /** The bounds; not those that every number has. */
  private static void bounds(JsonGenerator json, EventType.Field field) throws IOException {
    if (field.min() > -LARGEST) {
      bound(json, "minimum", field.min());
    }
    if (field.max() < LARGEST) {
      bound(json, "maximum", field.max());
    }
  }

  private static void bound(JsonGenerator json, String name, double bound) throws IOException {
    if (bound == Math.rint(bound)) {
      json.writeNumberField(name, (long) bound);
    } else {
      json.writeNumberField(name, bound);
    }
  }

  /** A JSON null reads as an absent field, so it is as good as none where none is required. */
  private static void kind(JsonGenerator json, String kind, boolean required) throws IOException {
    if (required) {
      json.writeStringField("type", kind);
    } else {
      texts(json, "type", List.of(kind, "null"));
    }
  }

  private static void texts(JsonGenerator json, String name, Iterable<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
