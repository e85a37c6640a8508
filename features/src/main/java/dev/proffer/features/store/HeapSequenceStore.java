package dev.proffer.features.store;

import dev.proffer.features.state.UserSequence;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Sequences in a map on the heap: what offline folds a history into. */
public final class HeapSequenceStore implements SequenceStore {
  private final Map<String, UserSequence> sequences = new ConcurrentHashMap<>();

  @Override
  public UserSequence read(String userId) {
    return sequences.getOrDefault(userId, UserSequence.EMPTY);
  }

  @Override
  public void write(String userId, UserSequence sequence) {
    sequences.put(userId, sequence);
  }

  @Override
  public void remove(String userId) {
    sequences.remove(userId);
  }

  @Override
  public void clear() {
    sequences.clear();
  }

  @Override
  public void forEach(BiConsumer<String, UserSequence> reader) {
    sequences.forEach(reader);
  }

  @Override
  public long users() {
    return sequences.size();
  }

  @Override
  public void close() {}
}
