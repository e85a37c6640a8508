package dev.proffer.events.log;

import dev.proffer.events.LogEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** What was appended in this round and is not folded yet, with where it stands. Of one thread. */
final class Held {
  private final List<LogEntry> entries = new ArrayList<>();
  private long[] indexes = new long[256];
  private boolean unbroken = true;

  /** Those that were folded when they were written the first time. */
  private final BitSet again = new BitSet();

  void add(long index, LogEntry entry, boolean isAgain) {
    int at = entries.size();
    if (isAgain) {
      again.set(at);
    }
    if (at == indexes.length) {
      indexes = Arrays.copyOf(indexes, 2 * at);
    }
    indexes[at] = index;
    unbroken &= at == 0 || index == indexes[at - 1] + 1;
    entries.add(entry);
  }

  LogEntry entry(int at) {
    return entries.get(at);
  }

  boolean isAgain(int at) {
    return again.get(at);
  }

  /** Whether no other process appended in between. */
  boolean isUnbroken() {
    return unbroken;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }

  long index(int at) {
    return indexes[at];
  }

  List<String> ids() {
    List<String> ids = new ArrayList<>();
    for (LogEntry entry : entries) {
      String id = LogPump.onceId(entry);
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }

  long last() {
    return indexes[entries.size() - 1];
  }

  /** Forgets them all, and leaves those to be folded from the log that are not folded yet. */
  void leaveTo(Unfolded unfolded) {
    for (int at = 0; at < entries.size(); at++) {
      if (!again.get(at)) {
        unfolded.add(indexes[at]);
      }
    }
    clear();
  }

  void clear() {
    entries.clear();
    again.clear();
    unbroken = true;
  }
}
