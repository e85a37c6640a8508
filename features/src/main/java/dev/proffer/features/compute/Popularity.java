package dev.proffer.features.compute;

import java.util.Arrays;

/**
 * Logarithm of an item's {@link Share} of everybody's choices. Remembers it by how often an item
 * was chosen, as long as all choices and items together are as many.
 */
final class Popularity implements Transformation.OfCandidate {
  private final float[] byEvents = new float[1_024];
  private double choices = Double.NaN;
  private int items;

  @Override
  public void prepare(FeatureInput in) {
    if (choices != in.statistics().totalEvents() || items != in.catalog().size()) {
      choices = in.statistics().totalEvents();
      items = in.catalog().size();
      Arrays.fill(byEvents, Float.NaN);
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    float events = in.statistics().events(item);
    int known = (int) events;
    if (known != events || known < 0 || known >= byEvents.length) {
      return (float) Math.log(Share.of(in, item));
    }
    float value = byEvents[known];
    if (Float.isNaN(value)) {
      value = (float) Math.log(Share.of(in, item));
      byEvents[known] = value;
    }
    return value;
  }
}
