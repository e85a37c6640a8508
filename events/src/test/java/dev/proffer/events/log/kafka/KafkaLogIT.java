package dev.proffer.events.log.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Event;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.PartitionedLog;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.log.PartitionedLog.Stored;
import dev.proffer.events.time.Time;
import dev.proffer.fixtures.KafkaBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KafkaLogIT {
  private static final Duration SHORT = Duration.ofMillis(100);

  @TempDir static Path brokerDirectory;
  private static KafkaBroker broker;
  private static KafkaProducer<byte[], byte[]> producer;

  @TempDir Path home;

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.in(brokerDirectory).start();
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "request.timeout.ms",
                2_000,
                "delivery.timeout.ms",
                10_000),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stopBroker() {
    producer.close();
    broker.close();
  }

  @Test
  void aGroupSharesPartitionsAndGoesOnWhereItCommitted() throws Exception {
    KafkaSpec spec = spec("shared");
    DeadLetters deadLetters = new DeadLetters(home, Time.system());
    KafkaLog log = new KafkaLog(spec, deadLetters);
    send(spec, 0, 60);
    producer.send(new ProducerRecord<>("shared.events", 1, null, "poison".getBytes(UTF_8))).get();
    send(spec, 60, 100);

    Mine firsts = new Mine();
    Mine seconds = new Mine();
    List<String> seen = new ArrayList<>();
    PartitionedLog first = log.member(List.of("shared.events"), firsts);
    try {
      await().until(() -> take(first, seen) == 100);
      assertThat(seen).containsExactlyInAnyOrderElementsOf(ids(0, 100));
      assertThat(first.unreadable()).isEqualTo(1);
      assertThat(firsts.partitions).hasSize(2);
      first.commit(first.positions());
      assertThat(first.behind()).isZero();
      try (Stream<Path> files = Files.list(home.resolve(DeadLetters.DIRECTORY))) {
        assertThat(Files.readString(files.findFirst().orElseThrow()))
            .contains("\"where\":\"shared.events-1@", "\"base64\":\"cG9pc29u\"");
      }

      List<String> seenBySecond = new ArrayList<>();
      try (PartitionedLog second = log.member(List.of("shared.events"), seconds)) {
        await()
            .until(
                () -> {
                  take(first, seen);
                  take(second, seenBySecond);
                  return firsts.partitions.size() == 1 && seconds.partitions.size() == 1;
                });
        assertThat(firsts.partitions).doesNotContainAnyElementsOf(seconds.partitions);
        send(spec, 100, 150);
        await().until(() -> take(first, seen) + take(second, seenBySecond) == 150);
        first.commit(first.positions());
        first.close();
        assertThat(firsts.partitions).isEmpty();
        send(spec, 150, 170);
        await().until(() -> seen.size() + take(second, seenBySecond) == 170);
        assertThat(seconds.partitions).hasSize(2);
        // Nothing that was committed came again.
        assertThat(Stream.concat(seen.stream(), seenBySecond.stream()))
            .containsExactlyInAnyOrderElementsOf(ids(0, 170));

        Partition one = new Partition("shared.events", 0);
        List<String> again = new ArrayList<>();
        second.seek(one, 0);
        await().until(() -> take(second, again) > 0);
        assertThat(again.get(0))
            .isEqualTo(ids(0, 170).stream().filter(KafkaLogIT::inFirst).findFirst().orElseThrow());
      }
    } finally {
      first.close();
    }
  }

  @Test
  void readsFromOffsetsOrATimeUpToTheEndAtItsBeginning() throws Exception {
    KafkaSpec spec = spec("bounded");
    KafkaLog log = new KafkaLog(spec, new DeadLetters(home, Time.system()));
    send(spec, 0, 50);
    Map<Partition, Long> positions;
    try (KafkaLog.Reading reading = log.read(List.of("bounded.events"), Map.of())) {
      send(spec, 50, 60); // after it began
      assertThat(ids(reading)).containsExactlyInAnyOrderElementsOf(ids(0, 50));
      positions = reading.positions();
    }
    try (KafkaLog.Reading reading = log.read(List.of("bounded.events"), positions)) {
      assertThat(ids(reading)).containsExactlyInAnyOrderElementsOf(ids(50, 60));
      assertThat(ids(reading)).isEmpty();
      positions = reading.positions();
    }
    try (KafkaLog.Reading reading = log.read(List.of("bounded.events"), positions)) {
      assertThat(ids(reading)).isEmpty();
    }
    long later = Time.system().millis() + 1_800_000;
    producer
        .send(new ProducerRecord<>("bounded.events", 0, later, null, record(spec, "later").value()))
        .get();
    try (KafkaLog.Reading reading = log.readSince(List.of("bounded.events"), later)) {
      assertThat(ids(reading)).containsExactly("later");
    }
    assertThatThrownBy(() -> log.read(List.of("nowhere"), Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nowhere");
  }

  private static final class Mine implements PartitionedLog.Listener {
    final Set<Partition> partitions = new HashSet<>();

    @Override
    public void assigned(Collection<Partition> more) {
      partitions.addAll(more);
    }

    @Override
    public void revoked(Collection<Partition> gone) {
      partitions.removeAll(gone);
    }

    @Override
    public void lost(Collection<Partition> gone) {
      partitions.removeAll(gone);
    }
  }

  private static int take(PartitionedLog member, List<String> into) {
    for (Stored stored : member.poll(SHORT)) {
      into.add(((Event) stored.entry()).id());
    }
    return into.size();
  }

  private static List<String> ids(KafkaLog.Reading reading) {
    List<String> ids = new ArrayList<>();
    for (Stored stored = reading.next(); stored != null; stored = reading.next()) {
      ids.add(((Event) stored.entry()).id());
    }
    return ids;
  }

  private KafkaSpec spec(String prefix) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      List<NewTopic> topics = List.of(new NewTopic(prefix + ".events", 2, (short) 1));
      admin.createTopics(topics).all().get();
      await()
          .ignoreException(ExecutionException.class) // not known everywhere yet
          .untilAsserted(() -> TopicMaker.awaitLeaders(admin, topics));
    }
    return KafkaSpecs.of(home, broker.bootstrapServers(), prefix, "");
  }

  private static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(id -> "e" + id).toList();
  }

  private static boolean inFirst(String id) {
    return KafkaLog.partitionOf("user of " + id, 2) == 0;
  }

  private static void send(KafkaSpec spec, int from, int to) {
    for (String id : ids(from, to)) {
      var unused = producer.send(record(spec, id));
    }
    producer.flush();
  }

  private static ProducerRecord<byte[], byte[]> record(KafkaSpec spec, String id) {
    Event event = new Event(id, "click", "user of " + id, null, null, null, 1, 2, Map.of());
    return new KafkaRecords(spec).of(event, 1);
  }
}
