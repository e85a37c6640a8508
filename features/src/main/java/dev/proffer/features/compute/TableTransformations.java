package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.events.Hash64;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableSpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The transformations of attribute tables, each with the reader of its parameters. The version of a
 * table that counts at the instant is read; where there is none, or no row, the value is missing.
 */
final class TableTransformations {
  private static final String TABLE = "table";
  private static final String COLUMN = "column";
  private static final Transformation MISSING = (Transformation.OfRequest) in -> Float.NaN;

  private TableTransformations() {}

  /** A transformation over a prepared column. */
  private interface Maker {
    Transformation of(TableColumn column);
  }

  static void register(Registry registry) {
    String missing =
        " Missing without a row, without a value, and before the first version's instant.";
    registry.ofUser(
        "user-table",
        "A number, a boolean as 0 or 1, or one float (at) of a vector, of the user's row in a"
            + " table (table, column)."
            + missing,
        d -> value(d, TableSpec.USER));
    registry.ofUser(
        "user-table-is",
        "1 when the category of the user's row in a table (table, column) is the given one"
            + " (value), else 0 (one-hot)."
            + missing,
        d -> is(d, TableSpec.USER));
    registry.ofUser(
        "user-table-hash",
        "A bucket for the category of the user's row in a table (table, column), by the hash of its"
            + " words, from 0 to buckets less 1 (feature hashing)."
            + missing,
        d -> hash(d, TableSpec.USER));
    registry.ofItem(
        "item-table",
        "A number, a boolean as 0 or 1, or one float (at) of a vector, of the item's row in a"
            + " table (table, column)."
            + missing,
        d -> value(d, TableSpec.ITEM));
    registry.ofItem(
        "item-table-is",
        "1 when the category of the item's row in a table (table, column) is the given one"
            + " (value), else 0 (one-hot)."
            + missing,
        d -> is(d, TableSpec.ITEM));
    registry.ofItem(
        "item-table-hash",
        "A bucket for the category of the item's row in a table (table, column), by the hash of its"
            + " words, from 0 to buckets less 1 (feature hashing)."
            + missing,
        d -> hash(d, TableSpec.ITEM));
  }

  /** The table that a declaration names, also when its column is wrong; null when there is none. */
  static @Nullable TableSpec table(Declaration declaration, String entity) {
    Section parameters = declaration.parameters();
    String name = parameters.text(TABLE);
    TableSpec table = declaration.tables().table(name);
    if (table == null) {
      if (!name.isEmpty()) {
        parameters.refuse(
            TABLE,
            "\"" + name + "\" is not one of the declared tables " + declaration.tables().names());
      }
      return null;
    }
    if (!table.entity().equals(entity)) {
      parameters.refuse(
          TABLE, "\"" + name + "\" is of " + table.entity() + "; expected a table of " + entity);
      return null;
    }
    return table;
  }

  /** The column that a declaration names, of one of some types; null when there is none. */
  static TableSpec.@Nullable Column column(
      Declaration declaration, @Nullable TableSpec table, Set<TableSpec.Type> types) {
    Section parameters = declaration.parameters();
    String name = parameters.text(COLUMN);
    if (table == null || name.isEmpty()) {
      return null;
    }
    TableSpec.Column column = table.column(name);
    if (column == null) {
      parameters.refuse(
          COLUMN,
          "\""
              + name
              + "\" is not a column of "
              + table.name()
              + "; there are "
              + table.columns().stream().map(TableSpec.Column::name).toList());
      return null;
    }
    if (!types.contains(column.type())) {
      parameters.refuse(
          COLUMN, "\"" + name + "\" is a " + column.type() + "; expected one of " + types);
      return null;
    }
    return column;
  }

  private static Supplier<Transformation> value(Declaration declaration, String entity) {
    TableSpec table = table(declaration, entity);
    TableSpec.Column column =
        column(
            declaration,
            table,
            EnumSet.of(TableSpec.Type.NUMBER, TableSpec.Type.BOOLEAN, TableSpec.Type.VECTOR));
    int dimensions = column == null ? TableSpec.MAX_DIMENSIONS : column.dimensions();
    int at = declaration.parameters().integer("at", 0, 0, dimensions - 1);
    return maker(table, column, read -> new Value(read, at));
  }

