package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;

/** What is chosen most within the category the person looks at. */
public final class CategorySource implements CandidateSource {
  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    if (in.contextCategory() == 0) {
      return;
    }
    for (int item : index.popular(in.contextCategory())) {
      if (!offer.add(item)) {
        return;
      }
    }
  }
}
