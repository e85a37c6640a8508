package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;
import java.util.List;

/**
 * Puts an item at a slot: the first of the named items that can be had, brought in when no source
 * found it; or the best of the candidates that match.
 *
 * @param slot from 1
 * @param items ids, in order of preference; empty for {@code match}
 */
record Pin(String name, boolean givenItems, int slot, List<String> items, ItemMatch match)
    implements Rule {
  private static final int MOST_SLOTS = 100;

  Pin {
    items = List.copyOf(items);
  }

  static Pin read(String name, Section section) {
    boolean given = section.flag("given-items", true);
    List<String> items = section.texts("items");
    ItemMatch match = ItemMatch.read(section);
    if (items.isEmpty() == match.isEmpty()) {
      section.refuse("items", "either items or where says what is pinned");
    }
    if (!section.has("slot")) {
      section.refuse("slot", "is required");
    }
    return new Pin(name, given, section.integer("slot", 1, 1, MOST_SLOTS), items, match);
  }

  @Override
  public boolean withoutScores() {
    return true;
  }
}
