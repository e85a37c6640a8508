package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;

/** What matches the words that are searched for; nothing where nobody searches. */
public final class SearchSource implements CandidateSource {
  private final int[] found = new int[500];

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    String text = in.context().search();
    if (text.isEmpty()) {
      return;
    }
    int count = index.search().find(text, found);
    for (int at = 0; at < count; at++) {
      // An index that is renewed meanwhile may know of a later catalog than the request.
      if (found[at] < in.catalog().size() && !offer.add(found[at])) {
        return;
      }
    }
  }

  @Override
  public boolean takesLong(FeatureInput in, CatalogIndex index) {
    return !in.context().search().isEmpty() && index.search() != Search.NONE;
  }
}
