package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.events.codec.EventReader;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.codec.JsonInput;
import dev.proffer.pipeline.ContextType;
import dev.proffer.pipeline.SuggestQuery;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /suggest}, read strictly: every field once, of its type, within its
 * bounds, and no field that is not known. One body, one instance.
 */
final class SuggestRequest {
  /** Longest text of any field, in characters. */
  private static final int MAX_TEXT = EventReader.MAX_ID;

  private static final int DEFAULT_LIMIT = 10;
  private static final int MAX_EXCLUDED = 1_000;
  private static final int MAX_CONDITIONS = 20;
  private static final int MAX_VALUES = 100;
  private static final List<String> FIELDS =
      List.of(
          "user_id",
          "context",
          "context_type",
          "limit",
          "device",
          "session_id",
          "timestamp",
          "items",
          "exclude",
          "filter",
          "reasons",
          "explain");

  private int seen;
  private @Nullable String userId;
  private @Nullable String context;
  private @Nullable ContextType contextType;
  private int limit;
  private @Nullable String device;
  private @Nullable String sessionId;
  private long timeMillis = -1;
  private @Nullable List<String> items;
  private Set<String> exclude = Set.of();
  private ItemFilter filter = ItemFilter.NONE;
  private @Nullable Boolean reasons;
  private boolean explain;

  private SuggestRequest() {}

  /** Reads a body. */
  static SuggestRequest read(byte[] body) throws InvalidInput {
    SuggestRequest request = new SuggestRequest();
    try (JsonInput in = new JsonInput(body, 0, body.length)) {
      in.next();
      in.object("body");
      for (String name = in.field(); name != null; name = in.field()) {
        request.once(in, name);
        if (!in.isNull()) {
          request.field(in, name);
        }
      }
      in.end();
    }
    request.check();
    return request;
  }

  /** Whom to suggest to. */
  String userId() {
    if (userId == null) {
      throw new IllegalStateException("not checked");
    }
    return userId;
  }

  /** Whether the caller named the instant to suggest for. */
  boolean hasTime() {
    return timeMillis >= 0;
  }

  /** The query, for the caller's instant or the given one. */
  SuggestQuery query(long otherwiseMillis) {
    return new SuggestQuery(
        userId(),
        sessionId,
        device,
        context,
        contextType == null ? ContextType.HOME : contextType,
        limit != 0 ? limit : items == null ? DEFAULT_LIMIT : Math.min(items.size(), MAX_LIMIT),
        hasTime() ? timeMillis : otherwiseMillis,
        items,
        exclude,
        filter,
        reasons,
        explain);
  }

  private static final int MAX_LIMIT = SuggestQuery.MAX_LIMIT;

  private void once(JsonInput in, String name) throws InvalidInput {
    int field = FIELDS.indexOf(name);
    if (field < 0) {
      throw in.refused(name, "only the fields " + FIELDS);
    }
    if ((seen & 1 << field) != 0) {
      throw new InvalidInput(name, "stands twice", "each field once");
    }
    seen |= 1 << field;
  }

  private void field(JsonInput in, String name) throws InvalidInput {
    switch (name) {
      case "user_id" -> userId = notBlank(in, name);
      case "context" -> context = in.text(name, 1, MAX_TEXT);
      case "context_type" -> contextType = contextType(in, name);
      case "limit" -> limit = (int) in.integer(name, 1, MAX_LIMIT);
      case "device" -> device = in.text(name, 1, MAX_TEXT);
      case "session_id" -> sessionId = in.text(name, 1, MAX_TEXT);
      case "timestamp" -> timeMillis = in.instant(name);
      case "items" -> items = items(in, name);
      case "exclude" -> exclude = new HashSet<>(ids(in, name, 0, MAX_EXCLUDED, false));
      case "filter" -> filter = filter(in, name);
      case "reasons" -> reasons = in.flag(name);
      case "explain" -> explain = in.flag(name);
      default -> throw new AssertionError(name);
    }
  }

  private void check() throws InvalidInput {
    if (userId == null) {
      throw new InvalidInput("user_id", "missing", "a text of 1 to " + MAX_TEXT + " characters");
    }
    if (context != null && contextType == null) {
      throw new InvalidInput(
          "context_type", "missing", "one of " + ContextType.words() + " beside a context");
    }
    if (context == null && contextType != null && contextType != ContextType.HOME) {
      throw new InvalidInput(
          "context", "missing", "a text beside the context_type " + contextType.word());
    }
    if (items != null && !exclude.isEmpty()) {
      throw new InvalidInput("exclude", "given", "either items or exclude");
    }
    if (items != null && !filter.conditions().isEmpty()) {
      throw new InvalidInput("filter", "given", "either items or filter");
    }
  }

  static String notBlank(JsonInput in, String field) throws InvalidInput {
    String text = in.text(field, 1, MAX_TEXT);
    if (text == null || text.isBlank()) {
      throw new InvalidInput(
          field, "\"" + text + "\"", "a text of 1 to " + MAX_TEXT + " characters, not all blank");
    }
    return text;
  }

