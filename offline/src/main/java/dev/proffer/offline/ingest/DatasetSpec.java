package dev.proffer.offline.ingest;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a file become items and events; read from a file below {@code configs/datasets/}.
 *
 * <p>A template is a text with column names in braces: {@code "{category} {model}"}. A column may
 * name words for its codes ({@code values}); a template reads the word.
 *
 * @param name what event ids begin with
 * @param columns by name, in file order; derived ones after the columns they come from
 * @param itemId template of the item's id
 * @param title template of its title
 * @param category template of its category; null for none
 * @param attributes by name, the column each is read from
 * @param event how a row becomes an event; null when rows describe items only
 */
public record DatasetSpec(
    String name,
    Map<String, Column> columns,
    String itemId,
    String title,
    @Nullable String category,
    Map<String, String> attributes,
    @Nullable EventSpec event) {

  public DatasetSpec {
    columns = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    attributes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /** What a column holds. */
  public enum Type {
    TEXT,
    INTEGER,
    NUMBER
  }

  /**
   * A column.
   *
   * @param required an empty value refuses the row
   * @param min least number allowed
   * @param max greatest number allowed
   * @param values words for codes; a code without a word refuses the row; empty when there are none
   * @param from the column it is derived from; null for a column of the file
   * @param pattern whose first group is the value; only for derived columns
   */
  public record Column(
      String name,
      Type type,
      boolean required,
      double min,
      double max,
      Map<String, String> values,
      @Nullable String from,
      @Nullable Pattern pattern) {
    public Column {
      values = Map.copyOf(values);
    }
  }

  /**
   * How a row becomes an event.
   *
   * @param type a type of the event registry
   * @param id template; equal ids are one event
   * @param userId template
   * @param sessionId template; null for none
   * @param time template of a date ({@code 2008-4-1}), or of a time with or without an offset
   * @param zone the zone of times without an offset
   * @param plus a column whose number, times {@code plusMillis}, is added to the time; null for
   *     none
   * @param fields by name of the event's own field, the column it is read from
   */
  public record EventSpec(
      String type,
      String id,
      String userId,
      @Nullable String sessionId,
      String time,
      ZoneId zone,
      @Nullable String plus,
      long plusMillis,
      Map<String, String> fields) {
    public EventSpec {
      fields = Map.copyOf(fields);
    }
  }

  /** Reads a schema file; mistakes go to {@code problems}. */
  public static DatasetSpec read(Path file, Problems problems) {
    Section root = ConfigFile.read(file, problems);
    String name = root.text("name");
    Map<String, Column> columns = new LinkedHashMap<>();
    Section declared = root.section("columns");
    declared.named().forEach((column, section) -> columns.put(column, column(column, section)));
    if (columns.isEmpty()) {
      root.refuse("columns", "at least one column is required");
    }
    columns
        .values()
        .forEach(
            column -> {
              if (column.from() == null) {
                return;
              }
              Column from = columns.get(column.from());
              if (from == null || from.from() != null) {
                declared.refuse(
                    column.name(),
                    "is derived from \""
                        + column.from()
                        + "\", which is "
                        + (from == null ? "not a column" : "derived itself"));
              }
            });
    Section item = root.section("item");
    String itemId = template(item, "id", columns);
    String title = template(item, "title", columns);
    String category = item.has("category") ? template(item, "category", columns) : null;
    Map<String, String> attributes = plain(item.section("attributes"), columns);
    item.done();
    EventSpec event = root.has("event") ? event(root.section("event"), columns) : null;
    root.done();
    return new DatasetSpec(name, columns, itemId, title, category, attributes, event);
  }

  private static Column column(String name, Section section) {
    Type type = section.oneOf("type", Type.class, Type.TEXT);
    double min = section.number("min", -1e15, -1e15, 1e15);
    double max = section.number("max", 1e15, min, 1e15);
    String from = section.has("from") ? section.text("from") : null;
    Pattern pattern = null;
    if (section.has("pattern")) {
      try {
        pattern = Pattern.compile(section.text("pattern"));
      } catch (PatternSyntaxException e) {
        section.refuse("pattern", "is not a regular expression: " + e.getDescription());
      }
    }
    if (from == null && pattern != null) {
      section.refuse("pattern", "needs a column to be taken from: from");
    }
    Column column =
        new Column(
            name,
            type,
            section.flag("required", false),
            min,
            max,
            section.section("values").plain(),
            from,
            pattern);
    section.done();
    return column;
  }

  private static EventSpec event(Section section, Map<String, Column> columns) {
    Section time = section.section("time");
    ZoneId zone = ZoneId.of("UTC");
    try {
      zone = ZoneId.of(time.text("zone", "UTC"));
    } catch (DateTimeException e) {
      time.refuse("zone", "is not a time zone: " + e.getMessage());
    }
    String plus = time.has("plus") ? time.text("plus") : null;
    if (plus != null && !columns.containsKey(plus)) {
      time.refuse("plus", "\"" + plus + "\" is not one of " + new TreeSet<>(columns.keySet()));
    }
    EventSpec event =
        new EventSpec(
            section.text("type"),
            template(section, "id", columns),
            template(section, "user-id", columns),
            section.has("session-id") ? template(section, "session-id", columns) : null,
            template(time, "at", columns),
            zone,
            plus,
            time.integer("plus-millis", 1000L, 0, Integer.MAX_VALUE),
            plain(section.section("fields"), columns));
    time.done();
    section.done();
    return event;
  }

  private static final Pattern NAME = Pattern.compile("\\{([^{}]*)}");

  private static String template(Section section, String key, Map<String, Column> columns) {
    String template = section.text(key);
    var names = NAME.matcher(template);
    while (names.find()) {
      if (!columns.containsKey(names.group(1))) {
        section.refuse(
            key, "\"" + names.group(1) + "\" is not one of " + new TreeSet<>(columns.keySet()));
      }
    }
    return template;
  }

  private static Map<String, String> plain(Section section, Map<String, Column> columns) {
    Map<String, String> plain = section.plain();
    plain.forEach(
        (name, column) -> {
          if (!columns.containsKey(column)) {
            section.refuse(
                name, "\"" + column + "\" is not one of " + new TreeSet<>(columns.keySet()));
          }
        });
    return plain;
  }

  /** The parts of a template between and within braces. */
  static List<String> parts(String template) {
    List<String> parts = new ArrayList<>();
    var names = NAME.matcher(template);
    int at = 0;
    while (names.find()) {
      parts.add(template.substring(at, names.start()));
      parts.add(names.group(1));
      at = names.end();
    }
    parts.add(template.substring(at));
    return parts;
  }

  /** The columns that must be in the file. */
  Set<String> fileColumns() {
    Set<String> names = new TreeSet<>();
    columns.values().stream()
        .filter(column -> column.from() == null)
        .forEach(column -> names.add(column.name()));
    return names;
  }
}
