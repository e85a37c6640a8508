package dev.proffer.candidates.source;

/**
 * Where items are found by what a person types. Any thread may ask; an event loop should not, it
 * takes long where there are many items.
 */
public interface Search {
  /** Finds nothing. */
  Search NONE = (text, into) -> 0;

  /**
   * The items that match, best first.
   *
   * @param into catalog indexes; as long as items are wanted
   * @return how many there are
   */
  int find(String text, int[] into);
}
