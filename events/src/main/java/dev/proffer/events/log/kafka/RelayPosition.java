package dev.proffer.events.log.kafka;

import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.Positions;
import dev.proffer.events.log.kafka.RelayFigures.Failure;
import dev.proffer.events.time.Time;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the log is relayed, noted in the home every second. Belongs to the relay's thread. A disk
 * that does not take it is counted, and tried again.
 */
final class RelayPosition {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaRelay.class);
  private static final long NOTE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EventLog log;
  private final Positions positions;
  private final RelayGauges gauges;
  private final Time time;
  private long index;
  private boolean begun;
  private long noted = -1;
  private long notedNanos;

  /**
   * The position of an earlier run, or the log's beginning.
   *
   * @throws IllegalStateException when that of an earlier run cannot be read
   */
  RelayPosition(EventLog log, Positions positions, RelayGauges gauges, Time time) {
    this.log = log;
    this.positions = positions;
    this.gauges = gauges;
    this.time = time;
    OptionalLong earlier = positions.read(Positions.RELAY);
    if (earlier.isPresent()) {
      index = earlier.getAsLong();
      noted = index;
      begun = true;
    }
  }

  /** Sets a tail to what is to be relayed next. */
  void seek(EventLog.Tail tail) {
    if (begun) {
      tail.seek(index);
    }
  }

  /** Everything up to there is acknowledged. */
  void reached(long acknowledged) {
    index = acknowledged;
    begun = true;
  }

  /** Notes it where a second has passed, or now. */
  void note(boolean now) {
    if (!now && time.nanos() - notedNanos < NOTE_NANOS) {
      return;
    }
    notedNanos = time.nanos();
    try {
      gauges.behind(log.entriesAfter(begun ? index : -1));
      if (begun && index != noted) {
        positions.write(Positions.RELAY, index);
        noted = index;
      }
    } catch (RuntimeException e) {
      gauges.count(Failure.DISK);
      LOG.error("the relay's position could not be noted; it is tried again", e);
    }
  }
}
