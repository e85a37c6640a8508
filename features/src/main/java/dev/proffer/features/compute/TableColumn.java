package dev.proffer.features.compute;

import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableSpec;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table as one feature reads it: the version that counts at the input's instant, and
 * the row of the user or of an item in it. Belongs to one thread.
 */
final class TableColumn {
  private final String table;
  private final String column;
  private final boolean ofUser;
  private @Nullable AttributeTable version;
  private int place = AttributeTable.NO_COLUMN;
  private int userRow = AttributeTable.NO_ROW;
  private @Nullable TableRows items;

  TableColumn(TableSpec table, String column) {
    this.table = table.name();
    this.column = column;
    this.ofUser = table.entity().equals(TableSpec.USER);
  }

  /** Looks up the version and the user's row; says whether there is a version. */
  boolean prepare(FeatureInput in) {
    AttributeTable counts = in.attributes().at(table, in.asOfMillis());
    if (counts != version) {
      version = counts;
      place = counts == null ? AttributeTable.NO_COLUMN : counts.place(column);
    }
    if (counts == null || place == AttributeTable.NO_COLUMN) {
      return false;
    }
    if (ofUser) {
      userRow = counts.row(in.attributes().userHash());
    } else {
      items = in.rowsOf(counts);
    }
    return true;
  }

  /** The version that {@link #prepare} found. */
  AttributeTable version() {
    AttributeTable found = version;
    if (found == null) {
      throw new IllegalStateException("there is no version to read");
    }
    return found;
  }

  int place() {
    return place;
  }

  /** The user's row, or the item's; {@link AttributeTable#NO_ROW} when there is none. */
  int row(int item) {
    TableRows known = items;
    return ofUser || known == null ? userRow : known.row(item);
  }
}
