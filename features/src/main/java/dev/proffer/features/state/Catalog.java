package dev.proffer.features.state;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
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

  // How an item stands: what it takes to say whether it may be proposed.
  private static final byte NEVER = 0;
  private static final byte ALWAYS = 1;
  private static final byte AT_TIMES = 2;

  private final Item[] items;
  private final Map<String, Integer> byId; // shared with later catalogs, which know more
  private final HashNumbers byHash; // likewise
  private final int[] categories;
  private final byte[] standing;
  private final List<String> categoryNames;
  private final int[] categorySizes;
  private final Map<String, Integer> categoryCodes;
  private final Map<String, AttributeColumn.Shown> attributes;
  private final float[] missingNumbers;
  private final int[] missingCodes;
  private final int deleted;

  // What was computed from the items of this catalog, and of the one its builder built before.
  private final Map<CatalogColumn<?>, Object> columns = new ConcurrentHashMap<>();
  private final Map<CatalogColumn<?>, Object> earlier;

  private Catalog(Builder of, int size, Map<String, AttributeColumn.Shown> attributes) {
    this.items = Arrays.copyOf(of.items, size);
    this.byId = of.indexes;
    this.byHash = of.byHash;
    this.categories = Arrays.copyOf(of.categories, size);
    this.standing = Arrays.copyOf(of.standing, size);
    this.categoryNames = List.copyOf(of.categoryNames);
    this.categorySizes = Arrays.copyOf(of.categorySizes, categoryNames.size());
    this.categoryCodes = of.categoryCodes;
    this.attributes = attributes;
    this.deleted = of.deleted;
    this.earlier = of.columns;
    missingNumbers = new float[size];
    Arrays.fill(missingNumbers, Float.NaN);
    missingCodes = new int[size];
  }

  /**
   * Collects items; a later item of the same id replaces the earlier one in its place. Not
   * thread-safe; the catalogs it built stay as they are.
   */
  public static final class Builder implements Numbering {
    private final Map<String, Integer> indexes = new ConcurrentHashMap<>();
    private final HashNumbers byHash = new HashNumbers();
    private final Map<String, Integer> categoryCodes = new ConcurrentHashMap<>();
    private final List<String> categoryNames = new ArrayList<>(List.of(""));
    private final Map<String, AttributeColumn> attributes = new HashMap<>();
    private Item[] items = new Item[16];
    private int[] categories = new int[16];
    private byte[] standing = new byte[16];
    private long[] hashes = new long[16];
    private int[] categorySizes = new int[16];
    private int size = 1;
    private int deleted;
    private final ToLongFunction<String> hash;
    private Map<CatalogColumn<?>, Object> columns = Map.of(); // of the catalog built last

    public Builder() {
      this(Hash64::of);
    }

    Builder(ToLongFunction<String> hash) {
      this.hash = hash;
      items[UNKNOWN] = NOTHING;
    }

    /**
     * Adds or replaces an item; says its index, or {@link Catalog#UNKNOWN} when it was not taken
     * because its id shares its {@link Hash64} with that of another item. An item that was changed
     * before the one that is there leaves it as it is.
     */
    public int put(Item item) {
      Integer known = indexes.get(item.id());
      int index = known == null ? add(item) : known;
      Item before = items[index];
      if (index == UNKNOWN || (known != null && before.changedMillis() > item.changedMillis())) {
        return index;
      }
      int category = item.category() == null ? 0 : numbered(item.category());
      if (known != null) {
        categorySizes[categories[index]]--;
        deleted -= before.deleted() ? 1 : 0;
        for (String name : before.attributes().keySet()) {
          if (!item.attributes().containsKey(name)) {
            column(name).set(index, null);
          }
        }
      }
      items[index] = item;
      categories[index] = category;
      categorySizes[category]++;
      deleted += item.deleted() ? 1 : 0;
      standing[index] = standing(item);
      item.attributes().forEach((name, value) -> column(name).set(index, value));
      return index;
    }

    private int add(Item item) {
      long idHash = hash.applyAsLong(item.id());
      if (byHash.get(idHash) != HashNumbers.NONE) {
        return UNKNOWN;
      }
      int index = size;
      if (index == items.length) {
        items = Arrays.copyOf(items, 2 * index);
        hashes = Arrays.copyOf(hashes, 2 * index);
        categories = Arrays.copyOf(categories, 2 * index);
        standing = Arrays.copyOf(standing, 2 * index);
      }
      size++;
      hashes[index] = idHash;
      items[index] = item;
      byHash.put(idHash, index);
      indexes.put(item.id(), index);
      return index;
    }

    /** The attribute of a name as it is now and will be; empty while no item has it. */
    AttributeColumn column(String name) {
      return attributes.computeIfAbsent(name, n -> new AttributeColumn());
    }

    private static byte standing(Item item) {
      Item.Validity validity = item.validity();
      if (item.deleted() || !validity.available()) {
        return NEVER;
      }
      return validity.fromMillis() == 0 && validity.untilMillis() == Long.MAX_VALUE
          ? ALWAYS
          : AT_TIMES;
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
      return items[index];
    }

    /** The names of all categories there ever were, in the order of their numbers from 1. */
    public List<String> categories() {
      return List.copyOf(categoryNames.subList(1, categoryNames.size()));
    }

    /** The number of a category's name; 0 when no item ever had it. */
    @Override
    public int categoryCode(String name) {
      return categoryCodes.getOrDefault(name, 0);
    }

    /** Gives a category the next number, if it has none, before an item has it. */
    public void addCategory(String name) {
      int unused = numbered(name);
    }

    private int numbered(String name) {
      Integer known = categoryCodes.get(name);
      if (known != null) {
        return known;
      }
      int code = categoryNames.size();
      categoryNames.add(name);
      categoryCodes.put(name, code);
      if (code == categorySizes.length) {
        categorySizes = Arrays.copyOf(categorySizes, 2 * code);
      }
      return code;
    }

    /** The category's number of an item; 0 for none. A category keeps its number. */
    public int category(int index) {
      return categories[index];
    }

    /** The {@link Hash64} of the id of the item at an index; 0 of the unknown item. */
    long hash(int index) {
      return hashes[index];
    }

    /** How many items were added. */
    public int size() {
      return size - 1;
    }

    /**
     * The catalog of all items so far, with the columns that were asked of the one before. Costs a
     * copy of a few bytes an item, a copy of each attribute that changed, and the columns.
     */
    public Catalog build() {
      Map<String, AttributeColumn.Shown> shown = new HashMap<>();
      attributes.forEach(
          (name, column) -> {
            if (column.isThere()) {
              shown.put(name, column.shown(size));
            }
          });
      Catalog built = new Catalog(this, size, shown);
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
    Integer index = byId.get(id);
    return index != null && index < items.length ? index : UNKNOWN;
  }

  /** The index of an id known by its {@link Hash64}, or {@link #UNKNOWN}. Allocates nothing. */
  @Override
  public int index(long idHash) {
    int index = byHash.get(idHash);
    return index > UNKNOWN && index < items.length ? index : UNKNOWN;
  }

  /**
   * Whether an item may be proposed at an instant: it is in the catalog, available and valid.
   * Allocates nothing.
   */
  public boolean proposable(int index, long millis) {
    byte how = standing[index];
    return how == ALWAYS || (how == AT_TIMES && items[index].validity().at(millis));
  }

  /** How many of the items are deleted: they keep their index. */
  public int deleted() {
    return deleted;
  }

  /** The category's number of an item; 0 for none. */
  public int category(int index) {
    return categories[index];
  }

  /** The number of a category's name; 0 when no item has it. */
  @Override
  public int categoryCode(String name) {
    Integer code = categoryCodes.get(name);
    return code != null && code < categoryNames.size() ? code : 0;
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
    AttributeColumn.Shown shown = attributes.get(attribute);
    float[] numbers = shown == null ? null : shown.numbers();
    return numbers == null ? missingNumbers : numbers;
  }

  /**
   * An attribute's values as numbers that are equal when the values are; 0 where an item lacks it.
   * Do not write to it.
   */
  public int[] codes(String attribute) {
    AttributeColumn.Shown shown = attributes.get(attribute);
    return shown == null ? missingCodes : shown.codes();
  }

  /**
   * The code that {@link #codes} gives a value, told in words; 0, or a code of no item, when no
   * item has it.
   */
  public int code(String attribute, String value) {
    AttributeColumn.Shown shown = attributes.get(attribute);
    return shown == null ? 0 : shown.codesByWords().getOrDefault(value, 0);
  }

  /** The attributes some item has, in alphabetical order. */
  public List<String> attributes() {
    return attributes.keySet().stream().sorted().toList();
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
}
