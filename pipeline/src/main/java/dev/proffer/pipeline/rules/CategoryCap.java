package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;

/**
 * At most so many items of a category, or of any other attribute's value, on the page or in its
 * first slots. Pinned items count and are placed all the same; an item without the attribute is not
 * counted.
 *
 * @param attribute {@code category} or an attribute of items
 * @param slots the first slots it holds for
 * @param fill whether what is above it may fill the slots that nothing else is left for
 */
record CategoryCap(
    String name, boolean givenItems, String attribute, int most, int slots, boolean fill)
    implements Rule {
  static final String CATEGORY = "category";
  private static final int MOST_SLOTS = 100;

  static CategoryCap read(String name, Section section) {
    boolean given = section.flag("given-items", false);
    if (!section.has("most")) {
      section.refuse("most", "is required");
    }
    return new CategoryCap(
        name,
        given,
        section.text("attribute", CATEGORY),
        section.integer("most", 1, 1, MOST_SLOTS),
        section.integer("slots", MOST_SLOTS, 1, MOST_SLOTS),
        section.flag("fill", false));
  }

  /** The value's number by catalog index; 0 for none. */
  static int code(Catalog catalog, String attribute, int item) {
    return attribute.equals(CATEGORY) ? catalog.category(item) : catalog.codes(attribute)[item];
  }

  @Override
  public boolean withoutScores() {
    return true;
  }
}
