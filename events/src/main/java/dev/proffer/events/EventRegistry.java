package dev.proffer.events;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The event types that exist, read from {@code events.yaml}. Immutable. Adding a type needs no
 * code.
 *
 * <p>The envelope of every event: {@code type}, {@code user_id}, {@code item_id}, {@code
 * request_id}, {@code session_id}, {@code event_id}, {@code timestamp}. A type adds its own fields.
 */
public final class EventRegistry {
  /** The file's name below the configuration directory. */
  public static final String FILE = "events.yaml";

  /** Fields every event may carry, whatever its type. */
  public static final Set<String> ENVELOPE =
      Set.of("type", "user_id", "item_id", "request_id", "session_id", "event_id", "timestamp");

  /** A person chose a proposition. */
  public static final String CLICK = "click";

  /** What a click was for: an order, a contract, an application. */
  public static final String CONVERSION = "conversion";

  private static final List<String> SHIPPED = List.of("impression", "view", CLICK, CONVERSION);

  private final Map<String, EventType> types;
  private final long maxFutureMillis;

  private EventRegistry(Map<String, EventType> types, long maxFutureMillis) {
    this.types = types;
    this.maxFutureMillis = maxFutureMillis;
  }

  /** Reads the registry below {@code configDir}; mistakes go to {@code problems}. */
  public static EventRegistry read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    long maxFuture = root.integer("max-future-seconds", 300L, 0, 86_400) * 1000;
    Map<String, EventType> types = new LinkedHashMap<>();
    Section declared = root.section("types");
    declared.named().forEach((name, section) -> types.put(name, type(name, section)));
    declared.done();
    for (String name : SHIPPED) {
      if (!types.containsKey(name)) {
        root.refuse("types", "the type \"" + name + "\" must be declared");
      }
    }
    root.done();
    return new EventRegistry(types, maxFuture);
  }

  /** The type of that name, or null when there is none. */
  public @Nullable EventType type(String name) {
    return types.get(name);
  }

  /** All types in file order. */
  public List<EventType> types() {
    return List.copyOf(types.values());
  }

  /** How far in the future a client's timestamp may lie, in milliseconds. */
  public long maxFutureMillis() {
    return maxFutureMillis;
  }

  private static EventType type(String name, Section section) {
    int version = section.integer("version", 1, 1, 10_000);
    String description = section.text("description", "");
    List<String> required = section.texts("required");
    Map<String, EventType.Field> fields = new LinkedHashMap<>();
    Section declared = section.section("fields");
    declared.named().forEach((field, of) -> fields.put(field, field(field, of)));
    for (String field : fields.keySet()) {
      if (ENVELOPE.contains(field)) {
        declared.refuse(field, "is a field of the envelope and cannot be declared again");
      }
    }
    for (String field : required) {
      if (!ENVELOPE.contains(field) && !fields.containsKey(field)) {
        section.refuse(
            "required", "\"" + field + "\" is neither an envelope field nor declared under fields");
      }
    }
    section.done();
    return new EventType(name, version, description, required, fields);
  }

  private static EventType.Field field(String name, Section section) {
    EventType.Kind kind = section.oneOf("type", EventType.Kind.class, EventType.Kind.TEXT);
    boolean text = kind == EventType.Kind.TEXT;
    double least = text ? 0 : -1e15;
    double most = text ? 4_096 : 1e15;
    double min = section.number("min", text ? 1 : least, least, most);
    double max = section.number("max", text ? Math.max(min, 256) : most, min, most);
    List<String> allowed = section.texts("allowed");
    EventType.Field field =
        new EventType.Field(
            name,
            kind,
            section.text("unit", ""),
            min,
            max,
            allowed,
            section.flag("personal", false));
    section.done();
    return field;
  }
}
