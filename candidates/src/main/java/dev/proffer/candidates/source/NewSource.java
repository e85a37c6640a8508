package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;

/** What was added to the catalog last, so that it can be found before anybody chose it. */
public final class NewSource implements CandidateSource {
  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    for (int item : index.newest()) {
      if (!offer.add(item)) {
        return;
      }
    }
  }
}
