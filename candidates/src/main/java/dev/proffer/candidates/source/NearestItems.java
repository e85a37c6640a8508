package dev.proffer.candidates.source;

import dev.proffer.features.state.Catalog;

/**
 * The items whose vectors are nearest to one, nearest first, but for the one it is of.
 *
 * @param vector nobody else's
 * @param own the hash of the id the vector is of; {@link #NOBODY} for none of these
 */
record NearestItems(Vectors vectors, float[] vector, Catalog catalog, long own) implements LookUp {
  /** The hash of no id that is looked for. */
  static final long NOBODY = 0;

  private static final int MOST = 100;

  @Override
  public int[] ask() {
    int[] rows = new int[own == NOBODY ? MOST : MOST + 1];
    int count = vectors.nearest(vector, rows);
    int[] items = new int[count];
    for (int at = 0; at < count; at++) {
      long hash = vectors.idHash(rows[at]);
      items[at] = hash == own ? Catalog.UNKNOWN : catalog.index(hash);
    }
    return items;
  }
}
