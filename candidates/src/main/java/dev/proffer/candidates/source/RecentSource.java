package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;

/** What the person chose lately, the latest first. */
public final class RecentSource implements CandidateSource {
  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    for (int at = in.length() - 1; at >= 0; at--) {
      if (in.item(at) != Catalog.UNKNOWN && !offer.add(in.item(at))) {
        return;
      }
    }
  }
}
