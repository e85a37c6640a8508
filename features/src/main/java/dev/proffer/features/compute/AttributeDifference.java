package dev.proffer.features.compute;

/**
 * A numeric attribute of the item less that of the item looked at. Missing when either lacks it,
 * or, where asked for, when they are of different categories.
 */
final class AttributeDifference implements Transformation.OfCandidate {
  private final String attribute;
  private final boolean sameCategory;
  private float[] column = new float[0];
  private float current;

  AttributeDifference(String attribute, boolean sameCategory) {
    this.attribute = attribute;
    this.sameCategory = sameCategory;
  }

  @Override
  public void prepare(FeatureInput in) {
    column = in.catalog().numbers(attribute);
    current = column[in.contextItem()];
  }

  @Override
  public float value(FeatureInput in, int item) {
    boolean comparable =
        !sameCategory || in.catalog().category(item) == in.catalog().category(in.contextItem());
    return comparable ? column[item] - current : Float.NaN;
  }
}
