package dev.proffer.candidates;

import java.util.Arrays;

/**
 * The candidates of one request: items, each once, with the sources that found it. Reused by one
 * thread; allocates nothing once it has grown to the catalog.
 */
public final class CandidateSet {
  private int[] items = new int[256];
  private int[] sources = new int[256];
  private int count;
  private int[] slots = new int[256];
  private int[] stamps = new int[256];
  private int stamp;
  private int[] places = new int[0];
  private int keptSources; // of how many sources places are kept; 0 for none

  /**
   * From the next {@link #clear} on, keeps at which place each of so many sources has an item; 0
   * for none, which costs nothing.
   */
  public void keepPlaces(int count) {
    keptSources = count;
  }

  /** Empties the set for a catalog of {@code catalogSize} indexes. */
  public void clear(int catalogSize) {
    count = 0;
    if (keptSources > 0) {
      Arrays.fill(places, 0);
    }
    if (stamps.length < catalogSize) {
      stamps = new int[catalogSize * 5 / 4];
      slots = new int[stamps.length];
      stamp = 0;
    }
    if (++stamp == 0) {
      Arrays.fill(stamps, 0);
      stamp = 1;
    }
  }

  /** Adds an item, or notes that a further source found it; says whether it is new. */
  public boolean add(int item, int source) {
    if (stamps[item] == stamp) {
      sources[slots[item]] |= 1 << source;
      return false;
    }
    stamps[item] = stamp;
    slots[item] = count;
    append(item, 1 << source);
    return true;
  }

  /** Adds an item even if it is there already; for lists that are ranked exactly as given. */
  public void append(int item, int sourceMask) {
    if (count == items.length) {
      items = Arrays.copyOf(items, count * 2);
      sources = Arrays.copyOf(sources, count * 2);
    }
    items[count] = item;
    sources[count++] = sourceMask;
  }

  /** Notes at which place, from 1, a source has an item that is there by {@link #add}. */
  void place(int item, int source, int place) {
    if (keptSources > 0 && contains(item)) {
      int at = slots[item] * keptSources + source;
      if (places.length <= at) {
        places = Arrays.copyOf(places, 2 * at + keptSources);
      }
      places[at] = places[at] == 0 ? place : places[at];
    }
  }

  /** At which place a source has the candidate, from 1; 0 when it has not, or none are kept. */
  public int place(int at, int source) {
    int place = at * keptSources + source;
    return keptSources == 0 || place >= places.length ? 0 : places[place];
  }

  /** Whether the item is there, by {@link #add}. */
  public boolean contains(int item) {
    return stamps[item] == stamp;
  }

  /** How many candidates there are. */
  public int count() {
    return count;
  }

  /** The items' catalog indexes; the first {@link #count} are set. Do not write to it. */
  public int[] items() {
    return items;
  }

  /** Which sources found the candidate: bit {@code i} for the i-th source of {@link Candidates}. */
  public int sources(int at) {
    return sources[at];
  }
}
