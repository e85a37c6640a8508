package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;
import java.util.concurrent.TimeUnit;

/**
 * Leaves out what the person was shown often enough, as far as {@link Showings} remembers.
 *
 * @param most showings of one item
 * @param withinMillis how long a showing counts
 */
record FrequencyCap(String name, boolean givenItems, int most, long withinMillis, Showings showings)
    implements SlateRule {
  private static final int MOST = 1_000;
  private static final int MOST_HOURS = 24 * 366;

  static FrequencyCap read(String name, Section section, int perUser) {
    boolean given = section.flag("given-items", false);
    int most = section.integer("most", 3, 1, MOST);
    if (most > perUser) {
      section.refuse(
          "most", most + " cannot be reached; of a user " + perUser + " showings are remembered");
    }
    long hours = section.integer("within-hours", 24L, 1, MOST_HOURS);
    return new FrequencyCap(name, given, most, TimeUnit.HOURS.toMillis(hours), Showings.NONE);
  }

  /** The same over what was shown. */
  FrequencyCap over(Showings remembered) {
    return new FrequencyCap(name, givenItems, most, withinMillis, remembered);
  }

  @Override
  public boolean withoutScores() {
    return true;
  }

  @Override
  public void apply(Slate slate) {
    long[] shown = showings.of(slate.userHash());
    if (shown.length < 2 * most) {
      return;
    }
    Marks times = slate.marks();
    times.clear(slate.catalog().size());
    for (int at = 0; at < shown.length; at += 2) {
      if (counts(slate, shown[at + 1])) {
        times.add(slate.catalog().index(shown[at]));
      }
    }
    for (int row = 0; row < slate.count(); row++) {
      int item = slate.item(row);
      if ((item == Catalog.UNKNOWN ? times(slate, shown, row) : times.count(item)) >= most) {
        slate.remove(row);
      }
    }
  }

  private boolean counts(Slate slate, long time) {
    long now = slate.in().asOfMillis();
    return time <= now && time > now - withinMillis;
  }

  /** For an item that the catalog does not know: by its id. */
  private int times(Slate slate, long[] shown, int row) {
    long id = slate.idHash(row);
    int count = 0;
    for (int at = 0; at < shown.length; at += 2) {
      count += shown[at] == id && counts(slate, shown[at + 1]) ? 1 : 0;
    }
    return count;
  }
}
