package dev.proffer.candidates.source;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import java.util.Arrays;

/**
 * Orders over the whole catalog that many requests share: by popularity, by popularity within a
 * category, by age. Immutable. Made once per snapshot of the statistics; costs O(items log items).
 */
public final class CatalogIndex {
  private final int[] popular;
  private final int[][] byCategory;
  private final int[] newest;

  public CatalogIndex(Catalog catalog, Statistics statistics) {
    int count = catalog.size() - 1;
    long[] keys = new long[count];
    for (int at = 0; at < count; at++) {
      keys[at] = key(statistics.events(at + 1), at + 1);
    }
    popular = sorted(keys);
    int[] sizes = new int[catalog.categoryCount()];
    for (int item : popular) {
      sizes[catalog.category(item)]++;
    }
    byCategory = new int[sizes.length][];
    for (int category = 0; category < sizes.length; category++) {
      byCategory[category] = new int[sizes[category]];
    }
    int[] filled = new int[sizes.length];
    for (int item : popular) {
      int category = catalog.category(item);
      byCategory[category][filled[category]++] = item;
    }
    Integer[] byAge = new Integer[count];
    for (int at = 0; at < count; at++) {
      byAge[at] = at + 1;
    }
    Arrays.sort(
        byAge,
        (a, b) -> {
          int age = Long.compare(catalog.item(b).addedMillis(), catalog.item(a).addedMillis());
          return age != 0 ? age : Integer.compare(a, b);
        });
    newest = Arrays.stream(byAge).mapToInt(Integer::intValue).toArray();
  }

  /** All items, the most often chosen first; equals by catalog order. Do not write to it. */
  public int[] popular() {
    return popular;
  }

  /** The items of a category, the most often chosen first. Do not write to it. */
  public int[] popular(int category) {
    return byCategory[category];
  }

  /** All items, the latest added first. Do not write to it. */
  public int[] newest() {
    return newest;
  }

  /** A number that sorts by descending count, then ascending item. Counts are not negative. */
  static long key(float count, int item) {
    return ((long) (Integer.MAX_VALUE - Float.floatToRawIntBits(count)) << 32) | item;
  }

  private static int[] sorted(long[] keys) {
    Arrays.sort(keys);
    int[] items = new int[keys.length];
    for (int at = 0; at < items.length; at++) {
      items[at] = (int) keys[at];
    }
    return items;
  }
}
