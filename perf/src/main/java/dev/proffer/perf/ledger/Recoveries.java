package dev.proffer.perf.ledger;

import java.util.Arrays;

/**
 * How long after the kill of a gateway the next event is acknowledged by it. Thread-safe.
 *
 * <p>An answer counts when its request began after the killed process had ended: what was under way
 * in a socket is no recovery.
 */
public final class Recoveries {
  private static final long NONE = Long.MIN_VALUE;

  private final long[] killedNanos;
  private final long[] endedNanos;
  private long longest;
  private long sum;
  private int count;

  /** For so many gateways. */
  public Recoveries(int gateways) {
    killedNanos = new long[gateways];
    endedNanos = new long[gateways];
    Arrays.fill(killedNanos, NONE);
  }

  /**
   * A gateway was killed; its process had ended at the second instant. A second kill begins anew.
   */
  public synchronized void killed(int gateway, long atNanos, long endedAtNanos) {
    killedNanos[gateway] = atNanos;
    endedNanos[gateway] = endedAtNanos;
  }

  /** An event was acknowledged. */
  synchronized void acknowledged(int gateway, long sentNanos, long answeredNanos) {
    long killed = killedNanos[gateway];
    if (killed == NONE || sentNanos < endedNanos[gateway]) {
      return;
    }
    killedNanos[gateway] = NONE;
    long took = answeredNanos - killed;
    longest = Math.max(longest, took);
    sum += took;
    count++;
  }

  /** The longest, in nanoseconds; 0 without any. */
  public synchronized long longestNanos() {
    return longest;
  }

  /** The mean, in nanoseconds; 0 without any. */
  public synchronized long meanNanos() {
    return count == 0 ? 0 : sum / count;
  }

  /** How many there were. */
  public synchronized int count() {
    return count;
  }

  /** Whether a gateway that was killed has not acknowledged anything since. */
  public synchronized boolean pending() {
    for (long killed : killedNanos) {
      if (killed != NONE) {
        return true;
      }
    }
    return false;
  }
}
