package dev.proffer.events.log.kafka;

import static java.util.Objects.requireNonNull;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.JsonLogCodec;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.kafka.RelayFigures.Failure;
import dev.proffer.events.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one producer, from the position on: fill the window, send, answer what failed, move
 * the position. It ends with an exception that only another producer can cure, or when the relay is
 * closed. Belongs to the relay's thread.
 */
final class RelaySession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaRelay.class);
  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long one send may wait for metadata or memory; the other topics wait too. */
  private static final int BLOCK_MILLIS = 500;

  private static final int BATCH = 512;

  /** How long a producer may take to end. */
  static final Duration CLOSING = Duration.ofSeconds(1);

  private final KafkaSpec spec;
  private final DeadLetters deadLetters;
  private final UnaryOperator<LogEntry> outgoing;
  private final Time time;
  private final TopicMaker topics;
  private final RelayPosition position;
  private final RelayGauges gauges;
  private final Closing closing;
  private final Thread thread = Thread.currentThread();
  private final EventLog.Tail tail;
  private final Producer<byte[], byte[]> producer;
  private final KafkaRecords records;
  private final Window window;
  private final Queue<Slot> failed = new ConcurrentLinkedQueue<>();
  private final Map<String, Route> routes = new HashMap<>();
  private boolean troubled;
  private long probedNanos;
  private volatile boolean sleeping;

  /**
   * Opens a producer, and makes the topics where no session has done so yet.
   *
   * @param outgoing what is done to an entry before it leaves
   * @throws RuntimeException when it cannot be opened; nothing stays open then
   */
  RelaySession(
      KafkaSpec spec,
      EventLog log,
      DeadLetters deadLetters,
      UnaryOperator<LogEntry> outgoing,
      Time time,
      TopicMaker topics,
      RelayPosition position,
      RelayGauges gauges,
      Closing closing) {
    this.spec = spec;
    this.deadLetters = deadLetters;
    this.outgoing = outgoing;
    this.time = time;
    this.topics = topics;
    this.position = position;
    this.gauges = gauges;
    this.closing = closing;
    this.records = new KafkaRecords(spec);
    this.window = new Window(spec.producing().windowRecords(), spec.producing().bufferBytes() / 2);
    this.probedNanos = time.nanos() - PROBE_NANOS;
    for (String topic : spec.logTopics()) {
      routes.put(topic, new Route());
    }
    tail = log.tail();
    try {
      position.seek(tail);
      tail.onUnreadable(this::unreadable);
      topics.makeOnce();
      producer = producer(spec);
    } catch (RuntimeException e) {
      tail.close();
      throw e;
    }
  }

  void run() {
    while (true) {
      boolean moved = collect();
      moved |= answerFailures();
      boolean stop = closing.hasBegun() && (window.isEmpty() || closing.isOver(time.nanos()));
      if (stop) {
        return;
      }
      moved |= sendWaiting();
      if (!closing.hasBegun()) {
        moved |= fill();
      }
      gauges.underWay(window.size(), window.head());
      position.note(false);
      if (!moved) {
        probe();
        sleeping = true;
        Slot head = window.head();
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
    for (Slot slot = window.removeAcknowledged();
        slot != null;
        slot = window.removeAcknowledged()) {
      position.reached(slot.index);
      gauges.acknowledged();
      any = true;
      if (troubled) {
        route(slot).acknowledged(slot);
      }
    }
    if (any) {
      reached();
    }
    return any;
  }

  private void reached() {
    gauges.reached();
    if (troubled || gauges.isTroubled()) {
      sayRoutes();
    }
  }

  /** With nothing to send, only asking tells whether Kafka is there. */
  private void probe() {
    if (!window.isEmpty() || gauges.isWell() || time.nanos() - probedNanos < PROBE_NANOS) {
      return;
    }
    probedNanos = time.nanos();
    try {
      producer.partitionsFor(spec.topics().events());
      reached();
    } catch (RetriableException e) {
      gauges.sessionFailed(e);
    }
  }

  private boolean answerFailures() {
    boolean any = false;
    for (Slot slot = failed.poll(); slot != null; slot = failed.poll()) {
      any = true;
      Exception e = requireNonNull(slot.failure);
      slot.failure = null;
      if (FailureKinds.isBystander(e)) {
        gauges.retried();
        route(slot).await(slot);
        continue;
      }
      Failure failure = FailureKinds.failureOf(e);
      switch (failure) {
        case TOO_LARGE, REFUSED -> {
          if (slot.letter) {
            shorten(slot);
          } else {
            bury(slot, FailureKinds.message(e));
          }
        }
        case UNAUTHENTICATED, PRODUCER_BROKEN ->
            throw e instanceof KafkaException fatal
                ? fatal
                : new KafkaException(e); // counted there
        default -> {
          if (slot.letter && failure != Failure.UNREACHABLE) {
            slot.acknowledged = true; // the file has it, and the topic for it is not to be had
          } else {
            gauges.retried();
            if (route(slot).failed(slot, failure, e, time.nanos())) {
              sayRoutes();
              if (failure == Failure.TOPIC_MISSING) {
                topics.make();
              }
            }
          }
        }
      }
      gauges.count(failure);
    }
    return any;
  }

  private boolean sendWaiting() {
    boolean any = false;
    for (Route route : routes.values()) {
      while (route.isOpen(time.nanos())) {
        any = true;
        send(route.next());
        if (!failed.isEmpty()) {
          answerFailures(); // may pause the route again
        }
      }
    }
    return any;
  }

  private boolean fill() {
    int taken = 0;
    while (taken < BATCH && window.hasRoom()) {
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
      gauges.waitingBegins(); // nothing was to be acknowledged until now
    }
    long arrived = arrivedMillis(entry);
    Slot slot;
    try {
      slot = new Slot(index, arrived, records.of(outgoing.apply(entry), index));
    } catch (RuntimeException e) {
      // JSON cannot hold it, or it could not be made ready to leave.
      gauges.count(Failure.REFUSED);
      byte[] nothing = {};
      ProducerRecord<byte[], byte[]> letter =
          letter(
              entry, LogCodec.encode(entry), nothing, "?", index, FailureKinds.message(e), arrived);
      slot = new Slot(index, arrived, letter);
      slot.letter = true;
    }
    window.add(slot);
    if (!slot.letter && slot.bytes > spec.producing().maxRecordBytes()) {
      gauges.count(Failure.TOO_LARGE);
      bury(slot, slot.bytes + " bytes, allowed are " + spec.producing().maxRecordBytes());
      return;
    }
    Route route = route(slot);
    if (route.isClosed()) {
      route.await(slot);
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
    window.replace(
        slot,
        letter(
            null,
            record.value(),
            record.value(),
            record.topic(),
            slot.index,
            reason,
            slot.arrivedMillis));
    route(slot).await(slot);
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
    gauges.buried();
    LOG.warn("entry {} is a dead letter: {}", Long.toHexString(index), reason);
    return records.deadLetter(value, topic, index, reason, arrivedMillis);
  }

  private void shorten(Slot slot) {
    if (slot.record.value().length == 0) {
      slot.acknowledged = true; // the file has it
      return;
    }
    window.replace(slot, KafkaRecords.headersOnly(slot.record));
    route(slot).await(slot);
  }

  private void unreadable(long index, byte[] content, String reason) {
    gauges.count(Failure.UNREADABLE);
    keep(index, "", reason, null, content);
    gauges.buried();
  }

  private void keep(
      long index,
      String topic,
      String reason,
      @Nullable LogEntry entry,
      byte @Nullable [] content) {
    String where = "log " + Long.toHexString(index) + (topic.isEmpty() ? "" : ", " + topic);
    if (entry == null && !topic.isEmpty() && content != null) {
      entry = JsonLogCodec.decode(content);
      content = null;
    }
    deadLetters.keep("relay", where, reason, entry, entry == null ? content : null);
  }

  private Route route(Slot slot) {
    return requireNonNull(routes.get(slot.record.topic()));
  }

  private void sayRoutes() {
    List<String> said = new ArrayList<>();
    routes.forEach(
        (topic, route) -> {
          if (!route.trouble().isEmpty()) {
            said.add(topic + " " + route.trouble());
          }
        });
    troubled = gauges.say(said);
  }

  @Override
  public void close() {
    gauges.sessionEnded();
    position.note(true);
    tail.close();
    producer.close(CLOSING);
  }

  private static Producer<byte[], byte[]> producer(KafkaSpec spec) {
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
}
