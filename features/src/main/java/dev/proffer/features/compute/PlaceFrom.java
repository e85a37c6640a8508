package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import java.util.Arrays;

/**
 * Places between the item and where the session stands in its category: the item looked at, or the
 * highest, lowest or latest place it came to. Missing where the session has no place in it.
 */
final class PlaceFrom implements Transformation.OfCandidate {
  /** Where the session stands in a category. */
  enum Origin {
    CURRENT,
    HIGHEST,
    LOWEST,
    LATEST
  }

  private final Origin origin;
  private final boolean absolute;
  private float[] current = {Float.NaN}; // by category: of the item looked at alone
  private int set;
  private float[] from = current;
  private float[] orders = {Float.NaN};
  private Catalog catalog = Catalog.EMPTY;

  PlaceFrom(Origin origin, boolean absolute) {
    this.origin = origin;
    this.absolute = absolute;
  }

  @Override
  public void prepare(FeatureInput in) {
    catalog = in.catalog();
    orders = in.orders();
    from =
        switch (origin) {
          case CURRENT -> ofCurrent(in);
          case HIGHEST -> in.highest();
          case LOWEST -> in.lowest();
          case LATEST -> in.latest();
        };
  }

  private float[] ofCurrent(FeatureInput in) {
    if (current.length < catalog.categoryCount()) {
      current = new float[2 * catalog.categoryCount()];
      Arrays.fill(current, Float.NaN);
    }
    current[set] = Float.NaN;
    set = catalog.category(in.contextItem());
    current[set] = in.order(in.contextItem());
    return current;
  }

  @Override
  public float value(FeatureInput in, int item) {
    float difference = orders[item] - from[catalog.category(item)];
    return absolute ? Math.abs(difference) : difference;
  }
}
