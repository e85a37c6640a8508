package dev.proffer.events;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A declared kind of event. Immutable.
 *
 * @param name what {@code type} says on the wire
 * @param version raised when a change breaks those who read or send the type
 * @param description one sentence for people
 * @param entities whom or what it is about: {@code user} for {@code user_id}, and so on
 * @param retainDays how many days the warehouse keeps events of the type; 0 for ever
 * @param unknownFields what becomes of fields that are not declared
 * @param required envelope fields and own fields that must be there
 * @param fields the type's own fields by name
 */
public record EventType(
    String name,
    int version,
    String description,
    List<String> entities,
    int retainDays,
    Unknown unknownFields,
    List<String> required,
    Map<String, Field> fields) {

  public EventType {
    entities = List.copyOf(entities);
    required = List.copyOf(required);
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields)); // in order, for messages
  }

  /** The field that holds an entity's id. */
  public static String keyOf(String entity) {
    return entity + "_id";
  }

  /** What a field's value is. */
  public enum Kind {
    TEXT,
    INTEGER,
    NUMBER,
    FLAG
  }

  /**
   * A declared field.
   *
   * @param unit what a number counts; empty when it counts nothing
   * @param min least number, or least length of a text
   * @param max greatest number, or greatest length of a text
   * @param allowed the only texts allowed; empty when any is
   * @param personal whether it is personal data
   */
  public record Field(
      String name,
      Kind kind,
      String unit,
      double min,
      double max,
      List<String> allowed,
      boolean personal) {
    public Field {
      allowed = List.copyOf(allowed);
    }

    /** What is wrong with a value, in words, or null when it is fine. */
    public @Nullable String refusal(Object value) {
      switch (kind) {
        case TEXT -> {
          if (!(value instanceof String text)) {
            return "a text";
          }
          if (!allowed.isEmpty()) {
            return allowed.contains(text) ? null : "one of " + allowed;
          }
          return text.length() >= min && text.length() <= max
              ? null
              : "a text of " + (long) min + " to " + (long) max + " characters";
        }
        case FLAG -> {
          return value instanceof Boolean ? null : "true or false";
        }
        case INTEGER -> {
          return value instanceof Long number && number >= min && number <= max
              ? null
              : "a whole number from " + (long) min + " to " + (long) max;
        }
        case NUMBER -> {
          return value instanceof Number number
                  && number.doubleValue() >= min
                  && number.doubleValue() <= max
              ? null
              : "a number from " + min + " to " + max;
        }
      }
      throw new AssertionError(kind);
    }
  }
}
