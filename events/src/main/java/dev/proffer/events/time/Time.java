package dev.proffer.events.time;

/** The clocks. Safe to share between threads. A test hands in one that stands still. */
public interface Time {
  /** Wall clock, epoch milliseconds. */
  long millis();

  /** A monotonic clock in nanoseconds, for spans only. */
  long nanos();

  /** The system's clocks. */
  static Time system() {
    return SystemTime.INSTANCE;
  }

  /** A clock that stands still. */
  static Time standing(long millis) {
    return new Time() {
      @Override
      public long millis() {
        return millis;
      }

      @Override
      public long nanos() {
        return millis * 1_000_000;
      }
    };
  }
}
