package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;

/**
 * Lifts or lowers the score of the items that match. A factor above 1 always lifts: a score below 0
 * is divided by it, since log odds are mostly negative.
 *
 * @param factor what scores are multiplied by
 * @param summand what is then added
 */
record Boost(String name, boolean givenItems, ItemMatch match, double factor, double summand)
    implements SlateRule {
  private static final double MOST = 1_000;

  static Boost read(String name, Section section) {
    boolean given = section.flag("given-items", true);
    ItemMatch match = ItemMatch.read(section);
    if (match.isEmpty()) {
      section.refuse("where", "is required: which items are boosted");
    }
    if (!section.has("multiply") && !section.has("add")) {
      section.refuse("multiply", "is required, or add");
    }
    return new Boost(
        name,
        given,
        match,
        section.number("multiply", 1, 1 / MOST, MOST),
        section.number("add", 0, -MOST, MOST));
  }

  @Override
  public boolean withoutScores() {
    return false;
  }

  @Override
  public void apply(Slate slate) {
    boolean[] matches = slate.catalog().column(match);
    for (int row = 0; row < slate.count(); row++) {
      if (slate.isLeft(row) && matches[slate.item(row)]) {
        float score = slate.score(row);
        double lifted = (score < 0 ? score / factor : score * factor) + summand;
        slate.score(
            row,
            (float) lifted,
            factor == 1 ? "added" : "multiplied",
            factor == 1 ? summand : factor);
      }
    }
  }
}
