package dev.proffer.features.compute;

import dev.proffer.features.state.BucketCounts;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Numbers by key that hold as long as declared statistics and their latest buckets are the same:
 * from one request to the next, until something more is counted. Grows with the largest key;
 * belongs to one thread.
 */
final class Remembered {
  private double[] values = new double[0];
  private final @Nullable BucketCounts[] seen = new BucketCounts[3];
  private final long[] changes = new long[3];
  private final long[] buckets = new long[3];

  /** Forgets everything, if anything of these windows is new. */
  void at(Window... windows) {
    boolean same = true;
    for (int at = 0; at < windows.length; at++) {
      same = same && windows[at].sameAs(seen[at], changes[at], buckets[at]);
      BucketCounts counts = windows[at].counts();
      seen[at] = counts;
      changes[at] = counts == null ? 0 : counts.changes();
      buckets[at] = windows[at].last();
    }
    if (!same) {
      Arrays.fill(values, Double.NaN);
    }
  }

  /** A key's number; NaN when it is not known. */
  double of(int key) {
    return key >= 0 && key < values.length ? values[key] : Double.NaN;
  }

  void put(int key, double value) {
    if (key < 0) {
      return;
    }
    if (key >= values.length) {
      int known = values.length;
      values = Arrays.copyOf(values, Math.max(key + 1, 2 * known));
      Arrays.fill(values, known, values.length, Double.NaN);
    }
    values[key] = value;
  }
}
