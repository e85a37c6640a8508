package dev.proffer.gateway.http;

import dev.proffer.events.Erasure;
import dev.proffer.events.Pseudonyms;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import dev.proffer.features.state.Retention;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.SequenceReader;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.pipeline.Degradation;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads users' sequences for one loop: what this gateway folded from its own log, and with Redis
 * what all gateways did. What is at hand is given at once, before {@link #read} returns; only what
 * is not is waited for. A read that fails is a degraded answer, not a failed one.
 */
final class Sequences implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sequences.class);

  private final SequenceStore store;
  private final LogPump pump;
  private final Time time;
  private final @Nullable SequenceReader shared;
  private final Pseudonyms pseudonyms;
  private final Retention retention;
  private long failures;

  Sequences(Services services, Vertx vertx) {
    this.store = services.sequences();
    this.pump = services.pump();
    this.time = services.time();
    this.shared = services.shared() == null ? null : services.shared().reader(vertx);
    this.pseudonyms = Pseudonyms.of(services.events());
    this.retention = Retention.of(services.contracts().sequence());
  }

  /** Takes a sequence, on the loop. */
  @FunctionalInterface
  interface Taker {
    /**
     * Takes it.
     *
     * @param sequence null when it cannot be read
     * @param behind what is wrong with it; null when nothing is
     */
    void take(@Nullable UserSequence sequence, @Nullable Degradation behind) throws Exception;
  }

  /** Whether a sequence may have to be waited for. */
  boolean isShared() {
    return shared != null;
  }

  /** This gateway's sequence of the user, or null when it cannot be read. */
  @Nullable UserSequence own(String userId) {
    try {
      return store.read(userId);
    } catch (RuntimeException e) {
      if (failures++ % 10_000 == 0) {
        LOG.error("a sequence could not be read, {} so far on this loop", failures, e);
      }
      return null;
    }
  }

  /** What is wrong with this gateway's sequences; null when they have all it acknowledged. */
  @Nullable Degradation behind() {
    return pump.behind() > 0 ? Degradation.FEATURES_STALE : null;
  }

  /** Gives the sequence that all gateways know, with what this one knows beyond it. */
  void read(String userId, Exchange exchange, Taker taker) throws Exception {
    SequenceReader reader = shared;
    if (reader == null) {
      taker.take(own(userId), behind());
      return;
    }
    // Redis knows users by the names they leave the gateway under.
    String name =
        pseudonyms.apply(new Erasure("", userId, 0)) instanceof Erasure named
            ? named.userId()
            : userId;
    UserSequence known = reader.fresh(name);
    if (known != null) {
      taker.take(merged(own(userId), known), behind());
      return;
    }
    reader.read(
        name,
        (read, outcome) -> {
          try {
            UserSequence own = own(userId);
            taker.take(
                read == null ? own : merged(own, read),
                switch (outcome) {
                  case FRESH -> behind();
                  case STALE -> Degradation.FEATURES_STALE;
                  case LATE -> Degradation.FEATURES_LATE;
                });
          } catch (
              Throwable e) { // also an Error costs this request an answer, not the caller a hang
            exchange.fail(e);
          }
        });
  }

  private UserSequence merged(@Nullable UserSequence own, UserSequence known) {
    return own == null ? known : known.merged(own, retention);
  }

  /**
   * The instant to answer for when the caller names none: now, or just after the user's latest
   * event when a client's clock runs ahead of ours, so that an acknowledged event always counts.
   */
  long nowFor(@Nullable UserSequence sequence) {
    long now = time.millis();
    return sequence == null
        ? now
        : Math.max(now, Math.max(behind(sequence), behind(sequence.beside())));
  }

  private static long behind(UserSequence sequence) {
    return sequence.size() == 0 ? Long.MIN_VALUE : sequence.timeMillis(sequence.size() - 1) + 1;
  }

  @Override
  public void close() {
    if (shared != null) {
      shared.close();
    }
  }
}
