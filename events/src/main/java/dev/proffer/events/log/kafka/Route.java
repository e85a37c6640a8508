package dev.proffer.events.log.kafka;

import dev.proffer.events.log.kafka.RelayFigures.Failure;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * One topic: what waits for it, and how long it is left alone after a failure, longer each time
 * until what failed is acknowledged. Belongs to the relay's thread.
 */
final class Route {
  static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  static final long LONGEST_PAUSE_NANOS =
      TimeUnit.MILLISECONDS.toNanos(KafkaRelay.LONGEST_PAUSE_MILLIS);

  private final PriorityQueue<Slot> waiting =
      new PriorityQueue<>(Comparator.comparingLong(slot -> slot.index));
  private long pausedUntilNanos;
  private long pauseNanos = SHORTEST_PAUSE_NANOS;
  private boolean paused;
  private String trouble = "";
  private long troubledIndex = -1;

  /** What is wrong; empty when nothing is. */
  String trouble() {
    return trouble;
  }

  /** Whether a new entry must stand in line. */
  boolean isClosed() {
    return paused || !waiting.isEmpty();
  }

  void await(Slot slot) {
    waiting.add(slot);
  }

  /** Whether something waits and may be sent now. */
  boolean isOpen(long nowNanos) {
    if (paused && nowNanos - pausedUntilNanos >= 0) {
      paused = false;
    }
    return !paused && !waiting.isEmpty();
  }

  /** Of what waits, what stands first in the log. */
  Slot next() {
    return waiting.remove();
  }

  /**
   * A slot failed and waits.
   *
   * @return whether the pause begins with it; false when the topic pauses already
   */
  boolean failed(Slot slot, Failure failure, Exception e, long nowNanos) {
    troubledIndex = Math.max(troubledIndex, slot.index);
    waiting.add(slot);
    if (paused) {
      return false;
    }
    paused = true;
    pausedUntilNanos = nowNanos + pauseNanos;
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
    trouble = failure.word() + ": " + FailureKinds.message(e);
    return true;
  }

  /** A slot was acknowledged: once that is true of all that failed, nothing is wrong any more. */
  void acknowledged(Slot slot) {
    if (slot.index >= troubledIndex) {
      trouble = "";
      troubledIndex = -1;
      pauseNanos = SHORTEST_PAUSE_NANOS;
    }
  }
}
