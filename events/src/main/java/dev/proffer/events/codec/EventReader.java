package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.events.Aside;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.events.Unknown;
import dev.proffer.events.time.TimeOrderedIds;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads events from JSON, plain or as CloudEvents 1.0, and holds them against the registry. A
 * refused event is read to its end, so that the ones behind it can still be read. Not thread-safe;
 * one event loop owns one. It allocates what it keeps; {@code EventReaderBenchmark} measures it.
 *
 * <p>The id of an event is its own {@code event_id}; for a CloudEvent, whose {@code id} is unique
 * within its {@code source}, it is made of both; for others it is made of the request's idempotency
 * key and the event's place in the body, or is new where there is no key.
 */
public final class EventReader {
  /** Longest id of a user, item, request, session or event, in characters. */
  public static final int MAX_ID = 256;

  /** Longest {@code source} of a CloudEvent, in characters. */
  public static final int MAX_SOURCE = 1_024;

  /** Most fields of its own that an event may have. */
  private static final int MOST_FIELDS = 256;

  private static final String DATA = "data.";
  private static final String ONCE = "each field once";
  private static final String STANDS_TWICE = "stands twice";

  private final EventRegistry registry;
  private final TimeOrderedIds ids;
  private final NamedIds named = new NamedIds();
  private final EventType[] types;
  private final boolean asides;

  // The event that is being read.
  private @Nullable EventType type;
  private @Nullable String unknownType;
  private @Nullable String userId;
  private @Nullable String itemId;
  private @Nullable String requestId;
  private @Nullable String sessionId;
  private @Nullable String eventId;
  private long timeMillis; // NO_TIME when it says none
  private final String[] names = new String[MOST_FIELDS];
  private final @Nullable Object[] values = new Object[MOST_FIELDS]; // or why it was refused
  private int own;
  private @Nullable InvalidInput typeRefusal;
  private @Nullable InvalidInput refusal;
  private int begins;
  private int ends;

  // The CloudEvent around it.
  private @Nullable String ceId;
  private @Nullable String ceSource;
  private @Nullable String ceSubject;
  private @Nullable String ceSpecversion;
  private boolean data;

  private static final long NO_TIME = -1;

  public EventReader(EventRegistry registry, TimeOrderedIds ids) {
    this.registry = registry;
    this.ids = ids;
    this.types = registry.types().toArray(EventType[]::new);
    boolean any = registry.unknownTypes() == Unknown.ASIDE;
    for (EventType known : types) {
      any |= known.unknownFields() == Unknown.ASIDE;
    }
    this.asides = any;
  }

  /**
   * What became of one element: an event, what was put aside of it, both, or why it was refused.
   *
   * @param id what the caller is told; empty for what was refused
   */
  public record Read(
      String id, @Nullable Event event, @Nullable Aside aside, @Nullable InvalidInput refusal) {}

  /** Reads the plain event the input stands on, which has no idempotency key. */
  public Read read(JsonInput in, long receivedMillis) throws InvalidInput {
    return read(in, receivedMillis, null, 0);
  }

  /**
   * Reads the plain event the input stands on.
   *
   * @param receivedMillis when it arrived
   * @param key the request's idempotency key
   * @param index the event's place in the body
   * @throws InvalidInput when the JSON itself is broken, so that nothing behind it can be read
   */
  public Read read(JsonInput in, long receivedMillis, @Nullable String key, int index)
      throws InvalidInput {
    if (in.token() != JsonToken.START_OBJECT) {
      return notAnObject(in, "event");
    }
    reset();
    body(in, receivedMillis, false);
    return done(in, receivedMillis, "", key, index);
  }

  /**
   * Reads the CloudEvent the input stands on, in the form of the structured and batched modes.
   *
   * @param receivedMillis when it arrived
   * @throws InvalidInput when the JSON itself is broken, so that nothing behind it can be read
   */
  public Read readCloudEvent(JsonInput in, long receivedMillis) throws InvalidInput {
    if (in.token() != JsonToken.START_OBJECT) {
      return notAnObject(in, "event");
    }
    reset();
    int first = asides ? in.begins() : 0;
    for (String name = in.field(); name != null; name = in.field()) {
      try {
        attribute(in, name, receivedMillis);
      } catch (InvalidInput e) {
        refuse(in, e);
      }
    }
    begins = first;
    ends = asides ? in.ends() : 0;
    return cloudEvent(in, receivedMillis);
  }

