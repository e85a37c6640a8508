package dev.proffer.features.store;

import dev.proffer.features.state.UserSequence;

/**
 * The latest events of every user. One thread writes; any thread reads. A read is local: it waits
 * for no disk and no socket, and sees a sequence whole.
 */
public interface SequenceStore extends AutoCloseable {
  /** The user's sequence; {@link UserSequence#EMPTY} for a user never seen. */
  UserSequence read(String userId);

  /** Replaces the user's sequence. */
  void write(String userId, UserSequence sequence);

  /** How many users have a sequence. */
  long users();

  @Override
  void close();
}
