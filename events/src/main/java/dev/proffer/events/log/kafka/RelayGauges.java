package dev.proffer.events.log.kafka;

import static java.util.Objects.requireNonNull;

import dev.proffer.events.time.Time;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a relay says of itself. The relay's thread alone writes, through the methods that are no
 * figures; any thread may read.
 */
final class RelayGauges implements RelayFigures {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaRelay.class);

  /** An acknowledgement that is missing for so long says that Kafka is not there. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final Time time;
  private final AtomicLong relayed = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private final AtomicLong dead = new AtomicLong();
  private final Map<Failure, LongAdder> failures = new EnumMap<>(Failure.class);
  private volatile long behind;
  private volatile long underWay;
  private volatile long oldestMillis = -1;
  private volatile boolean acknowledgedOnce;
  private volatile long progressNanos;
  private volatile String trouble = "";
  private String sessionTrouble = ""; // of the thread

  RelayGauges(Time time) {
    this.time = time;
    this.progressNanos = time.nanos();
    for (Failure failure : Failure.values()) {
      failures.put(failure, new LongAdder());
    }
  }

  void count(Failure failure) {
    adder(failure).increment();
  }

  void acknowledged() {
    relayed.incrementAndGet();
  }

  void retried() {
    retries.incrementAndGet();
  }

  void buried() {
    dead.incrementAndGet();
  }

  void behind(long entries) {
    behind = entries;
  }

  /** What is under way now; the head is the oldest of it. */
  void underWay(int slots, @Nullable Slot head) {
    oldestMillis = head == null ? -1 : head.arrivedMillis;
    underWay = slots;
  }

  /** No producer is there any more, and so nothing under way. */
  void sessionEnded() {
    underWay = 0;
  }

  /** From now on something is to be acknowledged. */
  void waitingBegins() {
    progressNanos = time.nanos();
  }

  /** Kafka answered. */
  void reached() {
    acknowledgedOnce = true;
    progressNanos = time.nanos();
    sessionTrouble = "";
  }

  /** Whether Kafka answered ever, and there is nothing to complain of since. */
  boolean isWell() {
    return acknowledgedOnce && trouble.isEmpty();
  }

  boolean isTroubled() {
    return !trouble.isEmpty();
  }

  /** Counts and says what keeps all topics from going on. */
  void sessionFailed(Exception e) {
    Failure failure = FailureKinds.failureOf(e);
    sessionTrouble = failure.word() + ": " + FailureKinds.message(e);
    say(sessionTrouble);
    count(failure); // last, so that who sees it counted is told what it is
  }

  /**
   * Says what keeps topics from going on, behind what keeps all.
   *
   * @return whether there is anything to say
   */
  boolean say(Collection<String> routes) {
    List<String> said = new ArrayList<>();
    if (!sessionTrouble.isEmpty()) {
      said.add(sessionTrouble);
    }
    said.addAll(routes);
    say(String.join("; ", said));
    return !said.isEmpty();
  }

  private void say(String words) {
    if (!words.equals(trouble)) {
      if (words.isEmpty()) {
        LOG.info("relaying again");
      } else {
        LOG.warn("the relay waits: {}", words);
      }
      trouble = words;
    }
  }

  private LongAdder adder(Failure failure) {
    return requireNonNull(failures.get(failure));
  }

  @Override
  public long relayed() {
    return relayed.get();
  }

  @Override
  public long behind() {
    return Math.max(behind, underWay);
  }

  @Override
  public double behindSeconds() {
    long oldest = oldestMillis;
    return oldest < 0 ? 0 : Math.max(0, time.millis() - oldest) / 1e3;
  }

  @Override
  public long underWay() {
    return underWay;
  }

  @Override
  public long retries() {
    return retries.get();
  }

  @Override
  public long failures(Failure failure) {
    return adder(failure).sum();
  }

  @Override
  public long deadLetters() {
    return dead.get();
  }

  @Override
  public boolean connected() {
    return acknowledgedOnce
        && (underWay == 0 || time.nanos() - progressNanos < PATIENCE_NANOS)
        && trouble.isEmpty();
  }

  @Override
  public String words() {
    String said = trouble;
    String words = relayed() + " entries relayed, " + behind() + " to go";
    if (dead.get() > 0) {
      words += ", " + dead.get() + " dead letters";
    }
    if (!said.isEmpty()) {
      return words + "; " + said;
    }
    if (!acknowledgedOnce) {
      return words + "; nothing was acknowledged yet";
    }
    return connected() ? words : words + "; no acknowledgement for more than 3 s";
  }
}
