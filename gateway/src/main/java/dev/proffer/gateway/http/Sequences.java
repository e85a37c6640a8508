package dev.proffer.gateway.http;

import dev.proffer.events.time.Time;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.SequenceStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads users' sequences for one loop; a read that fails is a degraded answer, not a failed one.
 */
final class Sequences {
  private static final Logger LOG = LoggerFactory.getLogger(Sequences.class);

  private final SequenceStore store;
  private final Time time;
  private long failures;

  Sequences(SequenceStore store, Time time) {
    this.store = store;
    this.time = time;
  }

  /** The user's sequence, or null when it cannot be read. */
  @Nullable UserSequence read(String userId) {
    try {
      return store.read(userId);
    } catch (RuntimeException e) {
      if (failures++ % 10_000 == 0) {
        LOG.error("a sequence could not be read, {} so far on this loop", failures, e);
      }
      return null;
    }
  }

  /**
   * The instant to answer for when the caller names none: now, or just after the user's latest
   * event when a client's clock runs ahead of ours, so that an acknowledged event always counts.
   */
  long nowFor(@Nullable UserSequence sequence) {
    long now = time.millis();
    return sequence == null || sequence.size() == 0
        ? now
        : Math.max(now, sequence.timeMillis(sequence.size() - 1) + 1);
  }
}
