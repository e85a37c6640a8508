package dev.proffer.features.store;

import dev.proffer.features.state.UserSequence;
import java.util.function.BiConsumer;

/**
 * The latest events of every user. One thread writes; any thread reads. A read is local: it waits
 * for no disk and no socket, and sees a sequence whole.
 */
public interface SequenceStore extends SequenceAccess, AutoCloseable {
  /** Forgets all sequences. */
  void clear();

  /** Shows every user's sequence, in no order. Nothing may be written meanwhile. */
  void forEach(BiConsumer<String, UserSequence> reader);

  /** How many users have a sequence. */
  long users();

  @Override
  void close();
}
