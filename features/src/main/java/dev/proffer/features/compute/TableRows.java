package dev.proffer.features.compute;

import dev.proffer.events.Hash64;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.AttributeTable;
import java.util.Arrays;

/**
 * The rows of a catalog's items in a table about items, each looked up when it is first asked for.
 * Belongs to one thread; allocates only when the catalog is longer than any before.
 */
final class TableRows {
  private static final int NOT_ASKED = -2;

  private final AttributeTable table;
  private Catalog catalog = Catalog.EMPTY;
  private int[] rows = new int[0];

  TableRows(AttributeTable table) {
    this.table = table;
  }

  /** Goes over to a catalog, whose indexes may be others. */
  void over(Catalog other) {
    if (catalog != other) {
      catalog = other;
      if (rows.length < other.size()) {
        rows = new int[other.size() * 5 / 4];
      }
      Arrays.fill(rows, NOT_ASKED);
    }
  }

  boolean isOf(AttributeTable other) {
    return table == other;
  }

  /** Whether it is of a version that an input's instant sees. */
  boolean isCurrent(FeatureInput in) {
    return in.attributes().at(table.header().table(), in.asOfMillis()) == table;
  }

  /** The row of an item; {@link AttributeTable#NO_ROW} when there is none. */
  int row(int item) {
    if (item == Catalog.UNKNOWN) {
      return AttributeTable.NO_ROW;
    }
    int row = rows[item];
    if (row == NOT_ASKED) {
      row = table.row(Hash64.of(catalog.item(item).id()));
      rows[item] = row;
    }
    return row;
  }
}
