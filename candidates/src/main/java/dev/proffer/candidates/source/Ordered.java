package dev.proffer.candidates.source;

import dev.proffer.features.state.Catalog;
import java.util.Arrays;

/**
 * Items in an order that many requests share, and the same by category. Immutable.
 *
 * @param items the most promising first; do not write to it
 * @param byCategory likewise, by the category's number; do not write to it
 * @param catalog what it was made of
 * @param madeMillis the instant it was made for
 */
record Ordered(int[] items, int[][] byCategory, Catalog catalog, long madeMillis) {

  /** Gives an item its place. */
  @FunctionalInterface
  interface Value {
    /** The greater, the sooner; what is not above 0 has no place. */
    double of(int item);
  }

  /** Whether it will do for an index that is made at an instant of a catalog. */
  boolean holds(Catalog other, long asOfMillis) {
    return catalog.size() == other.size()
        && asOfMillis >= madeMillis
        && asOfMillis - madeMillis < IndexPart.PATIENCE_MILLIS;
  }

  /** Orders by descending value; equals by catalog order. */
  static Ordered by(Catalog catalog, long asOfMillis, Value value) {
    double[] values = new double[catalog.size()];
    int count = 0;
    for (int item = 1; item < values.length; item++) {
      values[item] = value.of(item);
      count += values[item] > 0 ? 1 : 0;
    }
    long[] keys = new long[count];
    int at = 0;
    for (int item = 1; item < values.length; item++) {
      if (values[item] > 0) {
        // Bits of positive floats sort as they do; values that differ less than a float does are
        // equal.
        keys[at++] = CatalogIndex.key((float) values[item], item);
      }
    }
    Arrays.sort(keys);
    int[] items = new int[count];
    int[] sizes = new int[catalog.categoryCount()];
    for (int place = 0; place < count; place++) {
      items[place] = (int) keys[place];
      sizes[catalog.category(items[place])]++;
    }
    int[][] byCategory = new int[sizes.length][];
    for (int category = 0; category < sizes.length; category++) {
      byCategory[category] = new int[sizes[category]];
      sizes[category] = 0;
    }
    for (int item : items) {
      int category = catalog.category(item);
      byCategory[category][sizes[category]++] = item;
    }
    return new Ordered(items, byCategory, catalog, asOfMillis);
  }

  /** Offers items until no more are wanted. */
  static void offer(int[] items, CandidateSource.Offer offer) {
    for (int item : items) {
      if (!offer.add(item)) {
        return;
      }
    }
  }
}
