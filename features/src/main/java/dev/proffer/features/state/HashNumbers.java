package dev.proffer.features.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongConsumer;

/**
 * Numbers for 64-bit keys: an open-addressed table without boxes. One thread adds; any thread asks,
 * and finds every key that was added before it was told of it. A key is never removed.
 *
 * <p>Costs a probe or two. Method: linear probing at most half full, slots by the finishing mixer
 * of MurmurHash3 (Appleby).
 */
public final class HashNumbers {
  /** The answer for a key that has no number. */
  public static final int NONE = -1;

  private static final VarHandle NUMBER = MethodHandles.arrayElementVarHandle(int[].class);

  // Numbers are kept one higher, so that 0 says that a slot is empty. The number is published
  // behind its key.
  private record Table(long[] keys, int[] numbers) {}

  private volatile Table table = new Table(new long[32], new int[32]);
  private int size;

  /** The key's number, or {@link #NONE}. */
  public int get(long key) {
    Table now = table;
    int mask = now.keys.length - 1;
    for (int slot = slot(key, mask); ; slot = slot + 1 & mask) {
      int number = (int) NUMBER.getAcquire(now.numbers, slot);
      if (number == 0) {
        return NONE;
      }
      if (now.keys[slot] == key) {
        return number - 1;
      }
    }
  }

  /** Reads what {@link #get} and {@link #put} will read, and says something that depends on it. */
  int touch(long key) {
    Table now = table;
    int slot = slot(key, now.keys.length - 1);
    return now.numbers[slot] + (int) now.keys[slot];
  }

  /** Gives a key a number that is at least 0; the one it has stays. */
  public void put(long key, int number) {
    if (get(key) != NONE) {
      return;
    }
    Table now = table;
    if (2 * (size + 1) > now.keys.length) {
      Table larger = new Table(new long[2 * now.keys.length], new int[2 * now.keys.length]);
      for (int slot = 0; slot < now.keys.length; slot++) {
        if (now.numbers[slot] != 0) {
          insert(larger, now.keys[slot], now.numbers[slot]);
        }
      }
      table = larger;
      now = larger;
    }
    insert(now, key, number + 1);
    size++;
  }

  private static void insert(Table into, long key, int raised) {
    int mask = into.keys.length - 1;
    int slot = slot(key, mask);
    while (into.numbers[slot] != 0) {
      slot = slot + 1 & mask;
    }
    into.keys[slot] = key;
    NUMBER.setRelease(into.numbers, slot, raised);
  }

  /** How many keys have a number. */
  public int size() {
    return size;
  }

  /** Every key, in no order. For the thread that adds. */
  void forEachKey(LongConsumer taker) {
    Table now = table;
    for (int slot = 0; slot < now.keys.length; slot++) {
      if (now.numbers[slot] != 0) {
        taker.accept(now.keys[slot]);
      }
    }
  }

  private static int slot(long key, int mask) {
    long hash = (key ^ key >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return (int) (hash ^ hash >>> 33) & mask;
  }
}
