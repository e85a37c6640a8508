package dev.proffer.features.store;

import dev.proffer.features.state.UserSequence;
import java.util.function.BiConsumer;

/**
 * The latest events of every user. One thread writes; any thread reads. A read is local: it waits
 * for no disk and no socket, and sees a sequence whole.
 */
public interface SequenceStore extends AutoCloseable {
  /** The user's sequence; {@link UserSequence#EMPTY} for a user never seen. */
  UserSequence read(String userId);

  /** Replaces the user's sequence. */
  void write(String userId, UserSequence sequence);

  /** Forgets the user's sequence. */
  void remove(String userId);

  /** Forgets all sequences. */
  void clear();

  /** Shows every user's sequence, in no order. Nothing may be written meanwhile. */
  void forEach(BiConsumer<String, UserSequence> reader);

  /** How many users have a sequence. */
  long users();

  @Override
  void close();
}
