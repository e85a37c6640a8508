package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;

/**
 * A number of an item that is computed once a catalog.
 *
 * @param <T> what is computed
 */
final class FloatColumn<T> implements Transformation.OfCandidate {
  private final CatalogColumn<T> column;
  private final Reader<T> reader;
  private Catalog catalog = Catalog.EMPTY;
  private T values;

  /** Reads what is computed. */
  interface Reader<T> {
    float of(T values, int item);
  }

  FloatColumn(CatalogColumn<T> column, Reader<T> reader) {
    this.column = column;
    this.reader = reader;
    this.values = catalog.column(column);
  }

  @Override
  public void prepare(FeatureInput in) {
    if (catalog != in.catalog()) {
      catalog = in.catalog();
      values = catalog.column(column);
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    return reader.of(values, item);
  }
}
