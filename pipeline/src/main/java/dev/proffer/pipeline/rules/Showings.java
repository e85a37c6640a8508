package dev.proffer.pipeline.rules;

/** What each user was shown lately. Safe to ask from any thread. */
@FunctionalInterface
public interface Showings {
  /** Nobody was shown anything. */
  Showings NONE = userHash -> new long[0];

  /**
   * What a user was shown, oldest first: the {@link dev.proffer.events.Hash64} of an item's id,
   * then the epoch millisecond, and so on. Not to be written to.
   *
   * @param userHash the {@link dev.proffer.events.Hash64} of the user's id
   */
  long[] of(long userHash);
}