  private static Supplier<Transformation> is(Declaration declaration, String entity) {
    TableSpec table = table(declaration, entity);
    TableSpec.Column column = column(declaration, table, EnumSet.of(TableSpec.Type.CATEGORY));
    String value = declaration.parameters().text("value");
    return maker(table, column, read -> new Is(read, value));
  }

  private static Supplier<Transformation> hash(Declaration declaration, String entity) {
    TableSpec table = table(declaration, entity);
    TableSpec.Column column = column(declaration, table, EnumSet.of(TableSpec.Type.CATEGORY));
    int buckets = declaration.parameters().integer("buckets", 32, 2, 1 << 20);
    return maker(table, column, read -> new Bucket(read, buckets));
  }

  private static Supplier<Transformation> maker(
      @Nullable TableSpec table, TableSpec.@Nullable Column column, Maker maker) {
    if (table == null || column == null) {
      return () -> MISSING;
    }
    boolean ofUser = table.entity().equals(TableSpec.USER);
    return () -> {
      Transformation made = maker.of(new TableColumn(table, column.name()));
      return ofUser && made instanceof Transformation.OfCandidate one ? new OfUser(one) : made;
    };
  }

  /** A value of the user's row, computed once a request. */
  private record OfUser(Transformation.OfCandidate one) implements Transformation.OfRequest {
    @Override
    public float value(FeatureInput in) {
      one.prepare(in);
      return one.value(in, dev.proffer.features.state.Catalog.UNKNOWN);
    }
  }

  /** What every one of them does: the version once a request, the row once a candidate. */
  private abstract static class OfColumn implements Transformation.OfCandidate {
    private final TableColumn column;
    private boolean there;

    OfColumn(TableColumn column) {
      this.column = column;
    }

    @Override
    public void prepare(FeatureInput in) {
      AttributeTable before = there ? column.version() : null;
      there = column.prepare(in);
      if (there && column.version() != before) {
        over(column.version(), column.place());
      }
    }

    @Override
    public float value(FeatureInput in, int item) {
      if (!there) {
        return Float.NaN;
      }
      int row = column.row(item);
      return row == AttributeTable.NO_ROW
          ? Float.NaN
          : value(column.version(), row, column.place());
    }

    /** Goes over to another version, whose codes are others. */
    abstract void over(AttributeTable version, int place);

    abstract float value(AttributeTable version, int row, int place);
  }

  private static final class Value extends OfColumn {
    private final int at;

    Value(TableColumn column, int at) {
      super(column);
      this.at = at;
    }

    @Override
    void over(AttributeTable version, int place) {}

    @Override
    float value(AttributeTable version, int row, int place) {
      return version.element(row, place, at);
    }
  }

  private static final class Is extends OfColumn {
    private final String text;
    private int wanted;

    Is(TableColumn column, String text) {
      super(column);
      this.text = text;
    }

    @Override
    void over(AttributeTable version, int place) {
      wanted = version.codeOf(place, text);
    }

    @Override
    float value(AttributeTable version, int row, int place) {
      int code = version.code(row, place);
      return code == 0 ? Float.NaN : code == wanted ? 1 : 0;
    }
  }

  private static final class Bucket extends OfColumn {
    private static final int NOT_ASKED = -1;

    private final int buckets;
    private int[] byCode = new int[0];

    Bucket(TableColumn column, int buckets) {
      super(column);
      this.buckets = buckets;
    }

    @Override
    void over(AttributeTable version, int place) {
      int codes = version.header().texts().get(place).size() + 1;
      if (byCode.length < codes) {
        byCode = new int[codes];
      }
      Arrays.fill(byCode, NOT_ASKED);
    }

    @Override
    float value(AttributeTable version, int row, int place) {
      int code = version.code(row, place);
      if (code == 0) {
        return Float.NaN;
      }
      if (byCode[code] == NOT_ASKED) {
        byCode[code] = (int) Math.floorMod(Hash64.of(version.text(place, code)), (long) buckets);
      }
      return byCode[code];
    }
  }
}