  /**
   * Reads the data of a CloudEvent whose attributes came in headers, the binary mode.
   *
   * @param receivedMillis when it arrived
   * @throws InvalidInput when the JSON itself is broken
   */
  public Read readCloudEvent(JsonInput in, long receivedMillis, CloudEvent attributes)
      throws InvalidInput {
    if (in.token() != JsonToken.START_OBJECT) {
      return notAnObject(in, "data");
    }
    reset();
    data = true;
    body(in, receivedMillis, true);
    try {
      ceId = attribute("id", attributes.id(), MAX_ID);
      ceSource = attribute("source", attributes.source(), MAX_SOURCE);
      ceSubject = attribute("subject", attributes.subject(), MAX_ID);
      ceSpecversion = attributes.specversion();
      String time = attributes.time();
      if (time != null) {
        timeMillis = notAhead("time", time, JsonInput.instant("time", time), receivedMillis);
      }
    } catch (InvalidInput e) {
      refusal = refusal == null ? e : refusal;
    }
    cloudEventType(attributes.type());
    return cloudEvent(in, receivedMillis);
  }

  private Read notAnObject(JsonInput in, String field) throws InvalidInput {
    InvalidInput why = in.refused(field, "an object");
    in.skip();
    return new Read("", null, null, why);
  }

  private void reset() {
    type = null;
    unknownType = null;
    userId = null;
    itemId = null;
    requestId = null;
    sessionId = null;
    eventId = null;
    timeMillis = NO_TIME;
    Arrays.fill(values, 0, own, null);
    own = 0;
    typeRefusal = null;
    refusal = null;
    ceId = null;
    ceSource = null;
    ceSubject = null;
    ceSpecversion = null;
    data = false;
  }

  /** The fields of a plain event, or of a CloudEvent's data. */
  private void body(JsonInput in, long receivedMillis, boolean inCloudEvent) throws InvalidInput {
    begins = asides ? in.begins() : 0;
    for (String name = in.field(); name != null; name = in.field()) {
      if (in.isNull()) {
        continue;
      }
      try {
        if (inCloudEvent) {
          dataField(in, name);
        } else {
          field(in, name, receivedMillis);
        }
      } catch (InvalidInput e) {
        if (!inCloudEvent || e.isBroken()) {
          refuse(in, e);
        } else {
          refuse(in, new InvalidInput(DATA + e.field(), e.value(), e.allowed()));
        }
      }
    }
    ends = asides ? in.ends() : 0;
  }

  private void refuse(JsonInput in, InvalidInput e) throws InvalidInput {
    if (e.isBroken()) {
      throw e;
    }
    in.skip();
    if (e.field().equals("type")) {
      typeRefusal = e;
    } else if (refusal == null) {
      refusal = e;
    }
  }

  private void field(JsonInput in, String name, long receivedMillis) throws InvalidInput {
    switch (name) {
      case "type" -> type(in);
      case "event_id" -> {
        once(name, eventId);
        eventId = in.name(name, MAX_ID);
      }
      case "timestamp" -> {
        if (timeMillis != NO_TIME) {
          throw new InvalidInput(name, STANDS_TWICE, ONCE);
        }
        timeMillis = notAhead(name, in, in.instant(name), receivedMillis);
      }
      default -> shared(in, name);
    }
  }

  private void dataField(JsonInput in, String name) throws InvalidInput {
    switch (name) {
      case "type" -> throw new InvalidInput(DATA + name, in.describe(), "the type beside the data");
      case "event_id" -> throw new InvalidInput(name, in.describe(), "the id beside the data");
      case "timestamp" -> throw new InvalidInput(name, in.describe(), "the time beside the data");
      default -> shared(in, name);
    }
  }

  private void shared(JsonInput in, String name) throws InvalidInput {
    switch (name) {
      case "user_id" -> {
        once(name, userId);
        userId = in.name(name, MAX_ID);
      }
      case "item_id" -> {
        once(name, itemId);
        itemId = in.name(name, MAX_ID);
      }
      case "request_id" -> {
        once(name, requestId);
        requestId = in.name(name, MAX_ID);
      }
      case "session_id" -> {
        once(name, sessionId);
        sessionId = in.name(name, MAX_ID);
      }
      default -> own(in, name);
    }
  }

  private static void once(String name, @Nullable String before) throws InvalidInput {
    if (before != null) {
      throw new InvalidInput(name, STANDS_TWICE, ONCE);
    }
  }