  private static ContextType contextType(JsonInput in, String field) throws InvalidInput {
    ContextType type =
        in.token() == JsonToken.VALUE_STRING
            ? ContextType.of(String.valueOf(in.text(field, 0, MAX_TEXT)))
            : null;
    if (type == null) {
      throw in.refused(field, "one of " + ContextType.words());
    }
    return type;
  }

  private static List<String> items(JsonInput in, String field) throws InvalidInput {
    List<String> items = ids(in, field, 1, SuggestQuery.MAX_ITEMS, true);
    if (items.isEmpty()) {
      throw new InvalidInput(field, "an empty array", "1 to " + SuggestQuery.MAX_ITEMS + " ids");
    }
    return items;
  }

  private static List<String> ids(JsonInput in, String field, int min, int max, boolean once)
      throws InvalidInput {
    String allowed = min + " to " + max + " ids";
    array(in, field, allowed);
    List<String> ids = new ArrayList<>();
    Set<String> known = once ? new HashSet<>() : Set.of();
    for (JsonToken token = in.next(); token != JsonToken.END_ARRAY; token = in.next()) {
      if (ids.size() == max) {
        throw new InvalidInput(field, "more than " + max + " ids", allowed);
      }
      if (token == JsonToken.VALUE_NULL) {
        throw in.refused(at(field, ids.size()), "a text of 1 to " + MAX_TEXT + " characters");
      }
      String id = notBlank(in, at(field, ids.size()));
      if (once && !known.add(id)) {
        throw new InvalidInput(at(field, ids.size()), id, "each id once");
      }
      ids.add(id);
    }
    return ids;
  }

  private static ItemFilter filter(JsonInput in, String field) throws InvalidInput {
    in.object(field);
    List<ItemFilter.Condition> conditions = new ArrayList<>();
    Set<String> attributes = new HashSet<>();
    for (String attribute = in.field(); attribute != null; attribute = in.field()) {
      String path = field + "." + attribute;
      if (attribute.isBlank()) {
        throw new InvalidInput(path, "a blank name", "an attribute's name");
      }
      if (!attributes.add(attribute)) {
        throw new InvalidInput(path, "stands twice", "each attribute once");
      }
      if (conditions.size() == MAX_CONDITIONS) {
        throw new InvalidInput(
            field,
            "more than " + MAX_CONDITIONS + " conditions",
            "at most " + MAX_CONDITIONS + " conditions");
      }
      conditions.add(condition(in, attribute, path));
    }
    return conditions.isEmpty() ? ItemFilter.NONE : new ItemFilter(conditions);
  }

  private static ItemFilter.Condition condition(JsonInput in, String attribute, String path)
      throws InvalidInput {
    String allowed =
        "{\"equals\": value}, {\"in\": [values]} or {\"min\": number, \"max\": number}";
    if (in.token() != JsonToken.START_OBJECT) {
      throw in.refused(path, allowed);
    }
    Set<Object> oneOf = new LinkedHashSet<>();
    Double min = null;
    Double max = null;
    Set<String> keys = new HashSet<>();
    for (String key = in.field(); key != null; key = in.field()) {
      String keyPath = path + "." + key;
      if (!keys.add(key)) {
        throw new InvalidInput(keyPath, "stands twice", "each condition once");
      }
      switch (key) {
        case "equals" -> oneOf.add(value(in, keyPath));
        case "in" -> values(in, keyPath, oneOf);
        case "min" -> min = in.number(keyPath);
        case "max" -> max = in.number(keyPath);
        default -> throw in.refused(keyPath, allowed);
      }
    }
    boolean range = min != null || max != null;
    if (keys.isEmpty() || keys.size() > (range ? 2 : 1) || (range && !oneOf.isEmpty())) {
      throw new InvalidInput(path, keys.isEmpty() ? "an empty object" : keys.toString(), allowed);
    }
    if (min != null && max != null && min > max) {
      throw new InvalidInput(path + ".min", min.toString(), "at most the max of " + max);
    }
    return new ItemFilter.Condition(attribute, oneOf, min, max);
  }

  private static void values(JsonInput in, String path, Set<Object> into) throws InvalidInput {
    String allowed = "1 to " + MAX_VALUES + " plain values";
    array(in, path, allowed);
    int count = 0;
    for (JsonToken token = in.next(); token != JsonToken.END_ARRAY; token = in.next()) {
      if (count == MAX_VALUES) {
        throw new InvalidInput(path, "more than " + MAX_VALUES + " values", allowed);
      }
      into.add(value(in, at(path, count++)));
    }
    if (count == 0) {
      throw new InvalidInput(path, "an empty array", allowed);
    }
  }

  /** A value to compare with an attribute's; whole numbers as {@link Double}, as filters want. */
  private static Object value(JsonInput in, String path) throws InvalidInput {
    Object value = in.plain(path);
    if (value == null) {
      throw in.refused(path, "a text, a number, true or false");
    }
    return value instanceof Long number ? (Object) (double) number : value;
  }

  private static void array(JsonInput in, String field, String allowed) throws InvalidInput {
    if (in.token() != JsonToken.START_ARRAY) {
      throw in.refused(field, "an array of " + allowed);
    }
  }

  private static String at(String field, int index) {
    return field + "[" + index + "]";
  }
}
