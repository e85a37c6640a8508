package dev.proffer.features.store;

import dev.proffer.features.state.UserSequence;
import java.util.function.BiConsumer;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * Sequences off the heap in a Chronicle Map, so that a million users cost the garbage collector
 * nothing. The map is not written to disk: the log is the truth, and a start folds it again
 * (docs/decisions/0004).
 *
 * <p>A read copies one record and decodes it: about a microsecond and one small array.
 */
public final class ChronicleSequenceStore implements SequenceStore {
  private static final int AVERAGE_USER_ID = 24;
  private static final int AVERAGE_RECORD = 5 + 28 * 12;

  private final ChronicleMap<String, byte[]> map;

  /**
   * An empty store.
   *
   * @param users how many users of some 28 events it is laid out for; it takes many times as much,
   *     read more slowly the further it is beyond
   */
  public ChronicleSequenceStore(long users) {
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
            .create();
  }

  @Override
  public UserSequence read(String userId) {
    byte[] record = map.get(userId);
    return record == null ? UserSequence.EMPTY : UserSequence.decode(record);
  }

  @Override
  public void write(String userId, UserSequence sequence) {
    map.put(userId, sequence.encode());
  }

  @Override
  public void remove(String userId) {
    map.remove(userId);
  }

  @Override
  public void clear() {
    map.clear();
  }

  @Override
  public void forEach(BiConsumer<String, UserSequence> reader) {
    map.forEach((userId, record) -> reader.accept(userId, UserSequence.decode(record)));
  }

  @Override
  public long users() {
    return map.longSize();
  }

  @Override
  public void close() {
    map.close();
  }
}
