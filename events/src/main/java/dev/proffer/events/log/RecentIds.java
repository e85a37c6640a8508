package dev.proffer.events.log;

import dev.proffer.events.Hash64;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Which ids were seen lately, in two generations of at most {@code capacity} 64-bit hashes each: an
 * id is remembered for at least {@code capacity} and at most twice as many later ids. Not
 * thread-safe. Costs one probe of an open-addressed table, no allocation; two different ids share a
 * hash once in some 10^13 pairs of a million.
 */
public final class RecentIds {
  private final int capacity;
  private long[] young;
  private long[] old;
  private int count;

  /** None yet. */
  public RecentIds(int capacity) {
    this.capacity = capacity;
    int size = Integer.highestOneBit(Math.max(16, capacity) * 2 - 1) * 2;
    this.young = new long[size];
    this.old = new long[size];
  }

  /** Whether an id is remembered, by its {@link #hash}. */
  boolean contains(long hash) {
    return young[slot(young, hash)] == hash || old[slot(old, hash)] == hash;
  }

  /** Remembers the id; false when it was there already. */
  public boolean add(String id) {
    return add(hash(id));
  }

  /** Remembers an id by its {@link #hash}; false when it was there already. */
  boolean add(long hash) {
    int slot = slot(young, hash);
    if (young[slot] == hash || old[slot(old, hash)] == hash) {
      return false;
    }
    if (count == capacity) {
      long[] cleared = old;
      old = young;
      young = cleared;
      Arrays.fill(young, 0);
      count = 0;
      slot = slot(young, hash);
    }
    young[slot] = hash;
    count++;
    return true;
  }

  /** The hashes of all ids remembered; an older generation's before a younger one's. */
  public long[] hashes() {
    return LongStream.concat(Arrays.stream(old), Arrays.stream(young))
        .filter(hash -> hash != 0)
        .toArray();
  }

  /** Remembers ids by what {@link #hashes} gave. */
  public void addAll(long[] hashes) {
    for (long hash : hashes) {
      add(hash);
    }
  }

  private static int slot(long[] table, long hash) {
    int mask = table.length - 1;
    int slot = (int) hash & mask;
    while (table[slot] != 0 && table[slot] != hash) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /** What an id is remembered by; never 0. */
  static long hash(String id) {
    long hash = Hash64.of(id);
    return hash == 0 ? 1 : hash;
  }
}
