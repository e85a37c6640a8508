package dev.proffer.pipeline.rules;

import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The latest showings of the users who were shown something last, in memory: lost at a restart but
 * for what is folded again. One thread writes, the log's; any thread reads.
 *
 * <p>Bounded by users and by showings a user, 16 bytes a showing. Users are kept in two
 * generations: when the younger one is half of them, the older one is dropped, so at least half as
 * many users as allowed are remembered, those shown something last.
 */
public final class RememberedShowings implements Showings {
  private static final long[] NOTHING = {};

  private final int generation;
  private final int most;
  private volatile Map<Long, long[]> young = new ConcurrentHashMap<>();
  private volatile Map<Long, long[]> old = new ConcurrentHashMap<>();

  /**
   * Remembers nothing yet.
   *
   * @param users how many users at most
   * @param perUser how many showings of each
   */
  public RememberedShowings(int users, int perUser) {
    this.generation = Math.max(1, users / 2);
    this.most = 2 * perUser;
  }

  /** Adds what an answer showed. */
  public void add(Impression impression) {
    List<Impression.Shown> shown = impression.shown();
    if (shown.isEmpty()) {
      return;
    }
    long user = Hash64.of(impression.userId());
    long[] before = of(user);
    int added = Math.min(most, 2 * shown.size());
    int kept = Math.min(before.length, most - added);
    long[] after = new long[kept + added];
    System.arraycopy(before, before.length - kept, after, 0, kept);
    int at = kept;
    for (Impression.Shown one : shown.subList(shown.size() - added / 2, shown.size())) {
      after[at++] = Hash64.of(one.itemId());
      after[at++] = impression.timeMillis();
    }
    if (!young.containsKey(user) && young.size() >= generation) {
      old = young;
      young = new ConcurrentHashMap<>();
    }
    young.put(user, after);
    old.remove(user);
  }

  /** Forgets a user. */
  public void forget(String userId) {
    long user = Hash64.of(userId);
    young.remove(user);
    old.remove(user);
  }

  /** How many users are remembered. */
  public int users() {
    return young.size() + old.size();
  }

  @Override
  public long[] of(long userHash) {
    long[] shown = young.get(userHash);
    if (shown == null) {
      shown = old.get(userHash);
    }
    if (shown == null) {
      shown = young.get(userHash); // it moved between the two looks
    }
    return shown == null ? NOTHING : shown;
  }
}
