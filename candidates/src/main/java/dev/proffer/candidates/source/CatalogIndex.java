package dev.proffer.candidates.source;

import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Orders over the whole catalog that many requests share: by popularity, by popularity within a
 * category, by age, and whatever {@link IndexPart} the sources want; and where items are found by
 * words and by vectors. Immutable but for parts, which are made when they are first asked for.
 *
 * <p>Made from nothing it costs O(items log items); the {@link #next} one costs O(items), and the
 * sorting of what changed.
 */
public final class CatalogIndex {
  private final Catalog catalog;
  private final Statistics statistics;
  private final float[] counts;
  private final int[] popular;
  private final int[][] byCategory;
  private final int[] newest;
  private final Map<IndexPart<?>, Object> parts = new ConcurrentHashMap<>();
  private final Map<Vectors.Wanted, Vectors> vectors;
  private final Search search;

  /** An index made from nothing. */
  public CatalogIndex(Catalog catalog, Statistics statistics) {
    this.catalog = catalog;
    this.statistics = statistics;
    this.counts = counts(catalog, statistics);
    int[] all = new int[catalog.size() - 1];
    Arrays.setAll(all, at -> at + 1);
    this.popular = Orders.sorted(all, this::popularKey);
    this.newest = Orders.sorted(all, item -> newestKey(catalog, item));
    this.byCategory = byCategory(catalog, popular);
    this.vectors = Map.of();
    this.search = Search.NONE;
  }

  private CatalogIndex(CatalogIndex before, Catalog catalog, Statistics statistics) {
    this.catalog = catalog;
    this.statistics = statistics;
    this.counts = counts(catalog, statistics);
    this.vectors = before.vectors;
    this.search = before.search;
    int known = before.catalog.size();
    this.popular =
        Orders.renewed(
            before.popular,
            catalog.size(),
            item -> item >= known || counts[item] != before.counts[item],
            this::popularKey);
    if (catalog == before.catalog) {
      this.newest = before.newest;
    } else {
      this.newest =
          Orders.renewed(
              before.newest,
              catalog.size(),
              item -> {
                Item now = catalog.item(item);
                return item >= known
                    || (!Objects.equals(now, before.catalog.item(item))
                        && now.addedMillis() != before.catalog.item(item).addedMillis());
              },
              item -> newestKey(catalog, item));
    }
    this.byCategory =
        catalog == before.catalog && popular == before.popular
            ? before.byCategory
            : byCategory(catalog, popular);
  }

  private CatalogIndex(CatalogIndex of, Map<Vectors.Wanted, Vectors> vectors, Search search) {
    this.catalog = of.catalog;
    this.statistics = of.statistics;
    this.counts = of.counts;
    this.popular = of.popular;
    this.byCategory = of.byCategory;
    this.newest = of.newest;
    this.parts.putAll(of.parts);
    this.vectors = Map.copyOf(vectors);
    this.search = search;
  }

  /**
   * The index of a later catalog by the same builder and of other statistics; with the parts that
   * were asked of this one.
   *
   * @param asOfMillis the instant parts are made for
   */
  public CatalogIndex next(Catalog nextCatalog, Statistics nextStatistics, long asOfMillis) {
    if (nextCatalog.size() < catalog.size() || catalog.size() == 1) {
      return new CatalogIndex(new CatalogIndex(nextCatalog, nextStatistics), vectors, search);
    }
    CatalogIndex next = new CatalogIndex(this, nextCatalog, nextStatistics);
    for (Map.Entry<IndexPart<?>, Object> one : parts.entrySet()) {
      next.parts.put(one.getKey(), made(one.getKey(), next, asOfMillis, one.getValue()));
    }
    return next;
  }

  @SuppressWarnings("unchecked") // what a part comes to is put under the part alone
  private static <T> Object made(
      IndexPart<T> part, CatalogIndex of, long asOfMillis, @Nullable Object before) {
    return part.of(of.catalog, of.statistics, asOfMillis, (T) before);
  }

  /** The same with other vectors to look for near ones in. */
  public CatalogIndex with(Vectors.Wanted wanted, Vectors of) {
    Map<Vectors.Wanted, Vectors> all = new HashMap<>(vectors);
    all.put(wanted, of);
    return new CatalogIndex(this, all, search);
  }

  /** The same with another search. */
  public CatalogIndex with(Search other) {
    return new CatalogIndex(this, vectors, other);
  }

  /** All items, the most often chosen first; equals by catalog order. Do not write to it. */
  public int[] popular() {
    return popular;
  }

  /** The items of a category, the most often chosen first. Do not write to it. */
  public int[] popular(int category) {
    return byCategory[category];
  }

  /** All items, the latest added first; equals by catalog order. Do not write to it. */
  public int[] newest() {
    return newest;
  }

  /**
   * A part: made when it is first asked for, by whoever asks, and kept; made at once for the {@link
   * #next} index. Allocates nothing when it is there.
   *
   * @param asOfMillis the instant it is made for where it is not there
   */
  @SuppressWarnings("unchecked") // what a part comes to is put under the part alone
  public <T> T part(IndexPart<T> part, long asOfMillis) {
    T there = (T) parts.get(part);
    return there != null
        ? there
        : (T) parts.computeIfAbsent(part, p -> made(p, this, asOfMillis, null));
  }

  /** Where near vectors are found; null where there are none. */
  public @Nullable Vectors vectors(Vectors.Wanted wanted) {
    return vectors.get(wanted);
  }

  /** Where items are found by words. */
  public Search search() {
    return search;
  }

  /** A number that sorts by descending count, then ascending item. Counts are not negative. */
  static long key(float count, int item) {
    return ((long) (Integer.MAX_VALUE - Float.floatToRawIntBits(count)) << 32) | item;
  }

  private long popularKey(int item) {
    return (long) Integer.MAX_VALUE - Float.floatToRawIntBits(counts[item]);
  }

  private static long newestKey(Catalog catalog, int item) {
    return -catalog.item(item).addedMillis();
  }

  private static float[] counts(Catalog catalog, Statistics statistics) {
    float[] counts = new float[catalog.size()];
    for (int item = 1; item < counts.length; item++) {
      counts[item] = statistics.events(item);
    }
    return counts;
  }

  private static int[][] byCategory(Catalog catalog, int[] popular) {
    int[] sizes = new int[catalog.categoryCount()];
    for (int item : popular) {
      sizes[catalog.category(item)]++;
    }
    int[][] byCategory = new int[sizes.length][];
    for (int category = 0; category < sizes.length; category++) {
      byCategory[category] = new int[sizes[category]];
      sizes[category] = 0;
    }
    for (int item : popular) {
      int category = catalog.category(item);
      byCategory[category][sizes[category]++] = item;
    }
    return byCategory;
  }
}
