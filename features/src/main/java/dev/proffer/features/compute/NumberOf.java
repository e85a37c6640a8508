package dev.proffer.features.compute;

/** A numeric attribute of the item; missing when it lacks it. */
final class NumberOf implements Transformation.OfCandidate {
  private final String attribute;
  private float[] numbers = {Float.NaN};

  NumberOf(String attribute) {
    this.attribute = attribute;
  }

  @Override
  public void prepare(FeatureInput in) {
    numbers = in.catalog().numbers(attribute);
  }

  @Override
  public float value(FeatureInput in, int item) {
    return numbers[item];
  }
}
