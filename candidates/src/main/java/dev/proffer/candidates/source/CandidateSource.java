package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;

/**
 * Finds candidates for one request. An instance is used by one thread at a time and may keep
 * scratch memory.
 */
public interface CandidateSource {
  /**
   * Offers items, most promising first, until the offer is refused or there are no more.
   *
   * @param in the person, the context, the statistics
   * @param index orders over the whole catalog, made when the statistics were
   */
  void find(FeatureInput in, CatalogIndex index, Offer offer);

  /**
   * Whether {@link #find} would take longer for this request than an event loop may wait, as asking
   * an index of words or of vectors does. Costs no more itself than a quick source.
   */
  default boolean takesLong(FeatureInput in, CatalogIndex index) {
    return false;
  }

  /** Takes items from a source. */
  interface Offer {
    /** Offers an item; false when the source should stop. */
    boolean add(int item);
  }
}
