package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is chosen most, by anyone: since ever, or by a declared statistic whose counts lose half
 * their weight every half-life; by those with the same device where the statistic tells.
 */
public final class PopularSource implements CandidateSource {
  private final @Nullable DecayedOrders orders;

  public PopularSource() {
    this(null);
  }

  private PopularSource(@Nullable DecayedOrders orders) {
    this.orders = orders;
  }

  /** Reads {@code statistic} and {@code half-life-hours}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    DecayedOrders orders = DecayedOrders.read(section, declared);
    return orders == null ? PopularSource::new : () -> new PopularSource(orders);
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    DecayedOrders decayed = orders;
    Ordered.offer(decayed == null ? index.popular() : decayed.of(in, index).items(), offer);
  }
}
