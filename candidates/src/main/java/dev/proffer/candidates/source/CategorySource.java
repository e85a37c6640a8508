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
  private final @Nullable DecayedOrders orders;

  public CategorySource() {
    this(null);
  }

  private CategorySource(@Nullable DecayedOrders orders) {
    this.orders = orders;
  }

  /** Reads {@code statistic} and {@code half-life-hours}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    DecayedOrders orders = DecayedOrders.read(section, declared);
    return orders == null ? CategorySource::new : () -> new CategorySource(orders);
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    int category = in.contextCategory();
    DecayedOrders decayed = orders;
    if (category == 0) {
      return;
    }
    if (decayed == null) {
      Ordered.offer(index.popular(category), offer);
      return;
    }
    int[][] byCategory = decayed.of(in, index).byCategory();
    if (category < byCategory.length) {
      Ordered.offer(byCategory[category], offer);
    }
  }
}
