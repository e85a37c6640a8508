package dev.proffer.perf.ledger;

import java.util.Locale;

/**
 * The ids of a run's events. An id is a pure function of seed, client and number, so that millions
 * of them are kept as bits. Immutable.
 */
public final class EventIds {
  /** What {@link #place} gives for a text that is no id of this run. */
  public static final long FOREIGN = -1;

  private final String prefix;

  /** The ids of a run. */
  public EventIds(long seed) {
    this.prefix = String.format(Locale.ROOT, "chaos-%x-", seed);
  }

  /** The id of a client's event. */
  public String text(int client, int number) {
    return prefix + client + "-" + number;
  }

  /** Client and number of an id, as {@link #place(int, int)} joins them, or {@link #FOREIGN}. */
  long place(String id) {
    int dash = id.lastIndexOf('-');
    if (!id.startsWith(prefix) || dash < prefix.length()) {
      return FOREIGN;
    }
    try {
      int client = Integer.parseInt(id, prefix.length(), dash, 10);
      int number = Integer.parseInt(id, dash + 1, id.length(), 10);
      return client >= 0 && number >= 0 && id.equals(text(client, number))
          ? place(client, number)
          : FOREIGN;
    } catch (NumberFormatException e) {
      return FOREIGN;
    }
  }

  static long place(int client, int number) {
    return ((long) client << 32) | number;
  }
}
