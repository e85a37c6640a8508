package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import java.util.function.Supplier;

/**
 * What was added to the catalog last, so that it can be found before anybody chose it; also only as
 * long as it was not shown often.
 */
public final class NewSource implements CandidateSource {
  private final int maxImpressions;

  public NewSource() {
    this(Integer.MAX_VALUE);
  }

  private NewSource(int maxImpressions) {
    this.maxImpressions = maxImpressions;
  }

  /** Reads {@code max-impressions}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    if (!section.has("max-impressions")) {
      return NewSource::new;
    }
    int most = section.integer("max-impressions", 0, 0, 1 << 24);
    return () -> new NewSource(most);
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    for (int item : index.newest()) {
      if (in.statistics().impressions(item) <= maxImpressions && !offer.add(item)) {
        return;
      }
    }
  }
}
