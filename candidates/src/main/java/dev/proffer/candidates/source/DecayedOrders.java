package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.spec.StatisticSpec;
import org.jspecify.annotations.Nullable;

/**
 * The orders by a declared statistic that decays: one, where it is by item; where it is by item and
 * device one for each device, and one over all of them for who comes with another device or none.
 */
final class DecayedOrders {
  private static final double HOUR = 3_600_000;

  private final StatisticSpec spec;
  private final DecayedOrder[] byDevice;

  private DecayedOrders(StatisticSpec spec, int number, long halfLifeMillis) {
    this.spec = spec;
    int devices = spec.by() == StatisticSpec.By.ITEM_DEVICE ? spec.others() : 0;
    byDevice = new DecayedOrder[devices + 1];
    for (int device = 0; device < byDevice.length; device++) {
      byDevice[device] = new DecayedOrder(number, halfLifeMillis, device);
    }
  }

  /** What {@code statistic} and {@code half-life-hours} of a section say; null for no statistic. */
  static @Nullable DecayedOrders read(Section section, Declarations declared) {
    int number = declared.byItemAndPerhapsDevice(section);
    if (section.has("half-life-hours") && !section.has(Declarations.STATISTIC)) {
      section.refuse("half-life-hours", "wants a statistic to decay");
    }
    double hours = section.number("half-life-hours", 168, 0.1, 87_600);
    return number < 0
        ? null
        : new DecayedOrders(
            declared.statistics().statistics().get(number), number, Math.round(hours * HOUR));
  }

  /** The order for a request. */
  Ordered of(FeatureInput in, CatalogIndex index) {
    return index.part(
        byDevice[byDevice.length == 1 ? DecayedOrder.ANY : spec.place(in.device())],
        in.asOfMillis());
  }
}
