package dev.proffer.features.state;

import java.util.Arrays;
import java.util.function.LongToIntFunction;

/**
 * What the log says of items and of pairs of items: how often each was chosen, opened a session,
 * was shown, and what came next after what. One thread writes; {@link #snapshot} gives an immutable
 * copy for any thread to read.
 *
 * <p>All counts are whole numbers, and {@link #observe} repairs what a late event puts asunder, so
 * the same events in any order of arrival give the same counts, as long as a late event falls
 * within the kept sequence and joins no two sessions ({@link #together} counts the two apart).
 */
public final class Statistics {
  /** How many steps back transitions are counted. */
  public static final int MAX_LAG = 3;

  private float[] events = new float[16];
  private float[] sessionStarts = new float[16];
  private float[] impressions = new float[16];
  private float[] impressionClicks = new float[16];
  private final PairCounts[] next = new PairCounts[MAX_LAG];
  private final PairCounts together;
  private double totalEvents;
  private double totalStarts;
  private double totalImpressions;
  private double totalImpressionClicks;

  public Statistics() {
    for (int lag = 0; lag < MAX_LAG; lag++) {
      next[lag] = new PairCounts();
    }
    together = new PairCounts();
  }

  private Statistics(Statistics of) {
    events = of.events.clone();
    sessionStarts = of.sessionStarts.clone();
    impressions = of.impressions.clone();
    impressionClicks = of.impressionClicks.clone();
    for (int lag = 0; lag < MAX_LAG; lag++) {
      next[lag] = of.next[lag].snapshot();
    }
    together = of.together.snapshot();
    totalEvents = of.totalEvents;
    totalStarts = of.totalStarts;
    totalImpressions = of.totalImpressions;
    totalImpressionClicks = of.totalImpressionClicks;
  }

  /** An immutable copy. Costs O(items); unchanged rows of pairs are shared. */
  public Statistics snapshot() {
    return new Statistics(this);
  }

  /**
   * Counts an event about an item.
   *
   * @param before the user's sequence without the event
   * @param eventHash the event's id, hashed; with the time it says where the event stands
   * @param item the item's index
   * @param indexOf an item's index by its hash
   * @param sessionGapMillis a longer pause between two events parts two sessions
   */
  public void observe(
      UserSequence before,
      long timeMillis,
      long eventHash,
      int item,
      LongToIntFunction indexOf,
      long sessionGapMillis) {
    events = add(events, item, 1);
    totalEvents++;
    int at = before.position(timeMillis, eventHash);
    int size = before.size();

    // The stretch of the sequence that the event can change, with the event in it: MAX_LAG on
    // either side.
    int from = Math.max(0, at - MAX_LAG);
    int to = Math.min(size, at + MAX_LAG);
    int length = to - from + 1;
    int own = at - from;
    int[] items = new int[length];
    long[] times = new long[length];
    for (int i = 0; i < length; i++) {
      int source = from + (i < own ? i : i - 1);
      items[i] = i == own ? item : indexOf.applyAsInt(before.itemHash(source));
      times[i] = i == own ? timeMillis : before.timeMillis(source);
    }
    boolean followed = own + 1 < length;

    boolean starts = at == 0 || timeMillis - times[own - 1] > sessionGapMillis;
    if (starts) {
      start(item, 1);
    }
    if (followed) {
      boolean was = at == 0 || times[own + 1] - times[own - 1] > sessionGapMillis;
      boolean is = times[own + 1] - timeMillis > sessionGapMillis;
      if (was != is) {
        start(items[own + 1], is ? 1 : -1);
      }
    }
    for (int i = 0; i <= own; i++) {
      for (int j = Math.max(own, i + 1); j < length; j++) {
        if (i < own
            && j > own
            && j - i - 1 <= MAX_LAG
            && together(times, i, j, own, sessionGapMillis)) {
          next[j - i - 2].add(items[i], items[j], -1);
        }
        if (j - i <= MAX_LAG && together(times, i, j, -1, sessionGapMillis)) {
          next[j - i - 1].add(items[i], items[j], 1);
        }
      }
    }
    countTogether(before, at, timeMillis, item, indexOf, sessionGapMillis);
  }

  /**
   * Whether no pause parts positions i and j of the stretch, the one at {@code without} left out.
   */
  private static boolean together(long[] times, int i, int j, int without, long gapMillis) {
    long last = times[i];
    for (int k = i + 1; k <= j; k++) {
      if (k != without) {
        if (times[k] - last > gapMillis) {
          return false;
        }
        last = times[k];
      }
    }
    return true;
  }

  private void countTogether(
      UserSequence before,
      int at,
      long timeMillis,
      int item,
      LongToIntFunction indexOf,
      long gapMillis) {
    int first = at;
    for (long last = timeMillis;
        first > 0 && last - before.timeMillis(first - 1) <= gapMillis;
        first--) {
      last = before.timeMillis(first - 1);
    }
    int end = at;
    for (long last = timeMillis;
        end < before.size() && before.timeMillis(end) - last <= gapMillis;
        end++) {
      last = before.timeMillis(end);
    }
    int[] others = new int[end - first];
    int different = 0;
    for (int i = first; i < end; i++) {
      int other = indexOf.applyAsInt(before.itemHash(i));
      if (other == item) {
        return; // this session counted the item already
      }
      boolean known = other == Catalog.UNKNOWN;
      for (int k = 0; k < different && !known; k++) {
        known = others[k] == other;
      }
      if (!known) {
        others[different++] = other;
      }
    }
    for (int k = 0; k < different; k++) {
      together.add(others[k], item, 1);
      together.add(item, others[k], 1);
    }
  }

  private void start(int item, int sign) {
    sessionStarts = add(sessionStarts, item, sign);
    totalStarts += sign;
  }

  /** Counts an item as shown. */
  public void observeImpression(int item) {
    impressions = add(impressions, item, 1);
    totalImpressions++;
  }

  /** Counts a click that answers an impression. */
  public void observeImpressionClick(int item) {
    impressionClicks = add(impressionClicks, item, 1);
    totalImpressionClicks++;
  }

  /** How often the item was chosen. */
  public float events(int item) {
    return at(events, item);
  }

  /** How often any item was chosen. */
  public double totalEvents() {
    return totalEvents;
  }

  /** How often the item opened a session. */
  public float sessionStarts(int item) {
    return at(sessionStarts, item);
  }

  /** How many sessions there were. */
  public double totalSessionStarts() {
    return totalStarts;
  }

  /** How often the item was shown by this gateway. */
  public float impressions(int item) {
    return at(impressions, item);
  }

  /** How often a click answered a showing of the item. */
  public float impressionClicks(int item) {
    return at(impressionClicks, item);
  }

  /** How often anything was shown. */
  public double totalImpressions() {
    return totalImpressions;
  }

  /** How often a click answered a showing. */
  public double totalImpressionClicks() {
    return totalImpressionClicks;
  }

  /**
   * What was chosen {@code lag} events after what, within a session; lag 1 to {@value #MAX_LAG}.
   */
  public PairCounts next(int lag) {
    return next[lag - 1];
  }

  /** Which items were chosen in the same session; both orders counted, each pair once a session. */
  public PairCounts together() {
    return together;
  }

  private static float at(float[] counts, int item) {
    return item < counts.length ? counts[item] : 0;
  }

  private static float[] add(float[] counts, int item, float weight) {
    float[] into =
        item < counts.length
            ? counts
            : Arrays.copyOf(counts, Math.max(item + 1, counts.length * 2));
    into[item] += weight;
    return into;
  }
}
