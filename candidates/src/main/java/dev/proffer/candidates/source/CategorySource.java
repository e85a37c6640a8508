package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is chosen most within the category the person looks at: since ever, or by a declared
 * statistic that decays.
 */
public final class CategorySource implements CandidateSource {
  private final @Nullable IndexPart<Ordered> order;

  public CategorySource() {
    this(null);
  }

  private CategorySource(@Nullable IndexPart<Ordered> order) {
    this.order = order;
  }

  /** Reads {@code statistic} and {@code half-life-hours}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    IndexPart<Ordered> order = PopularSource.order(section, declared);
    return order == null ? CategorySource::new : () -> new CategorySource(order);
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    int category = in.contextCategory();
    IndexPart<Ordered> part = order;
    if (category == 0) {
      return;
    }
    if (part == null) {
      Ordered.offer(index.popular(category), offer);
      return;
    }
    int[][] byCategory = index.part(part, in.asOfMillis()).byCategory();
    if (category < byCategory.length) {
      Ordered.offer(byCategory[category], offer);
    }
  }
}