  /** A field of the type's own: held against the type when that is known. */
  private void own(JsonInput in, String name) throws InvalidInput {
    for (int at = 0; at < own; at++) {
      if (names[at].equals(name)) {
        throw new InvalidInput(name, STANDS_TWICE, ONCE);
      }
    }
    if (own == MOST_FIELDS) {
      throw new InvalidInput(name, "one field too many", "at most " + MOST_FIELDS + " fields");
    }
    Object value;
    try {
      value = in.plain(name);
    } catch (InvalidInput e) {
      if (e.isBroken()) {
        throw e;
      }
      value = e; // is nothing wrong if the field, or all of the event, is put aside
    }
    names[own] = name;
    values[own++] = value;
  }

  private void type(JsonInput in) throws InvalidInput {
    if (type != null || unknownType != null) {
      throw new InvalidInput("type", STANDS_TWICE, ONCE);
    }
    for (EventType known : types) {
      if (in.is(known.name())) {
        type = known;
        return;
      }
    }
    unknownType = in.name("type", MAX_ID);
  }

  private void attribute(JsonInput in, String name, long receivedMillis) throws InvalidInput {
    if (in.isNull()) {
      return;
    }
    switch (name) {
      case "type" -> {
        once(name, unknownType == null && type != null ? type.name() : unknownType);
        cloudEventType(in.name(name, MAX_ID));
      }
      case "id" -> {
        once(name, ceId);
        ceId = in.name(name, MAX_ID);
      }
      case "source" -> {
        once(name, ceSource);
        ceSource = in.name(name, MAX_SOURCE);
      }
      case "subject" -> {
        once(name, ceSubject);
        ceSubject = in.name(name, MAX_ID);
      }
      case "specversion" -> {
        once(name, ceSpecversion);
        ceSpecversion = in.name(name, MAX_ID);
      }
      case "time" -> {
        if (in.token() != JsonToken.VALUE_STRING) {
          throw in.refused(name, "an RFC 3339 time with an offset");
        }
        timeMillis = notAhead(name, in, in.instant(name), receivedMillis);
      }
      case "datacontenttype" -> {
        String content = in.name(name, MAX_ID);
        if (content != null && !isJson(content)) {
          throw new InvalidInput(name, content, "application/json or another +json type");
        }
      }
      case "data_base64" ->
          throw new InvalidInput(name, "binary data", "data, an object of the event's fields");
      case "data" -> {
        if (in.token() != JsonToken.START_OBJECT) {
          throw in.refused(name, "an object of the event's fields");
        }
        if (data) {
          throw new InvalidInput(name, STANDS_TWICE, ONCE);
        }
        data = true;
        body(in, receivedMillis, true);
      }
      default -> in.skip(); // an extension, or a schema we do not follow
    }
  }

