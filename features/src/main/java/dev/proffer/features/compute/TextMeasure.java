package dev.proffer.features.compute;

/** A number that a text alone decides. Two that measure the same are equal. Immutable. */
interface TextMeasure {
  /**
   * Measures a text.
   *
   * @param text empty for an item without it
   * @return NaN where there is nothing to measure
   */
  float of(String text);
}
