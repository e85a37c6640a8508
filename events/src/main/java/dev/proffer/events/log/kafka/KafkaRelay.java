package dev.proffer.events.log.kafka;

import static java.util.Objects.requireNonNull;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.Positions;
import dev.proffer.events.time.Time;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(KafkaRelay.class);

  static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_PAUSE_NANOS =
      TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS);
  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long NOTE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** An acknowledgement that is missing for so long says that Kafka is not there. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** How long one send may wait for metadata or memory; the other topics wait too. */
  private static final int BLOCK_MILLIS = 500;

  private static final int ADMIN_MILLIS = 5_000;
  private static final int BATCH = 512;
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private final KafkaSpec spec;
  private final EventLog log;
  private final Positions positions;
  private final DeadLetters deadLetters;
  private final UnaryOperator<LogEntry> outgoing;
  private final Time time;
  private final Thread thread;

  private volatile long closeByNanos;
  private volatile boolean closing;
  private volatile boolean sleeping;

  private long position; // of the thread, as all below but the figures
  private boolean begun;
  private long noted = -1;
  private long notedNanos;
  private boolean topicsMade;
  private String sessionTrouble = "";

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
    this.positions = positions;
    this.deadLetters = deadLetters;
    this.outgoing = outgoing;
    this.time = time;
    this.progressNanos = time.nanos();
    for (Failure failure : Failure.values()) {
      failures.put(failure, new LongAdder());
    }
    positions
        .read(Positions.RELAY)
        .ifPresent(
            index -> {
              position = index;
              noted = index;
              begun = true;
            });
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
    closeByNanos = time.nanos() + TimeUnit.MILLISECONDS.toNanos(millis);
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(millis + ADMIN_MILLIS + CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(3_000);
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

  /** One entry under way. */
  private static final class Slot {
    final long index;
    final long arrivedMillis;
    ProducerRecord<byte[], byte[]> record;
    int bytes;
    boolean letter;
    volatile boolean acknowledged;
    @Nullable Exception failure; // handed over by the queue of failed slots

    Slot(long index, long arrivedMillis, ProducerRecord<byte[], byte[]> record) {
      this.index = index;
      this.arrivedMillis = arrivedMillis;
      this.record = record;
      this.bytes = size(record);
    }
  }

  /** What waits for one topic. */
  private static final class Route {
    final PriorityQueue<Slot> waiting =
        new PriorityQueue<>(Comparator.comparingLong(slot -> slot.index));
    long pausedUntilNanos;
    long pauseNanos = SHORTEST_PAUSE_NANOS;
    boolean paused;
    String trouble = "";
    long troubled = -1;
  }

  private void run() {
    long pause = SHORTEST_PAUSE_NANOS;
    while (!closing) {
      long before = relayed.get();
      try (Session session = new Session()) {
        session.run();
      } catch (RuntimeException e) {
        Failure failure = failureOf(e);
        count(failure, 1);
        sessionTrouble = failure.word() + ": " + message(e);
        say(sessionTrouble);
        pause = relayed.get() > before ? SHORTEST_PAUSE_NANOS : pause;
        long until = time.nanos() + pause;
        for (long left = pause; left > 0 && !closing; left = until - time.nanos()) {
          LockSupport.parkNanos(left);
        }
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      }
    }
    notePosition(true);
  }

  /** The life of one producer. */
  private final class Session implements AutoCloseable {
    private final EventLog.Tail tail;
    private final Producer<byte[], byte[]> producer;
    private final KafkaRecords records = new KafkaRecords(spec);
    private final ArrayDeque<Slot> window = new ArrayDeque<>();
    private final Queue<Slot> failed = new ConcurrentLinkedQueue<>();
    private final Map<String, Route> routes = new HashMap<>();
    private long windowBytes;
    private boolean troubled;
    private long probedNanos = time.nanos() - NOTE_NANOS;

    Session() {
      for (String topic : spec.dataTopics()) {
        routes.put(topic, new Route());
      }
      routes.put(spec.topics().deadLetters(), new Route());
      tail = log.tail();
      try {
        if (begun) {
          tail.seek(position);
        }
        tail.onUnreadable(this::unreadable);
        if (!topicsMade) {
          makeTopics();
          topicsMade = true;
        }
        producer = producer();
      } catch (RuntimeException e) {
        tail.close();
        throw e;
      }
    }

    void run() {
      while (true) {
        boolean moved = collect();
        moved |= answerFailures();
        boolean stop = closing && (window.isEmpty() || time.nanos() - closeByNanos > 0);
        if (stop) {
          return;
        }
        moved |= sendWaiting();
        if (!closing) {
          moved |= fill();
        }
        publish();
        notePosition(false);
        if (!moved) {
          probe();
          sleeping = true;
          Slot head = window.peek();
          if (failed.isEmpty() && (head == null || !head.acknowledged)) {
            LockSupport.parkNanos(IDLE_NANOS);
          }
          sleeping = false;
        }
      }
    }

    /** Moves the position over what is acknowledged without a gap. */
    private boolean collect() {
      boolean any = false;
      for (Slot head = window.peek(); head != null && head.acknowledged; head = window.peek()) {
        window.remove();
        windowBytes -= head.bytes;
        position = head.index;
        begun = true;
        relayed.incrementAndGet();
        any = true;
        if (troubled) {
          Route route = route(head);
          if (head.index >= route.troubled) {
            route.trouble = "";
            route.troubled = -1;
            route.pauseNanos = SHORTEST_PAUSE_NANOS;
          }
        }
      }
      if (any) {
        reached();
      }
      return any;
    }

    private void reached() {
      acknowledgedOnce = true;
      progressNanos = time.nanos();
      sessionTrouble = "";
      if (troubled || !trouble.isEmpty()) {
        sayRoutes();
      }
    }

    /** With nothing to send, only asking tells whether Kafka is there. */
    private void probe() {
      if (!window.isEmpty()
          || (acknowledgedOnce && trouble.isEmpty())
          || time.nanos() - probedNanos < NOTE_NANOS) {
        return;
      }
      probedNanos = time.nanos();
      try {
        producer.partitionsFor(spec.topics().events());
        reached();
      } catch (RetriableException e) {
        count(failureOf(e), 1);
        sessionTrouble = failureOf(e).word() + ": " + message(e);
        say(sessionTrouble);
      }
    }

    private boolean answerFailures() {
      boolean any = false;
      for (Slot slot = failed.poll(); slot != null; slot = failed.poll()) {
        any = true;
        Exception e = requireNonNull(slot.failure);
        slot.failure = null;
        Failure failure = failureOf(e);
        count(failure, 1);
        switch (failure) {
          case TOO_LARGE, REFUSED -> {
            if (slot.letter) {
              shorten(slot);
            } else {
              bury(slot, message(e));
            }
          }
          case UNAUTHENTICATED, PRODUCER_BROKEN ->
              throw e instanceof KafkaException fatal ? fatal : new KafkaException(e);
          default -> {
            if (slot.letter && failure != Failure.UNREACHABLE) {
              slot.acknowledged = true; // the file has it, and the topic for it is not to be had
            } else {
              retries.incrementAndGet();
              route(slot).troubled = Math.max(route(slot).troubled, slot.index);
              pause(route(slot), failure, e);
              route(slot).waiting.add(slot);
            }
          }
        }
      }
      return any;
    }

    private void pause(Route route, Failure failure, Exception e) {
      if (!route.paused) {
        route.paused = true;
        route.pausedUntilNanos = time.nanos() + route.pauseNanos;
        route.pauseNanos = Math.min(2 * route.pauseNanos, LONGEST_PAUSE_NANOS);
        route.trouble = failure.word() + ": " + message(e);
        sayRoutes();
        if (failure == Failure.TOPIC_MISSING) {
          makeTopics();
        }
      }
    }

    private boolean sendWaiting() {
      boolean any = false;
      for (Route route : routes.values()) {
        if (route.paused && time.nanos() - route.pausedUntilNanos >= 0) {
          route.paused = false;
        }
        while (!route.paused && !route.waiting.isEmpty()) {
          any = true;
          send(route.waiting.remove());
          if (!failed.isEmpty()) {
            answerFailures(); // may pause the route again
          }
        }
      }
      return any;
    }

    private boolean fill() {
      int taken = 0;
      while (taken < BATCH
          && window.size() < spec.producing().windowRecords()
          && windowBytes < spec.producing().bufferBytes() / 2) {
        LogEntry entry = tail.next();
        if (entry == null) {
          break;
        }
        taken++;
        take(entry, tail.index());
      }
      return taken > 0;
    }

    private void take(LogEntry entry, long index) {
      if (window.isEmpty()) {
        progressNanos = time.nanos(); // nothing was to be acknowledged until now
      }
      long arrived = arrivedMillis(entry);
      Slot slot;
      try {
        slot = new Slot(index, arrived, records.of(outgoing.apply(entry), index));
      } catch (RuntimeException e) {
        // JSON cannot hold it, or it could not be made ready to leave.
        count(Failure.REFUSED, 1);
        byte[] nothing = {};
        ProducerRecord<byte[], byte[]> letter =
            letter(entry, LogCodec.encode(entry), nothing, "?", index, message(e), arrived);
        slot = new Slot(index, arrived, letter);
        slot.letter = true;
      }
      window.add(slot);
      windowBytes += slot.bytes;
      if (!slot.letter && slot.bytes > spec.producing().maxRecordBytes()) {
        count(Failure.TOO_LARGE, 1);
        bury(slot, slot.bytes + " bytes, allowed are " + spec.producing().maxRecordBytes());
        return;
      }
      Route route = route(slot);
      if (route.paused || !route.waiting.isEmpty()) {
        route.waiting.add(slot);
      } else {
        send(slot);
      }
    }

    private void send(Slot slot) {
      var unused =
          producer.send(
              slot.record,
              (metadata, failure) -> {
                if (failure == null) {
                  slot.acknowledged = true;
                } else {
                  slot.failure = failure;
                  failed.add(slot);
                }
                if (sleeping) {
                  LockSupport.unpark(thread);
                }
              });
      if (slot.acknowledged) {
        return;
      }
      if (!failed.isEmpty()) {
        answerFailures();
      }
    }

    /**
     * What its topic will never take is kept in the file, then offered to the dead letters' topic.
     */
    private void bury(Slot slot, String reason) {
      ProducerRecord<byte[], byte[]> record = slot.record;
      slot.letter = true;
      slot.record =
          letter(
              null,
              record.value(),
              record.value(),
              record.topic(),
              slot.index,
              reason,
              slot.arrivedMillis);
      resize(slot);
      route(slot).waiting.add(slot);
    }

    private ProducerRecord<byte[], byte[]> letter(
        @Nullable LogEntry entry,
        byte[] content,
        byte[] value,
        String topic,
        long index,
        String reason,
        long arrivedMillis) {
      keep(index, topic, reason, entry, content);
      dead.incrementAndGet();
      LOG.warn("entry {} is a dead letter: {}", Long.toHexString(index), reason);
      return records.deadLetter(value, topic, index, reason, arrivedMillis);
    }

    private void shorten(Slot slot) {
      if (slot.record.value().length == 0) {
        slot.acknowledged = true; // the file has it
        return;
      }
      slot.record = KafkaRecords.headersOnly(slot.record);
      resize(slot);
      route(slot).waiting.add(slot);
    }

    private void resize(Slot slot) {
      windowBytes -= slot.bytes;
      slot.bytes = size(slot.record);
      windowBytes += slot.bytes;
    }

    private void unreadable(long index, byte[] content, String reason) {
      count(Failure.UNREADABLE, 1);
      keep(index, "", reason, null, content);
      dead.incrementAndGet();
    }

    private void keep(
        long index,
        String topic,
        String reason,
        @Nullable LogEntry entry,
        byte @Nullable [] content) {
      String where = "log " + Long.toHexString(index) + (topic.isEmpty() ? "" : ", " + topic);
      if (entry == null && !topic.isEmpty() && content != null) {
        entry = dev.proffer.events.codec.JsonLogCodec.decode(content);
        content = null;
      }
      deadLetters.keep("relay", where, reason, entry, entry == null ? content : null);
    }

    private Route route(Slot slot) {
      return requireNonNull(routes.get(slot.record.topic()));
    }

    private void publish() {
      Slot head = window.peek();
      oldestMillis = head == null ? -1 : head.arrivedMillis;
      underWay = window.size();
    }

    private void sayRoutes() {
      List<String> said = new ArrayList<>();
      if (!sessionTrouble.isEmpty()) {
        said.add(sessionTrouble);
      }
      routes.forEach(
          (topic, route) -> {
            if (!route.trouble.isEmpty()) {
              said.add(topic + " " + route.trouble);
            }
          });
      troubled = !said.isEmpty();
      say(String.join("; ", said));
    }

    @Override
    public void close() {
      underWay = 0;
      notePosition(true);
      tail.close();
      producer.close(CLOSING);
    }
  }

  private Producer<byte[], byte[]> producer() {
    Map<String, Object> properties = spec.clientProperties("proffer-relay");
    KafkaSpec.Producing how = spec.producing();
    properties.put("acks", "all");
    properties.put("enable.idempotence", "true");
    properties.put("linger.ms", how.lingerMillis());
    properties.put("batch.size", how.batchBytes());
    properties.put("compression.type", how.compression());
    properties.put("max.in.flight.requests.per.connection", how.inFlight());
    properties.put("delivery.timeout.ms", how.deliveryTimeoutMillis());
    properties.put("request.timeout.ms", how.requestTimeoutMillis());
    properties.put("max.block.ms", BLOCK_MILLIS);
    properties.put("buffer.memory", how.bufferBytes());
    // A batch counts against this as well as a record; the record's own bound is checked here.
    properties.put(
        "max.request.size", Math.max(how.maxRecordBytes(), how.batchBytes()) + 64 * 1024);
    properties.putIfAbsent("reconnect.backoff.max.ms", "1000");
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Makes the topics that are missing, where that is wanted and allowed. */
  private void makeTopics() {
    if (!spec.createTopics()) {
      return;
    }
    Map<String, Object> properties = spec.clientProperties("proffer-relay-topics");
    properties.put("request.timeout.ms", ADMIN_MILLIS / 2);
    properties.put("default.api.timeout.ms", ADMIN_MILLIS);
    List<String> wanted = new ArrayList<>(spec.dataTopics());
    wanted.add(spec.topics().deadLetters());
    try (Admin admin = Admin.create(properties)) {
      Set<String> there = admin.listTopics().names().get();
      List<NewTopic> missing =
          wanted.stream()
              .filter(topic -> !there.contains(topic))
              .map(topic -> new NewTopic(topic, spec.partitions(), spec.replicationFactor()))
              .toList();
      if (!missing.isEmpty()) {
        admin.createTopics(missing).all().get();
        awaitLeaders(admin, missing);
        LOG.info("made the topics {}", missing.stream().map(NewTopic::name).toList());
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RetriableException || cause instanceof AuthenticationException) {
        throw (KafkaException) cause;
      }
      // They may be there all the same, or another relay made them in this moment.
      LOG.warn("the topics were not made: {}", message(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(e);
    }
  }

  /**
   * Waits until each partition's leader answers. A record that is sent while the leader takes
   * office may lie unacknowledged until its delivery times out.
   */
  static void awaitLeaders(Admin admin, List<NewTopic> made)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (NewTopic topic : made) {
      for (int number = 0; number < topic.numPartitions(); number++) {
        ends.put(new TopicPartition(topic.name(), number), OffsetSpec.latest());
      }
    }
    admin.listOffsets(ends).all().get();
  }

  private void notePosition(boolean now) {
    if (!now && time.nanos() - notedNanos < NOTE_NANOS) {
      return;
    }
    notedNanos = time.nanos();
    try {
      behind = log.entriesAfter(begun ? position : -1);
      if (begun && position != noted) {
        positions.write(Positions.RELAY, position);
        noted = position;
      }
    } catch (RuntimeException e) {
      count(Failure.DISK, 1);
      LOG.error("the relay's position could not be noted; it is tried again", e);
    }
  }

  private static long arrivedMillis(LogEntry entry) {
    if (entry instanceof Event event) {
      return event.receivedMillis();
    }
    if (entry instanceof Impression shown) {
      return shown.timeMillis();
    }
    if (entry instanceof Erasure erasure) {
      return erasure.timeMillis();
    }
    return entry instanceof Aside aside ? aside.receivedMillis() : -1;
  }

  private static int size(ProducerRecord<byte[], byte[]> record) {
    return record.key().length + record.value().length;
  }

  private void count(Failure failure, long times) {
    adder(failure).add(times);
  }

  private LongAdder adder(Failure failure) {
    return requireNonNull(failures.get(failure));
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

  private static String message(Exception e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String first = String.valueOf(e.getMessage());
    return root == e ? first : first + " (" + root.getMessage() + ")";
  }

  static Failure failureOf(Exception e) {
    if (e instanceof RecordTooLargeException || e instanceof RecordBatchTooLargeException) {
      return Failure.TOO_LARGE;
    }
    if (e instanceof InvalidRecordException
        || e instanceof InvalidTimestampException
        || e instanceof SerializationException) {
      return Failure.REFUSED;
    }
    if (e instanceof UnknownTopicOrPartitionException
        || e instanceof InvalidTopicException
        || e.getCause() instanceof UnknownTopicOrPartitionException) {
      return Failure.TOPIC_MISSING;
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof AuthenticationException) {
        return Failure.UNAUTHENTICATED;
      }
      if (cause instanceof ClusterAuthorizationException) {
        return Failure.PRODUCER_BROKEN;
      }
      if (cause instanceof AuthorizationException) {
        return Failure.UNAUTHORIZED;
      }
      if (cause instanceof UncheckedIOException) {
        return Failure.DISK;
      }
      if (cause instanceof ConfigException) {
        return Failure
            .UNREACHABLE; // the settings are checked: what is left is a host without address
      }
    }
    return e instanceof RetriableException ? Failure.UNREACHABLE : Failure.PRODUCER_BROKEN;
  }
}
