package dev.proffer.offline.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.configs.Problems;
import dev.proffer.events.Aside;
import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.Positions;
import dev.proffer.events.log.kafka.KafkaRelay;
import dev.proffer.events.log.kafka.KafkaSpec;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.StateCheckpoint;
import dev.proffer.fixtures.KafkaBroker;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.cli.Main;
import dev.proffer.offline.replay.StateReplay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that read the log from Kafka, beside a broker and the relay that filled it. */
@Tag("slow")
@Timeout(120)
class KafkaReadersIT {
  @TempDir static Path brokerDirectory;
  private static KafkaBroker broker;

  @TempDir Path directory;
  private Path home;
  private Path config;

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.in(brokerDirectory).start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void configure(TestInfo test) throws Exception {
    home = directory.resolve("home");
    config = Shop.quickConfig(directory.resolve("configs"));
    Files.writeString(
        config.resolve(KafkaSpec.FILE),
        """
        bootstrap-servers: "%1$s"
        partitions: 3
        topics:
          events: %2$s.events
          impressions: %2$s.impressions
          items: %2$s.items
          dead-letters: %2$s.dead-letters
        """
            .formatted(broker.bootstrapServers(), test.getTestMethod().orElseThrow().getName()));
  }

  @Test
  void replaysFromKafkaTheStateOfTheSpoolAndMakesACheckpointOfIt() throws Exception {
    Logbook book = new Logbook(11, true);
    List<LogEntry> first = book.grow(800);
    Shop.append(home, first);
    relay(first.size());

    ObjectNode spool = replay(home);
    assertThat(spool.get("users").asLong()).isPositive();
    assertThat(replay(home, "--source", "kafka")).isEqualTo(spool);
    String middle = Long.toString(arrival(first.subList(400, 800)));
    for (String bound : List.of("--from", "--to")) {
      ObjectNode part = replay(home, bound, middle);
      assertThat(part).isNotEqualTo(spool);
      assertThat(replay(home, "--source", "kafka", bound, middle)).isEqualTo(part);
    }

    Path lost = directory.resolve("lost");
    assertThat(replay(lost, "--source", "kafka", "--write-checkpoint")).isEqualTo(spool);
    SequenceSpec spec = Settings.read(config).contracts().sequence();
    Path expected = directory.resolve("expected");
    StateReplay replay = new StateReplay(spec, Long.MIN_VALUE, Long.MAX_VALUE);
    first.forEach(replay::add);
    new StateCheckpoint(expected, spec).write(replay.fold(-1, 1_000_000).point());
    assertThat(lost.resolve("checkpoint/state"))
        .hasSameBinaryContentAs(expected.resolve("checkpoint/state"));

    // A log that begins behind it is folded on, from its very first entry.
    List<LogEntry> more = book.grow(50);
    Shop.append(lost, more);
    StateCheckpoint checkpoint = new StateCheckpoint(lost, spec);
    long before = version(checkpoint);
    try (EventLog log = EventLog.open(lost.resolve("log"))) {
      assertThat(checkpoint.advance(log, log.lastIndex(), 1_000_000, HeapSequenceStore::new))
          .isEqualTo(log.lastIndex());
    }
    assertThat(version(checkpoint)).isGreaterThan(before).isLessThanOrEqualTo(before + more.size());

    // What the spool holds and Kafka does not is in it too.
    Shop.append(home, more);
    assertThat(replay(home, "--source", "kafka")).isEqualTo(spool);
    ObjectNode whole = replay(home);
    assertThat(replay(home, "--source", "kafka", "--write-checkpoint").get("sha256"))
        .isEqualTo(whole.get("sha256"))
        .isNotEqualTo(spool.get("sha256"));
    assertThat(
            Objects.requireNonNull(new StateCheckpoint(home, spec).read(new HeapSequenceStore()))
                .index())
        .isPositive();
  }

  @Test
  void compactsEachEventOnceHoweverOftenItIsSentAndRead() throws Exception {
    Logbook book = new Logbook(12, true);
    try (Glob glob = new Glob(home)) {
      for (int round = 0; round < 2; round++) {
        Shop.append(home, book.grow(400));
        // Without a position the relay begins at the log's beginning again.
        Files.deleteIfExists(home.resolve("positions").resolve(Positions.RELAY));
        relay(book.entries.size());
        for (int run = 0; run < 2; run++) {
          assertThat(
                  Main.run(
                      "compact",
                      "--from",
                      "kafka",
                      "--batch-entries",
                      "150",
                      "--home",
                      home.toString(),
                      "--config",
                      config.toString()))
              .isZero();
          assertThat(glob.column("events", "SELECT event_id FROM T"))
              .as("round %d, run %d", round, run)
              .containsExactlyElementsOf(book.eventIds());
          assertThat(glob.column("impressions", "SELECT request_id FROM T"))
              .containsExactlyElementsOf(book.requestIds());
          assertThat(glob.column("asides", "SELECT aside_id FROM T"))
              .containsExactlyElementsOf(asideIds(book));
        }
      }
      assertThat(glob.column("items", "SELECT DISTINCT item_id FROM T"))
          .containsExactlyElementsOf(new TreeSet<>(book.items().keySet()));
    }
  }

  private static Set<String> asideIds(Logbook book) {
    Set<String> ids = new TreeSet<>();
    for (LogEntry entry : book.entries) {
      if (entry instanceof Aside aside) {
        ids.add(aside.id());
      }
    }
    return ids;
  }

  private static long arrival(List<LogEntry> entries) {
    return entries.stream()
        .filter(Event.class::isInstance)
        .mapToLong(entry -> ((Event) entry).receivedMillis())
        .findFirst()
        .orElseThrow();
  }

  private static long version(StateCheckpoint checkpoint) throws Exception {
    return Objects.requireNonNull(checkpoint.read(new HeapSequenceStore())).state().version();
  }

  /** Sends what the position of the home does not cover yet. */
  private void relay(long entries) {
    Problems problems = new Problems();
    KafkaSpec spec = KafkaSpec.read(config, problems);
    problems.throwIfAny();
    try (EventLog log = EventLog.open(home.resolve("log"));
        KafkaRelay relay =
            new KafkaRelay(
                spec,
                log,
                new Positions(home),
                new DeadLetters(home, Time.system()),
                UnaryOperator.identity(),
                Time.system())) {
      relay.start();
      await().until(() -> relay.relayed() == entries);
      assertThat(relay.deadLetters()).isZero();
    }
  }

  /** The figures of a replay, but for how many entries were read. */
  private ObjectNode replay(Path home, String... more) throws Exception {
    Path json = directory.resolve("replay.json");
    List<String> command =
        new ArrayList<>(
            List.of(
                "replay",
                "--home",
                home.toString(),
                "--config",
                config.toString(),
                "--json",
                json.toString()));
    command.addAll(List.of(more));
    assertThat(Main.run(command.toArray(new String[0]))).isZero();
    JsonNode figures = new JsonMapper().readTree(json.toFile());
    return ((ObjectNode) figures).without(List.of("entries", "duplicates"));
  }
}
