package dev.proffer.features.state;

import org.jspecify.annotations.Nullable;

/**
 * What can be computed from a catalog's items alone, once a catalog and not once a request: the
 * words of their titles, a ratio of two attributes. Immutable; two columns that compute the same
 * are equal, so that whoever needs it shares it.
 *
 * @param <T> what it comes to; immutable
 */
public interface CatalogColumn<T> {
  /**
   * Computes it; asks for no other column.
   *
   * @param before the same of an earlier catalog by the same builder, to take over what has not
   *     changed; null when there is none
   */
  T of(Catalog catalog, @Nullable T before);
}
