package dev.proffer.offline.ingest;

import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.events.Item;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The items and events of one or more files, read by a schema. An item's values are those most of
 * its rows have, so one odd row does not change it. Events keep file order.
 */
public final class Dataset {
  private final Map<String, Long> rejectedByReason = new TreeMap<>();
  private final List<Rejected> rejected = new ArrayList<>();
  private final Map<String, ItemVotes> items = new LinkedHashMap<>();
  private final List<Event> events = new ArrayList<>();
  private final Set<String> eventIds = new HashSet<>();
  private long rows;

  private Dataset() {}

  /**
   * A row that was refused.
   *
   * @param row 1-based, the header not counted
   */
  public record Rejected(String file, long row, String reason, String detail) {}

  private static final class ItemVotes {
    private final Map<String, Integer> titles = new HashMap<>();
    private final Map<String, Integer> categories = new HashMap<>();
    private final Map<String, Map<Object, Integer>> attributes = new LinkedHashMap<>();
    private long addedMillis = Long.MAX_VALUE;
  }

  /**
   * Reads files.
   *
   * @param registry events are held against it
   * @param receivedMillis the arrival time events are given
   */
  public static Dataset read(
      DatasetSpec spec, List<Path> files, EventRegistry registry, long receivedMillis)
      throws IOException {
    Dataset dataset = new Dataset();
    for (Path file : files) {
      RowReader.read(
          file,
          spec.fileColumns(),
          new RowReader.Sink() {
            @Override
            public void row(long number, Map<String, String> values) {
              dataset.rows++;
              try {
                dataset.take(spec, values, registry, receivedMillis);
              } catch (Refused e) {
                dataset.reject(file, number, e.reason, e.detail);
              }
            }

            @Override
            public void broken(long number, String reason, String text) {
              dataset.rows++;
              dataset.reject(file, number, reason, text);
            }
          });
    }
    return dataset;
  }

  /** Rows read, the refused ones counted. */
  public long rows() {
    return rows;
  }

  /** The items, in order of first appearance. */
  public List<Item> items() {
    List<Item> all = new ArrayList<>();
    items.forEach(
        (id, votes) -> {
          Map<String, Object> attributes = new LinkedHashMap<>();
          votes.attributes.forEach((name, counts) -> attributes.put(name, most(counts)));
          all.add(
              new Item(
                  id,
                  most(votes.titles),
                  votes.categories.isEmpty() ? null : most(votes.categories),
                  votes.addedMillis == Long.MAX_VALUE ? 0 : votes.addedMillis,
                  attributes));
        });
    return all;
  }

  /** The events in file order. */
  public List<Event> events() {
    return events;
  }

  /** The refused rows. */
  public List<Rejected> rejected() {
    return rejected;
  }

  /** How many rows were refused for what. */
  public Map<String, Long> rejectedByReason() {
    return rejectedByReason;
  }

  private void reject(Path file, long row, String reason, String detail) {
    rejected.add(new Rejected(file.toString(), row, reason, detail));
    rejectedByReason.merge(reason, 1L, Long::sum);
  }

  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;
    private final String detail;