  private static boolean isJson(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT).split(";", -1)[0].strip();
    return type.endsWith("/json") || type.endsWith("+json");
  }

  private static @Nullable String attribute(String name, @Nullable String value, int max)
      throws InvalidInput {
    if (value != null && (value.isBlank() || value.length() > max)) {
      throw new InvalidInput(name, '"' + value + '"', "a text of 1 to " + max + " characters");
    }
    return value;
  }

  private void cloudEventType(@Nullable String name) {
    if (name == null) {
      return;
    }
    type = registry.type(name);
    String prefix = registry.cloudEventsPrefix();
    if (type == null && !prefix.isEmpty() && name.startsWith(prefix)) {
      type = registry.type(name.substring(prefix.length()));
    }
    unknownType = type == null ? name : null;
  }

  private Read cloudEvent(JsonInput in, long receivedMillis) {
    if (userId == null) {
      userId = ceSubject;
    }
    try {
      String words = "a text of 1 to " + MAX_ID + " characters";
      if (ceSpecversion == null) {
        throw missing("specversion", "1.0");
      }
      if (!ceSpecversion.equals("1.0")) {
        throw new InvalidInput("specversion", ceSpecversion, "1.0");
      }
      if (refusal != null) {
        throw refusal;
      }
      if (ceId == null) {
        throw missing("id", words);
      }
      if (ceSource == null) {
        throw missing("source", "a text of 1 to " + MAX_SOURCE + " characters");
      }
      eventId = named.of("cloudevent", ceSource, ceId);
      if (userId == null && type != null) {
        throw missing("subject", words + ", or user_id within data");
      }
    } catch (InvalidInput e) {
      return new Read("", null, null, e);
    }
    return done(in, receivedMillis, DATA, null, 0);
  }

  private Read done(
      JsonInput in, long receivedMillis, String path, @Nullable String key, int index) {
    try {
      if (typeRefusal != null) {
        throw typeRefusal;
      }
      EventType known = type;
      if (known == null) {
        return ofUnknownType(in, receivedMillis, key, index);
      }
      if (refusal != null) {
        throw refusal;
      }
      if (userId == null) {
        throw missing("user_id", "a text of 1 to " + MAX_ID + " characters");
      }
      InvalidInput undeclared = null;
      int declared = 0;
      for (int at = 0; at < own; at++) {
        EventType.Field field = known.fields().get(names[at]);
        if (field == null) {
          if (undeclared == null) {
            undeclared = undeclared(known, path, at);
            if (known.unknownFields() == Unknown.REFUSE) {
              throw undeclared;
            }
          }
          continue;
        }
        Object value = values[at];
        if (value instanceof InvalidInput why) {
          throw path.isEmpty()
              ? why
              : new InvalidInput(path + why.field(), why.value(), why.allowed());
        }
        String allowed = value == null ? null : field.refusal(value);
        if (allowed != null) {
          throw new InvalidInput(path + field.name(), String.valueOf(value), allowed);
        }
        names[declared] = field.name();
        values[declared++] = value;
      }
      for (String required : known.required()) {
        if (!has(required, declared)) {
          throw missing(
              required.equals("timestamp") && !path.isEmpty() ? "time" : path + required,
              "it in every " + known.name());
        }
      }
      String id = id(key, index);
      Event event =
          new Event(
              id,
              known.name(),
              userId,
              itemId,
              requestId,
              sessionId,
              timeMillis == NO_TIME ? receivedMillis : timeMillis,
              receivedMillis,
              fields(declared));
      Aside aside = undeclared == null ? null : aside(in, id, receivedMillis, undeclared);
      return new Read(id, event, aside, null);
    } catch (InvalidInput e) {
      return new Read("", null, null, e);
    }
  }

  private Read ofUnknownType(JsonInput in, long receivedMillis, @Nullable String key, int index)
      throws InvalidInput {
    String known = "one of " + registry.types().stream().map(EventType::name).toList();
    if (unknownType == null) {
      throw missing("type", known);
    }
    InvalidInput why = new InvalidInput("type", unknownType, known);
    if (registry.unknownTypes() == Unknown.REFUSE) {
      throw why;
    }
    String id = id(key, index);
    return new Read(id, null, aside(in, id, receivedMillis, why), null);
  }

  private Aside aside(JsonInput in, String id, long receivedMillis, InvalidInput why) {
    // Not the event's own id: it may be kept beside this, or sent again once its type is declared.
    return new Aside(
        id + "#aside", receivedMillis, why.field(), why.getMessage(), in.written(begins, ends));
  }

  private String id(@Nullable String key, int index) {
    if (eventId != null) {
      return eventId;
    }
    return key == null ? ids.next() : named.of("idempotency-key", key, Integer.toString(index));
  }

  private InvalidInput undeclared(EventType known, String path, int at) {
    Object value = values[at];
    return new InvalidInput(
        path + names[at],
        value instanceof InvalidInput why ? why.value() : String.valueOf(value),
        "only the envelope and " + known.fields().keySet() + " in a " + known.name());
  }

  private boolean has(String required, int declared) {
    return switch (required) {
      case "item_id" -> itemId != null;
      case "request_id" -> requestId != null;
      case "session_id" -> sessionId != null;
      case "event_id" -> eventId != null;
      case "timestamp" -> timeMillis != NO_TIME;
      case "type", "user_id" -> true;
      default -> Arrays.asList(names).subList(0, declared).contains(required);
    };
  }

  private Map<String, Object> fields(int declared) {
    if (declared == 0) {
      return Map.of();
    }
    if (declared == 1) {
      return Map.of(names[0], Objects.requireNonNull(values[0]));
    }
    Map.Entry<String, Object>[] entries = entries(declared);
    for (int at = 0; at < declared; at++) {
      entries[at] = Map.entry(names[at], Objects.requireNonNull(values[at]));
    }
    return Map.ofEntries(entries);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Map.Entry<String, Object>[] entries(int count) {
    return new Map.Entry[count];
  }

  private long notAhead(String field, JsonInput in, long millis, long receivedMillis)
      throws InvalidInput {
    return millis <= receivedMillis + registry.maxFutureMillis()
        ? millis
        : notAhead(field, in.raw(), millis, receivedMillis);
  }

  private long notAhead(String field, String text, long millis, long receivedMillis)
      throws InvalidInput {
    if (millis > receivedMillis + registry.maxFutureMillis()) {
      throw new InvalidInput(
          field,
          text,
          "a time at most " + registry.maxFutureMillis() / 1000 + " s after the server's clock");
    }
    return millis;
  }

  private static InvalidInput missing(String field, String allowed) {
    return new InvalidInput(field, "missing", allowed);
  }
}
