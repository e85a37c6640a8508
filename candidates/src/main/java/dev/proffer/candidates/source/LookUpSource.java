package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import org.jspecify.annotations.Nullable;

/**
 * A source whose finding takes too long for an event loop. What is to be asked is said at once, on
 * the source's thread; another may ask it, and what it comes to is offered on the source's thread
 * again.
 */
public interface LookUpSource extends CandidateSource {
  /** What to ask for this request; null when nothing. Takes no longer than other sources do. */
  @Nullable LookUp lookUp(FeatureInput in, CatalogIndex index);

  /** Asks at once. */
  @Override
  default void find(FeatureInput in, CatalogIndex index, Offer offer) {
    LookUp lookUp = lookUp(in, index);
    if (lookUp != null) {
      offer(lookUp.ask(), in.catalog(), offer);
    }
  }

  /** Offers what a look-up came to. */
  static void offer(int[] found, Catalog catalog, Offer offer) {
    for (int item : found) {
      // An index of words may know of a later catalog than the request.
      if (item != Catalog.UNKNOWN && item < catalog.size() && !offer.add(item)) {
        return;
      }
    }
  }
}
