package dev.proffer.features.compute;

/**
 * An item's share of all events, with one event added for every item of the catalog; 1 in a world
 * of nothing.
 */
final class Share {
  private Share() {}

  static float of(FeatureInput in, int item) {
    return (float)
        ((in.statistics().events(item) + 1)
            / Math.max(1, in.statistics().totalEvents() + in.catalog().size() - 1));
  }
}
