package dev.proffer.candidates.source;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * What a source wants of the whole catalog, made once a {@link CatalogIndex} and not once a
 * request. Immutable; two parts that come to the same are equal, so that whoever needs it shares
 * it.
 *
 * @param <T> what it comes to; immutable
 */
public interface IndexPart<T> {
  /** What takes long is made again only after so long; what changes in between waits. */
  long PATIENCE_MILLIS = 5_000;

  /**
   * Makes it; asks for no other part.
   *
   * @param asOfMillis the instant it is made for
   * @param before the same of the index before; null when there is none
   */
  T of(Catalog catalog, Statistics statistics, long asOfMillis, @Nullable T before);
}
