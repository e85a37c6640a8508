package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;
import java.util.function.Supplier;

/**
 * What makes two items alike: being the same, of the same category, or of the same value of an
 * attribute. Each such class of items has a code above 0; an item that belongs to none has 0.
 * Belongs to one thread; {@link #prepare} before use in a request.
 */
final class Likeness {
  static final String ITEM = "item";
  static final String CATEGORY = "category";

  private final String by;
  private final boolean isItem;
  private final boolean isCategory;
  private Catalog catalog = Catalog.EMPTY;
  private int[] codes = new int[1];

  private Likeness(String by) {
    this.by = by;
    this.isItem = by.equals(ITEM);
    this.isCategory = by.equals(CATEGORY);
  }

  /** Reads {@code by}: {@code item}, {@code category}, or the name of an attribute. */
  static Supplier<Likeness> read(Section parameters) {
    String by = parameters.text("by", ITEM);
    return () -> new Likeness(by);
  }

  void prepare(FeatureInput in) {
    catalog = in.catalog();
    if (!isItem && !isCategory) {
      codes = catalog.codes(by);
    }
  }

  /** The class an item belongs to; 0 for none. */
  int code(int item) {
    return isCategory ? catalog.category(item) : isItem ? item : codes[item];
  }

  /** The code of a category's name, of an attribute's value in words, or of an item's id. */
  int codeOf(String value) {
    return isItem
        ? catalog.index(value)
        : isCategory ? catalog.categoryCode(value) : catalog.code(by, value);
  }
}
