package dev.proffer.events.log.kafka;

import dev.proffer.events.LogEntry;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.Positions;
import dev.proffer.events.time.Time;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * Carries the spool to Kafka: the only producer of a gateway, on a thread of its own. Every entry
 * is acknowledged by the broker (idempotent, {@code acks=all}) before the position moves past it,
 * so each arrives at least once, and a restart sends at most the last second again, under the same
 * ids.
 *
 * <p>It never gives up and never stops the intake: while Kafka is away it waits, longer each time
 * up to {@value #LONGEST_PAUSE_MILLIS} ms, and the spool grows. A topic that fails waits by itself.
 * An entry that can never be delivered is kept as a dead letter, in the file and, where it can be,
 * in the topic; then the relay goes on. What is under way is bounded in records and bytes.
 *
 * <p>{@link #start} and {@link #close} belong to one owner; the figures are safe for any thread.
 */
public final class KafkaRelay implements RelayFigures, AutoCloseable {
  static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final KafkaSpec spec;
  private final EventLog log;
  private final DeadLetters deadLetters;
  private final UnaryOperator<LogEntry> outgoing;
  private final Time time;
  private final RelayGauges gauges;
  private final RelayPosition position;
  private final TopicMaker topics;
  private final Closing closing = new Closing();
  private final Thread thread;

  /**
   * A relay that is not running yet.
   *
   * @param outgoing what is done to an entry before it leaves, such as hiding personal fields
   * @throws IllegalStateException when the position of an earlier run cannot be read
   */
  public KafkaRelay(
      KafkaSpec spec,
      EventLog log,
      Positions positions,
      DeadLetters deadLetters,
      UnaryOperator<LogEntry> outgoing,
      Time time) {
    this.spec = spec;
    this.log = log;
    this.deadLetters = deadLetters;
    this.outgoing = outgoing;
    this.time = time;
    this.gauges = new RelayGauges(time);
    this.position = new RelayPosition(log, positions, gauges, time);
    this.topics = new TopicMaker(spec);
    this.thread = new Thread(this::run, "proffer-relay");
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /**
   * Waits at most {@code millis} for what was sent to be acknowledged, notes the position and ends
   * the thread. What was not sent is sent after the next start.
   */
  public void close(long millis) {
    closing.begin(time.nanos() + TimeUnit.MILLISECONDS.toNanos(millis));
    LockSupport.unpark(thread);
    try {
      thread.join(millis + TopicMaker.ADMIN_MILLIS + RelaySession.CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(3_000);
  }

  private void run() {
    long pause = Route.SHORTEST_PAUSE_NANOS;
    while (!closing.hasBegun()) {
      long before = gauges.relayed();
      try (RelaySession session = session()) {
        session.run();
      } catch (RuntimeException e) {
        gauges.sessionFailed(e);
        pause = gauges.relayed() > before ? Route.SHORTEST_PAUSE_NANOS : pause;
        long until = time.nanos() + pause;
        for (long left = pause; left > 0 && !closing.hasBegun(); left = until - time.nanos()) {
          LockSupport.parkNanos(left);
        }
        pause = Math.min(2 * pause, Route.LONGEST_PAUSE_NANOS);
      }
    }
    position.note(true);
  }

  private RelaySession session() {
    return new RelaySession(
        spec, log, deadLetters, outgoing, time, topics, position, gauges, closing);
  }

  @Override
  public long relayed() {
    return gauges.relayed();
  }

  @Override
  public long behind() {
    return gauges.behind();
  }

  @Override
  public double behindSeconds() {
    return gauges.behindSeconds();
  }

  @Override
  public long underWay() {
    return gauges.underWay();
  }

  @Override
  public long retries() {
    return gauges.retries();
  }

  @Override
  public long failures(Failure failure) {
    return gauges.failures(failure);
  }

  @Override
  public long deadLetters() {
    return gauges.deadLetters();
  }

  @Override
  public boolean connected() {
    return gauges.connected();
  }

  @Override
  public String words() {
    return gauges.words();
  }
}
