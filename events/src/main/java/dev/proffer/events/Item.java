package dev.proffer.events;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A proposition as the catalog knows it. Immutable. In the log, an item replaces an earlier one of
 * the same id; of two that say when they were changed, the later changed one stands, whatever the
 * order they come in.
 *
 * @param id unique, not blank
 * @param title what a person reads
 * @param category what kind it is; null when it has none
 * @param addedMillis since when it is in the catalog, epoch milliseconds
 * @param attributes further attributes; values are {@link String}, {@link Long}, {@link Double} or
 *     {@link Boolean}
 * @param validity whether, when and to whom it may be proposed
 * @param changedMillis when it was changed, epoch milliseconds; 0 for an item that was imported
 * @param deleted whether it is no longer in the catalog; what it was is kept, since events speak of
 *     it
 */
public record Item(
    String id,
    String title,
    @Nullable String category,
    long addedMillis,
    Map<String, Object> attributes,
    Validity validity,
    long changedMillis,
    boolean deleted)
    implements LogEntry {

  /**
   * Whether, when and to whom an item may be proposed.
   *
   * @param available whether there is any of it
   * @param fromMillis the first instant at which it may be proposed, epoch milliseconds; 0 for any
   * @param untilMillis the first instant at which it may no longer be, after {@code fromMillis};
   *     {@link Long#MAX_VALUE} for never
   * @param audience the segments it is for, any of which will do; empty for everyone
   */
  public record Validity(
      boolean available, long fromMillis, long untilMillis, List<String> audience) {
    /** At any time to everyone. */
    public static final Validity ALWAYS = new Validity(true, 0, Long.MAX_VALUE, List.of());

    public Validity {
      audience = List.copyOf(audience);
      if (untilMillis <= fromMillis) {
        throw new IllegalArgumentException(
            "untilMillis=" + untilMillis + ", expected more than fromMillis=" + fromMillis);
      }
    }

    /** Whether it may be proposed at an instant, to whom it is for. */
    public boolean at(long millis) {
      return available && fromMillis <= millis && millis < untilMillis;
    }
  }

  public Item {
    attributes = Map.copyOf(attributes);
  }

  /** An imported item that may be proposed at any time. */
  public Item(
      String id,
      String title,
      @Nullable String category,
      long addedMillis,
      Map<String, Object> attributes) {
    this(id, title, category, addedMillis, attributes, Validity.ALWAYS, 0, false);
  }

  /** Whether it may be proposed at an instant: it is in the catalog, available and valid. */
  public boolean proposable(long millis) {
    return !deleted && validity.at(millis);
  }

  /** The same with another validity. */
  public Item with(Validity other) {
    return new Item(id, title, category, addedMillis, attributes, other, changedMillis, deleted);
  }

  /** The same as it was deleted at an instant. */
  public Item deletedAt(long millis) {
    return new Item(id, title, category, addedMillis, attributes, validity, millis, true);
  }
}
