package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;

/** What is chosen most, by anyone. */
public final class PopularSource implements CandidateSource {
  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    for (int item : index.popular()) {
      if (!offer.add(item)) {
        return;
      }
    }
  }
}
