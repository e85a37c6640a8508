package dev.proffer.features.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.proffer.features.state.UserSequence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.MapSegmentContext;
import org.jspecify.annotations.Nullable;

/**
 * Sequences off the heap in a Chronicle Map, so that a million users cost the garbage collector
 * nothing, and those written last decoded on it. The map is not written to disk: the log is the
 * truth, and a start reads a checkpoint and folds what came after (docs/decisions/0010, 0019).
 *
 * <p>A read of a hot user is a look into a table; of any other it copies and decodes one record,
 * about a microsecond, and leaves it where it is. A write stays on the heap until the user is no
 * longer hot, so that a session is one write to the map and not many: the cache puts what it evicts
 * into the map while it still holds the entry, so that a reader finds it in one or the other.
 *
 * <p>A store with bounds never refuses a write. When the map is full, the writing thread lets the
 * least recently seen users go: of some of the map's segments, each in its turn, the sixteenth part
 * whose latest event is oldest. A segment is a sample of users by the hash of their ids, so these
 * are the least recently seen of all but for the sample's chance. Who is let go begins again with
 * an empty sequence, or with what Redis holds.
 */
public final class ChronicleSequenceStore implements SequenceStore {
  private static final int AVERAGE_USER_ID = 24;
  private static final int SEEN_BYTES = Long.BYTES;
  private static final int ENTRY_BYTES = 16; // about what a record costs beside key and value
  private static final int LOOK_AT_LEAST = 512;
  private static final int GO_AT_ONCE = 16;
  private static final VarHandle SEEN =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Events of the sequences that are kept decoded, at 32 to 48 bytes each: 60 to 100 MB. */
  private static final long HOT_EVENTS = 2_000_000;

  /**
   * The same where pauses of the collector hold up requests: a megabyte, which is let go before it
   * would be copied (docs/decisions/0034).
   */
  private static final long HOT_EVENTS_BOUNDED = 20_000;

  /** What a user costs beside the events, in events. */
  private static final int USER_EVENTS = 8;

  private final ChronicleMap<String, byte[]> map;
  private final Cache<String, UserSequence> hot;
  private final StoreBounds bounds;
  private final boolean bounded;
  private final AtomicLong users = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong evicted = new AtomicLong();

  /** The map's entries: it counts them segment by segment, which is no question for every write. */
  private final AtomicLong offHeap = new AtomicLong();

  private int nextSegment;

  /**
   * An empty store without bounds.
   *
   * @param users how many users of some 28 events it is laid out for; it takes many times as much,
   *     read more slowly the further it is beyond
   */
  public ChronicleSequenceStore(long users) {
    this(users, HOT_EVENTS);
  }

  /** The same, which keeps so many events of hot users decoded. */
  ChronicleSequenceStore(long users, long hotEvents) {
    this(new StoreBounds(users, StoreBounds.RECORD_BYTES, 0), false, hotEvents);
  }

  /** An empty store that lets the least recently seen go rather than grow beyond its bounds. */
  public ChronicleSequenceStore(StoreBounds bounds) {
    this(bounds, true, HOT_EVENTS_BOUNDED);
  }

  /** The same, which keeps so many events of hot users decoded. */
  ChronicleSequenceStore(StoreBounds bounds, boolean bounded, long hotEvents) {
    this.bounds = bounds;
    this.bounded = bounded;
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
    map =
        ChronicleMap.of(String.class, byte[].class)
            .name("sequences")
            .averageKeySize(AVERAGE_USER_ID)
            .averageValueSize(SEEN_BYTES + bounds.recordBytes())
            .entries(bounds.users())
            // Only a bound, no memory: full sequences are 16 times the average, and a refusal would
            // stop the log.
            .maxBloatFactor(100)
            // Its own hook would close it under the one that still writes the last checkpoint.
            .skipCloseOnExitHook(true)
            .create();
    hot =
        Caffeine.newBuilder()
            .maximumWeight(hotEvents)
            .weigher(
                (String user, UserSequence sequence) ->
                    sequence.size() + sequence.beside().size() + USER_EVENTS)
            .executor(Runnable::run)
            .evictionListener(
                (@Nullable String user, @Nullable UserSequence sequence, RemovalCause cause) -> {
                  if (user != null && sequence != null) {
                    keep(user, sequence);
                  }
                })
            .build();
  }

