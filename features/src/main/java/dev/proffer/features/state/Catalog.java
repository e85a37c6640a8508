package dev.proffer.features.state;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * The items that can be proposed, as columns by a dense index. Immutable, so any thread may read
 * it.
 *
 * <p>Index 0 is the unknown item: no category, no attributes, no statistics. An id that is not in
 * the catalog reads as 0, and every feature is defined for it. An item keeps its index for the life
 * of the process, also when it is replaced.
 */
public final class Catalog implements Numbering {
  /** The index of what is not in the catalog, and of "no item". */
  public static final int UNKNOWN = 0;

  private static final Item NOTHING = new Item("", "", null, 0, Map.of());

  /** A catalog of nothing but the unknown item. */
  public static final Catalog EMPTY = new Builder().build();

  private final Item[] items;
  private final Map<String, Integer> byId;
  private final long[] hashes;
  private final int[] hashIndex;
  private final int[] categories;
  private final List<String> categoryNames;
  private final int[] categorySizes;
  private final Map<String, Integer> categoryCodes;
  private final Map<String, float[]> numbers;
  private final Map<String, int[]> codes;
  private final Map<String, Map<String, Integer>> codesByWords;
  private final float[] missingNumbers;
  private final int[] missingCodes;

  // What was computed from the items of this catalog, and of the one its builder built before.
  private final Map<CatalogColumn<?>, Object> columns = new ConcurrentHashMap<>();
  private final Map<CatalogColumn<?>, Object> earlier;

  private Catalog(
      Map<String, Item> added,
      Map<String, Integer> categoryCodes,
      Map<CatalogColumn<?>, Object> earlier) {
    this.earlier = earlier;
    int size = added.size() + 1;
    items = new Item[size];
    byId = new HashMap<>(size * 2);
    int table = Integer.highestOneBit(Math.max(8, size) * 2 - 1) * 2;
    hashes = new long[table];
    hashIndex = new int[table];
    categories = new int[size];
    this.categoryCodes = new LinkedHashMap<>(categoryCodes);
    categoryNames = new ArrayList<>(List.of(""));
    categoryNames.addAll(this.categoryCodes.keySet());
    categorySizes = new int[categoryNames.size()];
    numbers = new HashMap<>();
    codes = new HashMap<>();
    codesByWords = new HashMap<>();
    Map<String, Map<Object, Integer>> dictionaries = new HashMap<>();
    items[UNKNOWN] = NOTHING;
    int index = 1;
    for (Item item : added.values()) {
      items[index] = item;
      byId.put(item.id(), index);
      putHash(Hash64.of(item.id()), index);
      categories[index] =
          item.category() == null ? 0 : categoryCodes.getOrDefault(item.category(), 0);
      categorySizes[categories[index]]++;
      for (Map.Entry<String, Object> attribute : item.attributes().entrySet()) {
        String name = attribute.getKey();
        Object value = attribute.getValue();
        Map<Object, Integer> dictionary = dictionaries.computeIfAbsent(name, n -> new HashMap<>());
        codes.computeIfAbsent(name, n -> new int[size])[index] =
            dictionary.computeIfAbsent(value, v -> dictionary.size() + 1);
        if (value instanceof Number number) {
          float[] column = numbers.get(name);
          if (column == null) {
            column = new float[size];
            Arrays.fill(column, Float.NaN);
            numbers.put(name, column);
          }
          column[index] = number.floatValue();
        }
      }
      index++;
    }
    dictionaries.forEach(
        (name, dictionary) -> {
          Map<String, Integer> byWords = new HashMap<>();
          dictionary.forEach((value, code) -> byWords.putIfAbsent(value.toString(), code));
          codesByWords.put(name, byWords);
        });
    missingNumbers = new float[size];
    Arrays.fill(missingNumbers, Float.NaN);
    missingCodes = new int[size];
  }

  /**
   * Collects items; a later item of the same id replaces the earlier one in its place. Not
   * thread-safe.
   */
  public static final class Builder implements Numbering {
    private final Map<String, Item> items = new LinkedHashMap<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    private final HashNumbers byHash = new HashNumbers();
    private int[] categories = new int[16];
    private long[] hashes = new long[16];
    private final List<Item> byIndex = new ArrayList<>(List.of(NOTHING));
    private final Map<String, Integer> categoryCodes = new LinkedHashMap<>();
    private final ToLongFunction<String> hash;
    private Map<CatalogColumn<?>, Object> columns = Map.of(); // of the catalog built last

    public Builder() {
      this(Hash64::of);
    }

    Builder(ToLongFunction<String> hash) {
      this.hash = hash;
    }

    /**
     * Adds or replaces an item; says its index, or {@link Catalog#UNKNOWN} when it was not taken
     * because its id shares its {@link Hash64} with that of another item.
     */
    public int put(Item item) {
      Integer index = indexes.get(item.id());
      if (index == null) {
        index = indexes.size() + 1;
        long idHash = hash.applyAsLong(item.id());
        if (byHash.get(idHash) != HashNumbers.NONE) {
          return UNKNOWN;
        }
        byHash.put(idHash, index);
        if (index == hashes.length) {
          hashes = Arrays.copyOf(hashes, 2 * index);
          categories = Arrays.copyOf(categories, 2 * index);
        }
        hashes[index] = idHash;
        indexes.put(item.id(), index);
        byIndex.add(item);
      }
      items.put(item.id(), item);
      byIndex.set(index, item);
      if (item.category() != null) {
        addCategory(item.category());
      }
      categories[index] = item.category() == null ? 0 : categoryCode(item.category());
      return index;
    }

