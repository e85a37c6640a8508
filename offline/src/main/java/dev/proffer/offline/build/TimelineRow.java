package dev.proffer.offline.build;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@link TimelineQuery}, in the order of its columns. Which of them mean something depends
 * on the kind.
 *
 * @param knownAt when it became known; of a label, as of when its rows are
 * @param kind one of {@link #LABEL}, {@link #ITEM}, {@link #EVENT}, {@link #IMPRESSION}
 * @param ord what it is ordered by among those that became known together
 * @param id of the event, item or impression; of a label, of the event that is chosen
 * @param slot of an impression's propositions and of a label's; -1 for the whole
 * @param type an event's; of a label where it comes from
 * @param fields an event's fields or an item's attributes, a JSON object
 * @param chosen what a label says
 */
public record TimelineRow(
    long knownAt,
    int kind,
    long ord,
    String id,
    int slot,
    @Nullable String userId,
    @Nullable String itemId,
    @Nullable String requestId,
    long time,
    long received,
    @Nullable String type,
    @Nullable String fields,
    @Nullable String title,
    @Nullable String category,
    @Nullable String context,
    @Nullable String contextType,
    @Nullable String device,
    @Nullable String chosen) {

  /** What is to be learned, as of its instant. */
  public static final int LABEL = 0;

  /** An item, as it was known from then on. */
  public static final int ITEM = 1;

  /** An event. */
  public static final int EVENT = 2;

  /** An answer of {@code /suggest}, or a slot of it. */
  public static final int IMPRESSION = 3;

  /** A row of a table, however the engine holds it; columns are counted from 0. */
  public interface Columns {
    /** A whole number. */
    long number(int column);

    /** A text, null where there is none. */
    @Nullable String text(int column);
  }

  /** Reads a row. What its kind does not have is not asked for. */
  public static TimelineRow of(Columns in) {
    int kind = (int) in.number(1);
    int slot = (int) in.number(4);
    boolean label = kind == LABEL;
    boolean shown = kind == IMPRESSION;
    boolean whole = label || (shown && slot < 0);
    String id = in.text(3);
    return new TimelineRow(
        in.number(0),
        kind,
        in.number(2),
        id == null ? "" : id,
        slot,
        kind == ITEM ? null : in.text(5),
        in.text(6),
        label || kind == EVENT ? in.text(7) : null,
        in.number(8),
        in.number(9),
        label || kind == EVENT ? in.text(10) : null,
        kind == ITEM || kind == EVENT ? in.text(11) : null,
        kind == ITEM ? in.text(12) : null,
        kind == ITEM ? in.text(13) : null,
        whole ? in.text(14) : null,
        whole ? in.text(15) : null,
        whole ? in.text(16) : null,
        label ? in.text(17) : null);
  }
}
