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
  private Catalog catalog = Catalog.EMPTY;
  private int[] codes = new int[1];

  private Likeness(String by) {
    this.by = by;
  }

  /** Reads {@code by}: {@code item}, {@code category}, or the name of an attribute. */
  static Supplier<Likeness> read(Section parameters) {
    String by = parameters.text("by", ITEM);
    return () -> new Likeness(by);
  }

  void prepare(FeatureInput in) {
    catalog = in.catalog();
    if (!by.equals(ITEM) && !by.equals(CATEGORY)) {
      codes = catalog.codes(by);
    }
  }

  /** The class an item belongs to; 0 for none. */
  int code(int item) {
    return by.equals(ITEM) ? item : by.equals(CATEGORY) ? catalog.category(item) : codes[item];
  }

  /** The code of a category's name, of an attribute's value in words, or of an item's id. */
  int codeOf(String value) {
    return by.equals(ITEM)
        ? catalog.index(value)
        : by.equals(CATEGORY) ? catalog.categoryCode(value) : catalog.code(by, value);
  }
}