  /** Puts a sequence off the heap, behind the instant of its latest event. */
  private void keep(String userId, UserSequence sequence) {
    byte[] encoded = sequence.encode();
    byte[] record = new byte[SEEN_BYTES + encoded.length];
    SEEN.set(
        record,
        0,
        sequence.size() == 0 ? Long.MIN_VALUE : sequence.timeMillis(sequence.size() - 1));
    System.arraycopy(encoded, 0, record, SEEN_BYTES, encoded.length);
    byte[] before = map.put(userId, record);
    bytes.addAndGet(before == null ? cost(userId, record) : (long) record.length - before.length);
    if (before == null) {
      offHeap.incrementAndGet();
    }
  }

  private static long cost(String userId, byte[] record) {
    return record.length + userId.length() + (long) ENTRY_BYTES;
  }

  private static UserSequence decode(byte[] record) {
    return UserSequence.decode(Arrays.copyOfRange(record, SEEN_BYTES, record.length));
  }

  @Override
  public UserSequence read(String userId) {
    UserSequence sequence = hot.getIfPresent(userId);
    if (sequence != null) {
      return sequence;
    }
    byte[] record = map.get(userId); // what is evicted is there before it is gone from the other
    return record == null ? UserSequence.EMPTY : decode(record);
  }

  @Override
  public void write(String userId, UserSequence sequence) {
    if (!hot.asMap().containsKey(userId) && !map.containsKey(userId)) {
      users.incrementAndGet();
    }
    hot.put(userId, sequence);
    if (bounded && fill() > 1) {
      makeRoom(userId);
    }
  }

  /** Lets the least recently seen of the next segments go, but for the one just written. */
  private void makeRoom(String written) {
    PriorityQueue<Seen> oldest =
        new PriorityQueue<>(Comparator.comparingLong(Seen::millis).reversed());
    long looked = 0;
    for (int left = map.segments(); left > 0 && looked < LOOK_AT_LEAST; left--) {
      try (MapSegmentContext<String, byte[], ?> context = map.segmentContext(nextSegment)) {
        looked += context.size();
        long most = Math.max(1, looked / GO_AT_ONCE);
        context.forEachSegmentEntry(
            entry -> {
              Data<byte[]> record = entry.value();
              long seen = record.bytes().readLong(record.offset());
              if (oldest.size() < most || seen < oldest.element().millis()) {
                String userId = entry.key().get();
                if (!userId.equals(written)) {
                  oldest.add(new Seen(seen, userId));
                }
              }
              if (oldest.size() > most) {
                oldest.remove();
              }
            });
      }
      nextSegment = (nextSegment + 1) % map.segments();
    }
    // The segments are free again: whoever is let go is taken out as any other is.
    for (Seen one : oldest) {
      hot.asMap()
          .compute(
              one.userId(),
              (user, sequence) -> {
                drop(user);
                if (sequence == null) {
                  users.decrementAndGet();
                  evicted.incrementAndGet();
                }
                return sequence; // who is hot comes back when they are not any more
              });
    }
  }

  private record Seen(long millis, String userId) {}

  private boolean drop(String userId) {
    byte[] before = map.remove(userId);
    if (before != null) {
      bytes.addAndGet(-cost(userId, before));
      offHeap.decrementAndGet();
    }
    return before != null;
  }

  /** How full the store is off the heap: 1 is full. It may be a little above for a moment. */
  public double fill() {
    double byUsers = (double) offHeap.get() / bounds.users();
    return bounds.mostBytes() == 0
        ? byUsers
        : Math.max(byUsers, (double) bytes.get() / bounds.mostBytes());
  }

  /** Users whose sequence is off the heap; that of a hot one may be on it as well. */
  public long usersOffHeap() {
    return offHeap.get();
  }

  /** What the records off the heap take, about, in bytes. */
  public long bytes() {
    return bytes.get();
  }

  /** What the map has allocated off the heap, in bytes. */
  public long allocatedBytes() {
    return map.offHeapMemoryUsed();
  }

  /** Users that were let go to make room. */
  public long evicted() {
    return evicted.get();
  }

  public StoreBounds bounds() {
    return bounds;
  }

  @Override
  public void remove(String userId) {
    boolean wasHot = hot.asMap().remove(userId) != null;
    boolean wasCold = drop(userId);
    if (wasHot || wasCold) {
      users.decrementAndGet();
    }
  }

  @Override
  public void clear() {
    hot.invalidateAll();
    map.clear();
    bytes.set(0);
    offHeap.set(0);
    users.set(0);
  }

  @Override
  public void forEach(BiConsumer<String, UserSequence> taker) {
    hot.asMap().forEach(taker);
    map.forEach(
        (user, record) -> {
          if (hot.getIfPresent(user) == null) {
            taker.accept(user, decode(record));
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
