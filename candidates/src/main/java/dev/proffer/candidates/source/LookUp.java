package dev.proffer.candidates.source;

/**
 * One question to an index of the whole catalog. Immutable; any thread may ask it, and an event
 * loop should not: over 100,000 items it takes milliseconds.
 */
@FunctionalInterface
public interface LookUp {
  /** Catalog indexes, the most promising first; those that the catalog does not know are none. */
  int[] ask();
}