    /** The index of an id; {@link Catalog#UNKNOWN} when it was not added. */
    public int index(String id) {
      return indexes.getOrDefault(id, UNKNOWN);
    }

    /**
     * The index of an id known by its {@link Hash64}; {@link Catalog#UNKNOWN} when it was not
     * added.
     */
    @Override
    public int index(long idHash) {
      return Math.max(UNKNOWN, byHash.get(idHash));
    }

    /** The item at an index; an item with an empty id at 0. */
    public Item item(int index) {
      return byIndex.get(index);
    }

    /** The names of all categories there ever were, in the order of their numbers from 1. */
    public List<String> categories() {
      return List.copyOf(categoryCodes.keySet());
    }

    /** The number of a category's name; 0 when no item ever had it. */
    @Override
    public int categoryCode(String name) {
      return categoryCodes.getOrDefault(name, 0);
    }

    /** Gives a category the next number, if it has none, before an item has it. */
    public void addCategory(String name) {
      categoryCodes.putIfAbsent(name, categoryCodes.size() + 1);
    }

    /** The category's number of an item; 0 for none. A category keeps its number. */
    public int category(int index) {
      return categories[index];
    }

    /** The {@link Hash64} of the id of the item at an index; 0 of the unknown item. */
    long hash(int index) {
      return hashes[index];
    }

    /** A numeric attribute of an item; NaN when it lacks it. */
    public float number(int index, String attribute) {
      return byIndex.get(index).attributes().get(attribute) instanceof Number number
          ? number.floatValue()
          : Float.NaN;
    }

    /** How many items were added. */
    public int size() {
      return items.size();
    }

    /**
     * The catalog of all items so far, with the columns that were asked of the one before. Costs
     * O(items × attributes).
     */
    public Catalog build() {
      Catalog built = new Catalog(items, categoryCodes, columns);
      // Whoever asked for a column of the catalog before will ask again.
      columns.keySet().forEach(built::column);
      columns = built.columns;
      return built;
    }
  }

  /** How many indexes there are, the unknown item counted. */
  public int size() {
    return items.length;
  }

  /** The item at an index; an item with an empty id at 0. */
  public Item item(int index) {
    return items[index];
  }

  /** The index of an id, or {@link #UNKNOWN}. */
  public int index(String id) {
    return byId.getOrDefault(id, UNKNOWN);
  }

  /** The index of an id known by its {@link Hash64}, or {@link #UNKNOWN}. Allocates nothing. */
  @Override
  public int index(long idHash) {
    int mask = hashes.length - 1;
    int slot = (int) idHash & mask;
    while (hashIndex[slot] != 0) {
      if (hashes[slot] == idHash) {
        return hashIndex[slot];
      }
      slot = slot + 1 & mask;
    }
    return UNKNOWN;
  }

  /** The category's number of an item; 0 for none. */
  public int category(int index) {
    return categories[index];
  }

  /** The number of a category's name; 0 when no item has it. */
  @Override
  public int categoryCode(String name) {
    return categoryCodes.getOrDefault(name, 0);
  }

  /** The name of a category's number; empty for 0. */
  public String categoryName(int code) {
    return categoryNames.get(code);
  }

  /** How many items a category has. */
  public int categorySize(int code) {
    return categorySizes[code];
  }

  /** How many category numbers there are, "none" counted. */
  public int categoryCount() {
    return categoryNames.size();
  }

  /** A numeric attribute by item index; NaN where an item lacks it. Do not write to it. */
  public float[] numbers(String attribute) {
    return numbers.getOrDefault(attribute, missingNumbers);
  }

  /**
   * An attribute's values as numbers that are equal when the values are; 0 where an item lacks it.
   * Do not write to it.
   */
  public int[] codes(String attribute) {
    return codes.getOrDefault(attribute, missingCodes);
  }

  /** The code that {@link #codes} gives a value, told in words; 0 when no item has it. */
  public int code(String attribute, String value) {
    return codesByWords.getOrDefault(attribute, Map.of()).getOrDefault(value, 0);
  }

  /** The attributes some item has, in alphabetical order. */
  public List<String> attributes() {
    return codes.keySet().stream().sorted().toList();
  }

  /**
   * What a column says of these items: computed when it is first asked for, by whoever asks, and
   * kept. Any thread may ask; allocates nothing when it is there.
   */
  @SuppressWarnings("unchecked") // a column's value is put under the column alone
  public <T> T column(CatalogColumn<T> column) {
    T there = (T) columns.get(column);
    return there != null
        ? there
        : (T) columns.computeIfAbsent(column, c -> column.of(this, (T) earlier.get(column)));
  }

  private void putHash(long hash, int index) {
    int mask = hashes.length - 1;
    int slot = (int) hash & mask;
    while (hashIndex[slot] != 0) {
      slot = slot + 1 & mask;
    }
    hashes[slot] = hash;
    hashIndex[slot] = index;
  }
}
