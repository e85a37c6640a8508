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
      if (!offer.add(found[at])) {
        return;
      }
    }
  }
}
