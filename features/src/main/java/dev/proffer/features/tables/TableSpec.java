package dev.proffer.features.tables;

import dev.proffer.configs.Section;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A declared table: what is known of each entity, by column. Immutable.
 *
 * @param name of the table, as features name it
 * @param entity whom or what a row describes: {@code user}, {@code item}, or any other word
 * @param source the CSV or Parquet files it is imported from, as a pattern; empty when something
 *     else makes it
 * @param id the source's column that holds the entity's id
 * @param description one sentence for people
 */
public record TableSpec(
    String name,
    String entity,
    String source,
    String id,
    List<Column> columns,
    String description) {
  /** The entity of tables about users. */
  public static final String USER = "user";

  /** The entity of tables about items. */
  public static final String ITEM = "item";

  /** The most floats of a vector. */
  public static final int MAX_DIMENSIONS = 4_096;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  public TableSpec {
    columns = List.copyOf(columns);
    Set<String> names = new HashSet<>();
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw new IllegalArgumentException("two columns are called " + column.name());
      }
    }
  }

  /** A table that is not imported from files. */
  public TableSpec(String name, String entity, List<Column> columns, String description) {
    this(name, entity, "", "id", columns, description);
  }

  /** Kinds of values. */
  public enum Type {
    /** A quantity, held as a float. */
    NUMBER,
    /** Yes or no. */
    BOOLEAN,
    /** One of several texts. */
    CATEGORY,
    /** So many floats. */
    VECTOR
  }

  /**
   * One column.
   *
   * @param dimensions floats of a vector; 1 otherwise
   * @param unit what a number counts; empty when it counts nothing
   * @param description one sentence for people
   */
  public record Column(String name, Type type, int dimensions, String unit, String description) {
    public Column {
      if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
        throw new IllegalArgumentException(
            "dimensions=" + dimensions + ", expected 1 to " + MAX_DIMENSIONS);
      }
      if (type != Type.VECTOR && dimensions != 1) {
        throw new IllegalArgumentException(dimensions + " dimensions of a " + type);
      }
    }

    /** A column of one value. */
    public static Column of(String name, Type type) {
      return new Column(name, type, 1, "", "");
    }

    /** A column of vectors. */
    public static Column vector(String name, int dimensions) {
      return new Column(name, Type.VECTOR, dimensions, "", "");
    }

    /** What decides values, in a few words. */
    String canonical() {
      return name + ":" + type + (type == Type.VECTOR ? "[" + dimensions + "]" : "");
    }
  }

  /** The column of a name; null when there is none. */
  public @Nullable Column column(String column) {
    for (Column one : columns) {
      if (one.name().equals(column)) {
        return one;
      }
    }
    return null;
  }

  /** What decides values of features that read a column, in one line. */
  public String canonical(String column) {
    Column read = column(column);
    return name + " of " + entity + " " + (read == null ? column : read.canonical());
  }

  /** Reads one table of {@code tables.yaml}. */
  static TableSpec read(String name, Section section) {
    if (!NAME.matcher(name).matches()) {
      section.refuse("entity", "the table's name \"" + name + "\" is not like-this");
    }
    String entity = section.text("entity");
    String source = section.text("source", "");
    String id = section.text("id", "id");
    List<Column> columns = new java.util.ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section one : section.sections("columns")) {
      String column = one.text("name");
      if (!NAME.matcher(column).matches() && !column.isEmpty()) {
        one.refuse("name", "\"" + column + "\" is not like-this");
      }
      if (!names.add(column)) {
        one.refuse("name", "\"" + column + "\" is declared twice");
        continue;
      }
      Type type = one.oneOf("type", Type.class, Type.NUMBER);
      int dimensions = one.integer("dimensions", 1, 1, MAX_DIMENSIONS);
      if (type != Type.VECTOR && dimensions != 1) {
        one.refuse("dimensions", "is for columns of type vector");
        dimensions = 1;
      }
      columns.add(
          new Column(column, type, dimensions, one.text("unit", ""), one.text("description", "")));
      one.done();
    }
    if (columns.isEmpty()) {
      section.refuse("columns", "at least one column is required");
    }
    TableSpec spec =
        new TableSpec(name, entity, source, id, columns, section.text("description", ""));
    section.done();
    return spec;
  }
}
