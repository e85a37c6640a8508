package dev.proffer.features.store;

import dev.proffer.features.state.UserSequence;

/**
 * The latest events of users, to read and to write: all that a fold of the log needs. One thread
 * writes; who may read is for the adapter to say.
 */
public interface SequenceAccess {
  /** The user's sequence; {@link UserSequence#EMPTY} for a user never seen. */
  UserSequence read(String userId);

  /** Replaces the user's sequence. */
  void write(String userId, UserSequence sequence);

  /** Forgets the user's sequence. */
  void remove(String userId);
}
