package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;

/**
 * Finds candidates for one request. An instance belongs to one thread and may keep scratch memory.
 */
public interface CandidateSource {
  /**
   * Offers items, most promising first, until the offer is refused or there are no more.
   *
   * @param in the person, the context, the statistics
   * @param index orders over the whole catalog, made when the statistics were
   */
  void find(FeatureInput in, CatalogIndex index, Offer offer);

  /** Takes items from a source. */
  interface Offer {
    /** Offers an item; false when the source should stop. */
    boolean add(int item);
  }
}
