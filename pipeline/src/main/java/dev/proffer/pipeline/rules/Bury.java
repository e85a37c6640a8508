package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;

/** Puts the items that match behind all others, in their own order. */
record Bury(String name, boolean givenItems, ItemMatch match) implements SlateRule {
  static Bury read(String name, Section section) {
    boolean given = section.flag("given-items", true);
    ItemMatch match = ItemMatch.read(section);
    if (match.isEmpty()) {
      section.refuse("where", "is required: which items are buried");
    }
    return new Bury(name, given, match);
  }

  @Override
  public boolean withoutScores() {
    return true;
  }

  @Override
  public void apply(Slate slate) {
    boolean[] matches = slate.catalog().column(match);
    for (int row = 0; row < slate.count(); row++) {
      if (slate.isLeft(row) && matches[slate.item(row)]) {
        slate.bury(row);
      }
    }
  }
}
