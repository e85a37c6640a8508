package dev.proffer.events.log.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.PartitionedLog.Stored;
import dev.proffer.events.log.Positions;
import dev.proffer.events.log.kafka.RelayFigures.Failure;
import dev.proffer.events.time.Time;
import dev.proffer.fixtures.KafkaBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KafkaRelayIT {
  @TempDir static Path brokerDirectory;
  private static KafkaBroker broker;

  @TempDir Path home;
  private EventLog log;
  private EventLog.Appender appender;
  private DeadLetters deadLetters;
  private String prefix;

  @BeforeAll
  static void startBroker() {
    broker =
        KafkaBroker.in(brokerDirectory)
            .proxied()
            .sasl("relay", "right")
            .sasl("reader", "right")
            .authorizing()
            .tls()
            .start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void open(TestInfo test) {
    prefix = test.getTestMethod().orElseThrow().getName();
    log = EventLog.open(home.resolve("log"));
    appender = log.appender();
    deadLetters = new DeadLetters(home, Time.system());
  }

  @AfterEach
  void close() {
    appender.close();
    log.close();
  }

  @Test
  void carriesEveryKindOfEntryToItsTopicAndPartitionWithCloudEventsHeaders() throws Exception {
    List<LogEntry> entries = oneOfEach();
    entries.forEach(this::append);
    KafkaSpec spec =
        KafkaSpecs.of(
            home,
            broker.tlsServers(),
            prefix,
            """
            security:
              protocol: ssl
              trust-store: "%s"
              trust-store-password-file: "%s"
            """
                .formatted(broker.trustStore(), secret("trust", broker.storePassword())));
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.relayed() == entries.size());
      await().until(() -> relay.behind() == 0 && relay.behindSeconds() == 0);
      assertThat(relay.connected()).as(relay.words()).isTrue();
    }

    List<LogEntry> back = new ArrayList<>();
    try (KafkaLog.Reading reading =
        new KafkaLog(spec, deadLetters).read(spec.logTopics(), Map.of())) {
      for (Stored stored = reading.next(); stored != null; stored = reading.next()) {
        back.add(stored.entry());
      }
      assertThat(reading.unreadable()).isZero();
    }
    assertThat(back.stream().map(KafkaRelayIT::comparable))
        .containsExactlyInAnyOrderElementsOf(
            entries.stream().map(KafkaRelayIT::comparable).toList());

    Event event = (Event) entries.get(0);
    ConsumerRecord<byte[], byte[]> record =
        records(prefix + ".events").stream()
            .filter(one -> header(one, "ce_type").equals("dev.proffer.event.click"))
            .findFirst()
            .orElseThrow();
    assertThat(new String(record.key(), UTF_8)).isEqualTo(event.userId());
    assertThat(record.partition()).isEqualTo(KafkaLog.partitionOf(event.userId(), 2));
    assertThat(header(record, "ce_specversion")).isEqualTo("1.0");
    assertThat(header(record, "ce_id")).isEqualTo(event.id());
    assertThat(header(record, "ce_source")).isEqualTo("/test");
    assertThat(header(record, "ce_time")).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(header(record, "content-type")).isEqualTo("application/json");
    ConsumerRecord<byte[], byte[]> aside = records(prefix + ".dead-letters").get(0);
    assertThat(header(aside, KafkaRecords.REASON)).isEqualTo("not declared");
  }

  @Test
  void goesOnAfterARestartWhereItStopped() throws Exception {
    KafkaSpec spec = KafkaSpecs.of(home, broker.bootstrapServers(), prefix, "");
    appendEvents(0, 300);
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.relayed() == 300);
    }
    appendEvents(300, 500);
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.relayed() == 200 && relay.connected());
    }
    assertThat(eventIds()).containsExactlyInAnyOrderElementsOf(ids(0, 500));
  }

  @Tag("slow")
  @Test
  void losesNothingWhileTheBrokerIsDownKilledFrozenOrCutOff() throws Exception {
    KafkaSpec spec = KafkaSpecs.of(home, broker.proxiedServers(), prefix, "");
    broker.proxy().down();
    appendEvents(0, 100);
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.failures(Failure.UNREACHABLE) > 0);
      assertThat(relay.connected()).isFalse();
      assertThat(relay.words()).contains("unreachable");
      broker.proxy().up();
      await().until(() -> relay.relayed() == 100 && relay.connected());

      broker.kill();
      appendEvents(100, 200);
      await().until(() -> !relay.connected());
      broker.start();
      await().until(() -> relay.relayed() == 200 && relay.connected());

      broker.freeze();
      appendEvents(200, 300);
      await().until(() -> !relay.connected() && relay.behindSeconds() > 0);
      broker.thaw();
      await().until(() -> relay.relayed() == 300 && relay.connected());

      broker.proxy().blackHole(true);
      appendEvents(300, 400);
      await().until(() -> relay.retries() > 0 && !relay.connected());
      broker.proxy().blackHole(false);
      await().until(() -> relay.relayed() == 400 && relay.connected());

      broker.proxy().latency(Duration.ofMillis(50));
      broker.proxy().bandwidth(200_000);
      appendEvents(400, 500);
      broker.proxy().reset();
      await().until(() -> relay.relayed() == 500 && relay.connected());
    } finally {
      broker.proxy().latency(Duration.ZERO);
      broker.proxy().bandwidth(Long.MAX_VALUE);
    }
    assertThat(eventIds()).containsAll(ids(0, 500)).isSubsetOf(ids(0, 500));
  }

  @Test
  void waitsForATopicThatIsMissingWhileTheOthersGoOn() throws Exception {
    KafkaSpec spec = KafkaSpecs.of(home, broker.bootstrapServers(), prefix, "create-topics: false");
    create(prefix + ".items", Map.of());
    appendEvents(0, 5);
    append(oneOfEach().get(2));
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> records(prefix + ".items").size() == 1);
      await().until(() -> relay.failures(Failure.TOPIC_MISSING) > 0);
      assertThat(relay.words()).contains(prefix + ".events", "topic_missing");
      assertThat(relay.relayed()).isZero();
      create(prefix + ".events", Map.of());
      await().until(() -> relay.relayed() == 6 && relay.connected());
    }
    assertThat(eventIds()).containsExactlyInAnyOrderElementsOf(ids(0, 5));
  }

  @Test
  void keepsWhatIsTooLargeOrUnreadableAsDeadLettersAndGoesOn() throws Exception {
    KafkaSpec spec = KafkaSpecs.of(home, broker.bootstrapServers(), prefix, "create-topics: false");
    create(prefix + ".events", Map.of("max.message.bytes", "5000"));
    create(prefix + ".dead-letters", Map.of());
    append(event("e0", ""));
    append(event("for the broker", incompressible(8_000)));
    append(event("for us", "x".repeat(70_000)));
    appender.append("no entry".getBytes(UTF_8));
    append(event("e1", ""));
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.relayed() == 4 && relay.connected());
      assertThat(relay.failures(Failure.TOO_LARGE)).isEqualTo(2);
      assertThat(relay.failures(Failure.UNREADABLE)).isEqualTo(1);
      assertThat(relay.deadLetters()).isEqualTo(3);
    }
    assertThat(eventIds()).containsExactlyInAnyOrder("e0", "e1");
    List<ConsumerRecord<byte[], byte[]>> letters = records(prefix + ".dead-letters");
    assertThat(letters)
        .extracting(letter -> header(letter, "proffer_topic"))
        .containsOnly(prefix + ".events");
    assertThat(letters)
        .extracting(letter -> header(letter, KafkaRecords.REASON))
        .anyMatch(reason -> reason.contains("allowed are 65536"));
    assertThat(letters).extracting(letter -> letter.value().length).contains(64 * 1024);
    try (KafkaLog.Reading reading =
        new KafkaLog(spec, deadLetters).read(List.of(spec.topics().deadLetters()), Map.of())) {
      assertThat(reading.next()).as("a dead letter is no entry").isNull();
      assertThat(reading.unreadable()).isZero();
    }
    List<String> lines = deadLetterLines();
    assertThat(lines).hasSize(3);
    assertThat(lines).anyMatch(line -> line.contains("\"id\":\"for the broker\""));
    assertThat(lines).anyMatch(line -> line.contains("\"id\":\"for us\""));
    assertThat(lines).anyMatch(line -> line.contains("\"base64\":\"bm8gZW50cnk=\""));
  }

  @Test
  void waitsUntilItIsLetIn() throws Exception {
    Path password = secret("password", "wrong");
    KafkaSpec spec =
        KafkaSpecs.of(
            home,
            broker.saslServers(),
            prefix,
            """
            create-topics: false
            security:
              protocol: sasl-plaintext
              user: relay
              password-file: "%s"
            """
                .formatted(password));
    create(prefix + ".events", Map.of());
    appendEvents(0, 10);
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.failures(Failure.UNAUTHENTICATED) > 0);
      assertThat(relay.words()).contains("unauthenticated");
      Files.writeString(password, "right\n");
      await().until(() -> relay.failures(Failure.UNAUTHORIZED) > 0);
      assertThat(relay.relayed()).isZero();
      assertThat(relay.connected()).isFalse();
      allow("relay", prefix + ".events", AclOperation.WRITE);
      await().until(() -> relay.relayed() == 10 && relay.connected());
    }
    assertThat(eventIds()).containsExactlyInAnyOrderElementsOf(ids(0, 10));
  }

  @Test
  void buriesWhatTheBrokerRefusesForGoodAndGoesOn() throws Exception {
    KafkaSpec spec = KafkaSpecs.of(home, broker.bootstrapServers(), prefix, "create-topics: false");
    // A record is older than this the moment it is made.
    create(prefix + ".events", Map.of("message.timestamp.before.max.ms", "0"));
    create(prefix + ".items", Map.of());
    create(prefix + ".dead-letters", Map.of());
    appendEvents(0, 20);
    append(oneOfEach().get(2));
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.relayed() == 21 && relay.connected());
      assertThat(relay.failures(Failure.REFUSED)).isEqualTo(20);
      assertThat(relay.deadLetters()).isEqualTo(20);
    }
    assertThat(eventIds()).isEmpty();
    assertThat(records(prefix + ".items")).hasSize(1);
    assertThat(records(prefix + ".dead-letters"))
        .hasSize(20)
        .allSatisfy(letter -> assertThat(letter.value()).isNotEmpty());
    assertThat(deadLetterLines()).hasSize(20).allMatch(line -> line.contains("\"entry\":{"));
  }

  @Test
  void makesAProducerAnewThatCannotGoOn() throws Exception {
    KafkaSpec spec =
        KafkaSpecs.of(
            home,
            broker.saslServers(),
            prefix,
            """
            create-topics: false
            security:
              protocol: sasl-plaintext
              user: reader
              password-file: "%s"
            """
                .formatted(secret("password", "right")));
    create(prefix + ".events", Map.of());
    // Who may see a topic and write to none gets no producer id, which ends a producer.
    allow("reader", prefix + ".events", AclOperation.DESCRIBE);
    appendEvents(0, 10);
    try (KafkaRelay relay = started(spec)) {
      await().until(() -> relay.failures(Failure.PRODUCER_BROKEN) > 1);
      assertThat(relay.words()).contains("producer_broken");
      assertThat(relay.connected()).isFalse();
      allow("reader", prefix + ".events", AclOperation.WRITE);
      await().until(() -> relay.relayed() == 10 && relay.connected());
      assertThat(relay.deadLetters()).isZero();
    }
    assertThat(eventIds()).containsExactlyInAnyOrderElementsOf(ids(0, 10));
  }

  @Test
  void goesOnWithoutADiskForItsPositionAndNotPastWhatIsKeptNowhere() throws Exception {
    KafkaSpec spec = KafkaSpecs.of(home, broker.bootstrapServers(), prefix, "create-topics: false");
    create(prefix + ".events", Map.of());
    create(prefix + ".dead-letters", Map.of());
    try (KafkaRelay relay = started(spec)) {
      Path noDirectory = Files.createFile(home.resolve("positions"));
      Path neither = Files.createFile(home.resolve(DeadLetters.DIRECTORY));
      appendEvents(0, 10);
      await().until(() -> relay.failures(Failure.DISK) > 0);
      await().until(() -> relay.relayed() == 10 && relay.connected());
      Files.delete(noDirectory);
      long first = log.lastIndex();
      await().until(() -> positions().equals(OptionalLong.of(first)));

      long noted = relay.failures(Failure.DISK);
      append(event("too large", "x".repeat(70_000)));
      appendEvents(10, 20);
      await().until(() -> relay.failures(Failure.DISK) > noted + 1);
      assertThat(relay.words()).contains("disk");
      assertThat(relay.connected()).isFalse();
      assertThat(positions()).hasValue(first);
      Files.delete(neither);
      await().until(() -> relay.relayed() == 21 && relay.connected());
      long last = log.lastIndex();
      await().until(() -> positions().equals(OptionalLong.of(last)));
    }
    assertThat(deadLetterLines()).singleElement().asString().contains("\"id\":\"too large\"");
    assertThat(eventIds()).containsExactlyInAnyOrderElementsOf(ids(0, 20));
  }

  private OptionalLong positions() {
    return new Positions(home).read(Positions.RELAY);
  }

  private KafkaRelay started(KafkaSpec spec) {
    KafkaRelay relay =
        new KafkaRelay(
            spec, log, new Positions(home), deadLetters, UnaryOperator.identity(), Time.system());
    assertThat(relay.connected()).isFalse();
    relay.start();
    return relay;
  }

  private void append(LogEntry entry) {
    appender.append(LogCodec.encode(entry));
  }

  private void appendEvents(int from, int to) {
    ids(from, to).forEach(id -> append(event(id, "")));
  }

  private static List<String> ids(int from, int to) {
    return Stream.iterate(from, id -> id + 1).limit(to - from).map(id -> "e" + id).toList();
  }

  private static Event event(String id, String filling) {
    return new Event(
        id,
        "click",
        "user of " + id,
        "item",
        "request",
        null,
        1_767_323_045_678L,
        1_767_323_045_680L,
        Map.of("filling", filling, "count", 3L, "value", 0.1, "flag", true));
  }

  private static List<LogEntry> oneOfEach() {
    return List.of(
        event("first", "ü\"\n"),
        new Impression(
            "request",
            "ann",
            "session",
            "phone",
            "context",
            "item",
            1_767_323_045_678L,
            "ml_ranker",
            "v1",
            "control",
            "sha",
            List.of("slow"),
            200,
            List.of(
                new Impression.Shown(
                    "a",
                    List.of("popular"),
                    0.1f,
                    Float.MIN_VALUE,
                    1f / 3,
                    new float[] {Float.NaN, -0.0f, 1e-30f, Float.POSITIVE_INFINITY}))),
        new Item("a", "A title", "shoes", 1_767_323_045_000L, Map.of("price", 12.0)),
        new Erasure("gone", "ann", 1_767_323_045_999L),
        new Aside("odd", 1_767_323_045_999L, "type", "not declared", "{\"type\":\"odd\"}"));
  }

  /** To the bit: arrays are not compared by what they hold. */
  private static Object comparable(LogEntry entry) {
    return entry instanceof Impression
        ? java.util.HexFormat.of().formatHex(LogCodec.encode(entry))
        : entry;
  }

  private static String incompressible(int length) {
    java.util.Random random = new java.util.Random(3);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append((char) (33 + random.nextInt(90)));
    }
    return text.toString();
  }

  private Path secret(String name, String value) throws IOException {
    return Files.writeString(home.resolve(name), value + "\n");
  }

  private List<String> deadLetterLines() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve(DeadLetters.DIRECTORY))) {
      List<String> lines = new ArrayList<>();
      for (Path file : files.toList()) {
        lines.addAll(Files.readAllLines(file));
      }
      return lines;
    }
  }

  private List<String> eventIds() {
    return records(prefix + ".events").stream().map(record -> header(record, "ce_id")).toList();
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), UTF_8);
  }

  /** Everything a topic of two partitions holds. */
  private static List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (partitions.stream()
          .anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
      return records;
    }
  }

  private static void create(String topic, Map<String, String> configs)
      throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      List<NewTopic> topics = List.of(new NewTopic(topic, 2, (short) 1).configs(configs));
      admin.createTopics(topics).all().get();
      await()
          .ignoreException(ExecutionException.class) // not known everywhere yet
          .untilAsserted(() -> TopicMaker.awaitLeaders(admin, topics));
    }
  }

  private static void allow(String user, String topic, AclOperation operation)
      throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      admin
          .createAcls(
              List.of(
                  new AclBinding(
                      new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                      new AccessControlEntry(
                          "User:" + user, "*", operation, AclPermissionType.ALLOW))))
          .all()
          .get();
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }
}
