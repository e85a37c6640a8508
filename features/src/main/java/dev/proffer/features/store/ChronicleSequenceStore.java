package dev.proffer.features.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.proffer.features.state.UserSequence;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import net.openhft.chronicle.map.ChronicleMap;
import org.jspecify.annotations.Nullable;

/**
 * Sequences off the heap in a Chronicle Map, so that a million users cost the garbage collector
 * nothing, and the hottest of them decoded on it. The map is not written to disk: the log is the
 * truth, and a start folds it again (docs/decisions/0004).
 *
 * <p>A read of a hot user is a look into a table; of any other it copies and decodes one record,
 * about a microsecond. A write stays on the heap until the user is no longer hot: the cache puts
 * what it evicts into the map while it still holds the entry, so that a reader finds it in one or
 * the other.
 */
public final class ChronicleSequenceStore implements SequenceStore {
  private static final int AVERAGE_USER_ID = 24;
  private static final int AVERAGE_RECORD = 8 + 28 * 20;

  /** Events of the sequences that are kept decoded, at 32 to 48 bytes each: 60 to 100 MB. */
  private static final long HOT_EVENTS = 2_000_000;

  /** What a user costs beside the events, in events. */
  private static final int USER_EVENTS = 8;

  private final ChronicleMap<String, byte[]> map;
  private final Cache<String, UserSequence> hot;
  private final AtomicLong users = new AtomicLong();

  /**
   * An empty store.
   *
   * @param users how many users of some 28 events it is laid out for; it takes many times as much,
   *     read more slowly the further it is beyond
   */
  public ChronicleSequenceStore(long users) {
    this(users, HOT_EVENTS);
  }

  /** An empty store that keeps so many events of hot users decoded. */
  ChronicleSequenceStore(long users, long hotEvents) {
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
    map =
        ChronicleMap.of(String.class, byte[].class)
            .name("sequences")
            .averageKeySize(AVERAGE_USER_ID)
            .averageValueSize(AVERAGE_RECORD)
            .entries(users)
            // Only a bound, no memory: full sequences are 16 times the average, and a refusal would
            // stop the log.
            .maxBloatFactor(100)
            // Its own hook would close it under the one that still writes the last checkpoint.
            .skipCloseOnExitHook(true)
            .create();
    hot =
        Caffeine.newBuilder()
            .maximumWeight(hotEvents)
            .weigher((String user, UserSequence sequence) -> sequence.size() + USER_EVENTS)
            .executor(Runnable::run)
            .evictionListener(
                (@Nullable String user, @Nullable UserSequence sequence, RemovalCause cause) -> {
                  if (user != null && sequence != null) {
                    map.put(user, sequence.encode());
                  }
                })
            .build();
  }

  @Override
  public UserSequence read(String userId) {
    UserSequence sequence = hot.get(userId, this::load);
    return sequence == null ? UserSequence.EMPTY : sequence;
  }

  private @Nullable UserSequence load(String userId) {
    byte[] record = map.get(userId);
    return record == null ? null : UserSequence.decode(record);
  }

  @Override
  public void write(String userId, UserSequence sequence) {
    if (!hot.asMap().containsKey(userId) && !map.containsKey(userId)) {
      users.incrementAndGet();
    }
    hot.put(userId, sequence);
  }

  @Override
  public void remove(String userId) {
    boolean wasHot = hot.asMap().remove(userId) != null;
    boolean wasCold = map.remove(userId) != null;
    if (wasHot || wasCold) {
      users.decrementAndGet();
    }
  }

  @Override
  public void clear() {
    hot.invalidateAll();
    map.clear();
    users.set(0);
  }

  @Override
  public void forEach(BiConsumer<String, UserSequence> taker) {
    hot.asMap().forEach(taker);
    map.forEach(
        (user, record) -> {
          if (hot.getIfPresent(user) == null) {
            taker.accept(user, UserSequence.decode(record));
          }
        });
  }

  @Override
  public long users() {
    return users.get();
  }

  @Override
  public void close() {
    hot.invalidateAll();
    map.close();
  }
}
