package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is chosen most, by anyone: since ever, or by a declared statistic whose counts lose half
 * their weight every half-life.
 */
public final class PopularSource implements CandidateSource {
  private final @Nullable IndexPart<Ordered> order;

  public PopularSource() {
    this(null);
  }

  private PopularSource(@Nullable IndexPart<Ordered> order) {
    this.order = order;
  }

  /** Reads {@code statistic} and {@code half-life-hours}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    IndexPart<Ordered> order = order(section, declared);
    return order == null ? PopularSource::new : () -> new PopularSource(order);
  }

  /** The decayed order that a section names; null where it names none. */
  static @Nullable IndexPart<Ordered> order(Section section, Declarations declared) {
    int statistic = declared.byItem(section, false);
    if (section.has("half-life-hours") && !section.has(Declarations.STATISTIC)) {
      section.refuse("half-life-hours", "wants a statistic to decay");
    }
    double hours = section.number("half-life-hours", 168, 0.1, 87_600);
    return statistic < 0 ? null : new DecayedOrder(statistic, Math.round(hours * 3_600_000));
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    IndexPart<Ordered> part = order;
    Ordered.offer(
        part == null ? index.popular() : index.part(part, in.asOfMillis()).items(), offer);
  }
}
