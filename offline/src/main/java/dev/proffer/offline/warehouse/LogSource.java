package dev.proffer.offline.warehouse;

import dev.proffer.events.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * Where a compaction reads the log from: entries in order, and a position to go on from. Belongs to
 * one thread. A source may give an entry twice; it may not leave one out.
 */
public interface LogSource extends AutoCloseable {
  /** What the positions are kept under; the same for every run over the same log. */
  String name();

  /**
   * Goes to just behind what an earlier {@link #position} had given; called once, before {@link
   * #next}.
   *
   * @param position null for the beginning
   */
  void open(@Nullable String position);

  /** The next entry, or null at the end. */
  @Nullable LogEntry next();

  /** Where to go on from, once everything given so far is kept; null when nothing ever was. */
  @Nullable String position();

  /**
   * Whether a user's entries come in the order they arrived in. Where they do not, a tombstone
   * reaches what had arrived at its time, whether that was read before it or comes after.
   */
  boolean ordered();

  /** How many records held nothing this version knows, and were passed over. */
  long unreadable();

  @Override
  void close();
}
