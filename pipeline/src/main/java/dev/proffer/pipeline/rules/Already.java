package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Leaves out what the person has chosen before: seen, bought, whatever the events say. Looks
 * through the user's sequence and what named sequences keep beside it, so it remembers as far as
 * they do.
 *
 * @param events the types that count
 * @param withinMillis how long an event counts
 */
record Already(String name, boolean givenItems, List<String> events, int[] types, long withinMillis)
    implements SlateRule {
  private static final int MOST_HOURS = 24 * 36_500;

  static Already read(String name, Section section) {
    boolean given = section.flag("given-items", false);
    List<String> events = section.texts("events");
    if (events.isEmpty()) {
      section.refuse("events", "at least one event type is required");
    }
    long hours = section.integer("within-hours", 720L, 1, MOST_HOURS);
    return new Already(name, given, events, TimeUnit.HOURS.toMillis(hours));
  }

  Already(String name, boolean givenItems, List<String> events, long withinMillis) {
    this(
        name,
        givenItems,
        List.copyOf(events),
        events.stream().mapToInt(UserSequence::typeCode).toArray(),
        withinMillis);
  }

  @Override
  public boolean withoutScores() {
    return true;
  }

  @Override
  public void apply(Slate slate) {
    UserSequence own = slate.sequence();
    UserSequence beside = own.beside();
    Marks chosen = slate.marks();
    chosen.clear(slate.catalog().size());
    mark(slate, own, chosen);
    mark(slate, beside, chosen);
    for (int row = 0; row < slate.count(); row++) {
      int item = slate.item(row);
      boolean was =
          item == Catalog.UNKNOWN
              ? holds(slate, own, row) || holds(slate, beside, row)
              : chosen.count(item) > 0;
      if (was) {
        slate.remove(row);
      }
    }
  }

  private void mark(Slate slate, UserSequence of, Marks chosen) {
    for (int at = 0; at < of.size(); at++) {
      if (counts(slate, of, at)) {
        chosen.add(slate.catalog().index(of.itemHash(at)));
      }
    }
  }

  /** For an item that the catalog does not know: by its id. */
  private boolean holds(Slate slate, UserSequence of, int row) {
    for (int at = 0; at < of.size(); at++) {
      if (counts(slate, of, at) && of.itemHash(at) == slate.idHash(row)) {
        return true;
      }
    }
    return false;
  }

  private boolean counts(Slate slate, UserSequence of, int at) {
    long now = slate.in().asOfMillis();
    long time = of.timeMillis(at);
    if (time >= now || time < now - withinMillis) {
      return false;
    }
    for (int type : types) {
      if (of.type(at) == type) {
        return true;
      }
    }
    return false;
  }
}
