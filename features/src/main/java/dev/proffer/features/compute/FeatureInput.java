package dev.proffer.features.compute;

import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.util.Arrays;

/**
 * What the features of one request are computed from, with the sequence's items looked up once.
 * Reused from request to request by one thread; allocates only when a sequence is longer than any
 * before.
 */
public final class FeatureInput {
  private Catalog catalog = Catalog.EMPTY;
  private Statistics statistics = new Statistics();
  private int length;
  private int sessionStart;
  private int[] items = new int[64];
  private long[] times = new long[64];
  private long asOfMillis;
  private int contextItem;
  private int contextCategory;

  /**
   * Sets the input for one request.
   *
   * @param sequence the user's events; those at or after {@code asOfMillis} are left out
   * @param contextItem index of the item the person looks at, {@link Catalog#UNKNOWN} when there is
   *     none: then the last item of the sequence stands for it
   * @param contextCategory number of the category the person looks at, 0 when there is none: then
   *     the context item's
   */
  public void set(
      Catalog catalog,
      Statistics statistics,
      UserSequence sequence,
      SequenceSpec spec,
      int contextItem,
      int contextCategory,
      long asOfMillis) {
    this.catalog = catalog;
    this.statistics = statistics;
    this.asOfMillis = asOfMillis;
    if (items.length < sequence.size()) {
      items = new int[sequence.size() * 2];
      times = new long[items.length];
    }
    length = 0;
    sessionStart = 0;
    for (int at = 0; at < sequence.size(); at++) {
      long time = sequence.timeMillis(at);
      if (time >= asOfMillis) {
        break;
      }
      if (length > 0 && time - times[length - 1] > spec.sessionGapMillis()) {
        sessionStart = length;
      }
      items[length] = catalog.index(sequence.itemHash(at));
      times[length++] = time;
    }
    this.contextItem = contextItem != Catalog.UNKNOWN ? contextItem : last(1);
    this.contextCategory =
        contextCategory != 0 ? contextCategory : catalog.category(this.contextItem);
  }

  public Catalog catalog() {
    return catalog;
  }

  public Statistics statistics() {
    return statistics;
  }

  /** The instant the features are computed for, epoch milliseconds. */
  public long asOfMillis() {
    return asOfMillis;
  }

  /** How many events the sequence has before the instant. */
  public int length() {
    return length;
  }

  /** Where the latest session begins in the sequence. */
  public int sessionStart() {
    return sessionStart;
  }

  /** How many events the latest session has. */
  public int sessionLength() {
    return length - sessionStart;
  }

  /**
   * The item at a position of the sequence, oldest first; {@link Catalog#UNKNOWN} when the catalog
   * lacks it.
   */
  public int item(int at) {
    return items[at];
  }

  /** When the event at a position happened, epoch milliseconds. */
  public long timeMillis(int at) {
    return times[at];
  }

  /**
   * The item {@code back} events before the end of the latest session; 1 is the last. {@link
   * Catalog#UNKNOWN} beyond.
   */
  public int last(int back) {
    return back <= length - sessionStart ? items[length - back] : Catalog.UNKNOWN;
  }

  /** The item the person looks at. */
  public int contextItem() {
    return contextItem;
  }

  /** The category the person looks at; 0 for none. */
  public int contextCategory() {
    return contextCategory;
  }

  /** A scratch array by item index, all zero, at least as long as the catalog. */
  static float[] zeroed(float[] scratch, int size) {
    if (scratch.length < size) {
      return new float[size + (size >> 2)];
    }
    Arrays.fill(scratch, 0, size, 0);
    return scratch;
  }
}
