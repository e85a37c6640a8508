package dev.proffer.events;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Path;
import java.util.Collections;
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

  /** A client saw what {@code /suggest} had returned; never a second impression. */
  public static final String IMPRESSION = "impression";

  private static final List<String> SHIPPED = List.of(IMPRESSION, "view", CLICK, CONVERSION);

  private static final String USER = "user";
  private static final List<String> ENTITY_KEYS = List.of("user_id", "item_id", "session_id");

  /** Fields beside the types' own that can be marked personal. */
  private static final List<String> MARKABLE =
      List.of("user_id", "session_id", "device", "context");

  private final Path file;
  private final Map<String, EventType> types;
  private final long maxFutureMillis;
  private final Unknown unknownTypes;
  private final String cloudEventsPrefix;
  private final Set<String> personal;
  private final PseudonymsSpec pseudonyms;

  private EventRegistry(
      Path file,
      Map<String, EventType> types,
      long maxFutureMillis,
      Unknown unknownTypes,
      String cloudEventsPrefix,
      Set<String> personal,
      PseudonymsSpec pseudonyms) {
    this.file = file;
    this.types = Collections.unmodifiableMap(types);
    this.maxFutureMillis = maxFutureMillis;
    this.unknownTypes = unknownTypes;
    this.cloudEventsPrefix = cloudEventsPrefix;
    this.personal = Set.copyOf(personal);
    this.pseudonyms = pseudonyms;
  }

  /**
   * How personal data leaves.
   *
   * @param apply whether it leaves as pseudonyms
   * @param keyFile holds the key; null when none is named
   * @param line where the file says so, 1-based
   */
  record PseudonymsSpec(boolean apply, @Nullable Path keyFile, int line) {}

  /** Reads the registry below {@code configDir}; mistakes go to {@code problems}. */
  public static EventRegistry read(Path configDir, Problems problems) {
    return readFile(configDir.resolve(FILE), problems);
  }

  /** Reads a registry from a file of any name; mistakes go to {@code problems}. */
  public static EventRegistry readFile(Path file, Problems problems) {
    Section root = ConfigFile.read(file, problems);
    long maxFuture = root.integer("max-future-seconds", 300L, 0, 86_400) * 1000;
    Unknown unknownTypes = root.oneOf("unknown-types", Unknown.class, Unknown.REFUSE);
    Unknown unknownFields = root.oneOf("unknown-fields", Unknown.class, Unknown.REFUSE);
    String prefix = root.text("cloudevents-prefix", "");
    List<String> personal = root.texts("personal");
    for (String field : personal) {
      if (!MARKABLE.contains(field)) {
        root.refuse("personal", "\"" + field + "\" is not one of " + MARKABLE);
      }
    }
    PseudonymsSpec pseudonyms = pseudonyms(file, root.section("pseudonyms"));
    Map<String, EventType> types = new LinkedHashMap<>();
    Section declared = root.section("types");
    declared
        .named()
        .forEach((name, section) -> types.put(name, type(name, section, unknownFields)));
    declared.done();
    for (String name : SHIPPED) {
      if (!types.containsKey(name)) {
        root.refuse("types", "the type \"" + name + "\" must be declared");
      }
    }
    root.done();
    return new EventRegistry(
        file, types, maxFuture, unknownTypes, prefix, Set.copyOf(personal), pseudonyms);
  }

  private static PseudonymsSpec pseudonyms(Path file, Section section) {
    boolean apply = section.flag("apply", false);
    String keyFile = section.text("key-file", "");
    if (apply && keyFile.isBlank()) {
      section.refuse("key-file", "is required while apply is true");
    }
    section.done();
    return new PseudonymsSpec(
        apply,
        keyFile.isBlank() ? null : file.toAbsolutePath().resolveSibling(keyFile),
        section.line());
  }

  /** The file it was read from. */
  public Path file() {
    return file;
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

  /** What becomes of events of a type that is not declared. */
  public Unknown unknownTypes() {
    return unknownTypes;
  }

  /** What may stand before a type's name in a CloudEvent; empty for nothing. */
  public String cloudEventsPrefix() {
    return cloudEventsPrefix;
  }

  /** The fields of every event and impression that are personal data. */
  public Set<String> personal() {
    return personal;
  }

  PseudonymsSpec pseudonyms() {
    return pseudonyms;
  }

  private static EventType type(String name, Section section, Unknown otherwise) {
    int version = section.integer("version", 1, 1, 10_000);
    String description = section.text("description", "");
    List<String> named = section.texts("entities");
    List<String> entities = named.isEmpty() ? List.of(USER) : named;
    int retainDays = section.integer("retain-days", 0, 0, 36_500);
    Unknown unknownFields = section.oneOf("unknown-fields", Unknown.class, otherwise);
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
    checkEntities(section, entities, required, fields);
    section.done();
    return new EventType(
        name, version, description, entities, retainDays, unknownFields, required, fields);
  }

  private static void checkEntities(
      Section section,
      List<String> entities,
      List<String> required,
      Map<String, EventType.Field> fields) {
    if (!entities.contains(USER)) {
      section.refuse("entities", entities + " lacks user; every event is about one");
    }
    for (String entity : entities) {
      String key = EventType.keyOf(entity);
      EventType.Field own = fields.get(key);
      if (own == null && !ENTITY_KEYS.contains(key)) {
        section.refuse(
            "entities",
            "\""
                + entity
                + "\" has no key: "
                + key
                + " is neither one of "
                + ENTITY_KEYS
                + " nor declared under fields");
      } else if (own != null && own.kind() != EventType.Kind.TEXT) {
        section.refuse("entities", "the key of \"" + entity + "\", " + key + ", must be a text");
      } else if (!entity.equals(USER) && !required.contains(key)) {
        section.refuse("entities", "the key of \"" + entity + "\", " + key + ", must be required");
      }
    }
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
