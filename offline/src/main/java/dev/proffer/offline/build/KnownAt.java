package dev.proffer.offline.build;

/** From when on an event counts as known. */
public enum KnownAt {
  /** From its arrival: what a gateway saw. An event that came late was not known before it came. */
  RECEIVED,
  /**
   * From the instant it happened: for history that was imported long after, of which nobody knows
   * when a gateway would have had it. All items are known from the beginning.
   */
  TIME
}