    Refused(String reason, String detail) {
      super(reason, null, false, false);
      this.reason = reason;
      this.detail = detail;
    }
  }

  private void take(
      DatasetSpec spec, Map<String, String> row, EventRegistry registry, long receivedMillis)
      throws Refused {
    Map<String, String> texts = new HashMap<>();
    Map<String, Object> typed = new HashMap<>();
    for (DatasetSpec.Column column : spec.columns().values()) {
      String text = row.get(column.name());
      if (column.from() != null) {
        text = derived(column, row.get(column.from()));
      }
      if (text == null) {
        if (column.required()) {
          throw new Refused(column.name() + " is missing", "");
        }
        continue;
      }
      Object value = typed(column, text);
      if (!column.values().isEmpty()) {
        String word = column.values().get(text);
        if (word == null) {
          throw new Refused(column.name() + " is not a known code", text);
        }
        texts.put(column.name(), word);
        typed.put(column.name(), word);
      } else {
        texts.put(column.name(), value instanceof Double ? text : value.toString());
        typed.put(column.name(), value);
      }
    }
    String itemId = fill(spec.itemId(), texts);
    Event event =
        spec.event() == null
            ? null
            : event(spec.event(), itemId, texts, typed, registry, receivedMillis);
    ItemVotes votes = items.computeIfAbsent(itemId, id -> new ItemVotes());
    votes.titles.merge(fill(spec.title(), texts), 1, Integer::sum);
    if (spec.category() != null) {
      votes.categories.merge(fill(spec.category(), texts), 1, Integer::sum);
    }
    spec.attributes()
        .forEach(
            (name, column) -> {
              Object value = typed.get(column);
              if (value != null) {
                votes
                    .attributes
                    .computeIfAbsent(name, n -> new HashMap<>())
                    .merge(value, 1, Integer::sum);
              }
            });
    if (event != null) {
      votes.addedMillis = Math.min(votes.addedMillis, event.timeMillis());
      events.add(event);
    }
  }

  private Event event(
      DatasetSpec.EventSpec spec,
      String itemId,
      Map<String, String> texts,
      Map<String, Object> typed,
      EventRegistry registry,
      long receivedMillis)
      throws Refused {
    EventType type = registry.type(spec.type());
    if (type == null) {
      throw new Refused(
          "event type " + spec.type() + " is not declared in " + EventRegistry.FILE, "");
    }
    long time = time(spec, fill(spec.time(), texts));
    if (spec.plus() != null && typed.get(spec.plus()) instanceof Number number) {
      time += Math.round(number.doubleValue() * spec.plusMillis());
    }
    if (time > receivedMillis) {
      throw new Refused("the time lies in the future", Instant.ofEpochMilli(time).toString());
    }
    Map<String, Object> fields = new HashMap<>();
    for (Map.Entry<String, String> entry : spec.fields().entrySet()) {
      Object value = typed.get(entry.getValue());
      EventType.Field field = type.fields().get(entry.getKey());
      if (field == null) {
        throw new Refused(type.name() + " has no field " + entry.getKey(), "");
      }
      if (value != null) {
        String allowed = field.refusal(value);
        if (allowed != null) {
          throw new Refused(entry.getKey() + " is not " + allowed, value.toString());
        }
        fields.put(entry.getKey(), value);
      }
    }
    String id = fill(spec.id(), texts);
    String userId = fill(spec.userId(), texts);
    String sessionId = spec.sessionId() == null ? null : fill(spec.sessionId(), texts);
    if (!eventIds.add(id)) { // last, so that a row refused for something else takes no id
      throw new Refused("the event id stands twice", id);
    }
    return new Event(
        id, type.name(), userId, itemId, null, sessionId, time, receivedMillis, fields);
  }

  private static @Nullable String derived(DatasetSpec.Column column, @Nullable String from)
      throws Refused {
    if (from == null || column.pattern() == null) {
      return from;
    }
    var matcher = column.pattern().matcher(from);
    if (!matcher.matches()) {
      throw new Refused(column.name() + " cannot be derived: the pattern does not match", from);
    }
    return matcher.groupCount() == 0 ? matcher.group() : matcher.group(1);
  }

  private static Object typed(DatasetSpec.Column column, String text) throws Refused {
    Object value;
    double number;
    try {
      switch (column.type()) {
        case INTEGER -> {
          long whole = Long.parseLong(text);
          value = whole;
          number = whole;
        }
        case NUMBER -> {
          number = Double.parseDouble(text);
          value = number;
        }
        case TEXT -> {
          return text;
        }
        default -> throw new AssertionError(column.type());
      }
    } catch (NumberFormatException e) {
      throw new Refused(column.name() + " is not a number", text);
    }
    if (!(number >= column.min() && number <= column.max())) {
      throw new Refused(column.name() + " is out of range", text);
    }
    return value;
  }

  private static String fill(String template, Map<String, String> texts) throws Refused {
    List<String> parts = DatasetSpec.parts(template);
    if (parts.size() == 1) {
      return parts.get(0);
    }
    StringBuilder filled = new StringBuilder();
    for (int at = 0; at < parts.size(); at++) {
      if (at % 2 == 0) {
        filled.append(parts.get(at));
      } else {
        String text = texts.get(parts.get(at));
        if (text == null) {
          throw new Refused(parts.get(at) + " is missing", "");
        }
        filled.append(text);
      }
    }
    return filled.toString();
  }

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-M-d", java.util.Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);
  private static final DateTimeFormatter LOCAL =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .toFormatter(java.util.Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private static long time(DatasetSpec.EventSpec spec, String text) throws Refused {
    try {
      if (text.length() <= 10) {
        return LocalDate.parse(text, DATE).atStartOfDay(spec.zone()).toInstant().toEpochMilli();
      }
      if (text.charAt(10) == ' ') {
        return LocalDateTime.parse(text, LOCAL).atZone(spec.zone()).toInstant().toEpochMilli();
      }
      boolean offset =
          text.endsWith("Z") || text.lastIndexOf('+') > 10 || text.lastIndexOf('-') > 10;
      return offset
          ? OffsetDateTime.parse(text).toInstant().toEpochMilli()
          : LocalDateTime.parse(text).atZone(spec.zone()).toInstant().toEpochMilli();
    } catch (DateTimeException e) {
      throw new Refused("the time cannot be read", text);
    }
  }

  /**
   * The value with most votes; of equals the least by text, so that the outcome never depends on
   * hashing.
   */
  private static <V> V most(Map<V, Integer> votes) {
    return Objects.requireNonNull(
        votes.entrySet().stream()
            .min(
                (a, b) -> {
                  int more = Integer.compare(b.getValue(), a.getValue());
                  return more != 0 ? more : a.getKey().toString().compareTo(b.getKey().toString());
                })
            .orElseThrow()
            .getKey());
  }
}
