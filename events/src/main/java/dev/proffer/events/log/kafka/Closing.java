package dev.proffer.events.log.kafka;

/** Whether the relay is to end, and when at the latest. Told by the owner, asked by the thread. */
final class Closing {
  private volatile long byNanos;
  private volatile boolean begun;

  void begin(long latestNanos) {
    byNanos = latestNanos;
    begun = true;
  }

  boolean hasBegun() {
    return begun;
  }

  /** Whether it has begun and its time is over. */
  boolean isOver(long nowNanos) {
    return begun && nowNanos - byNanos > 0;
  }
}
