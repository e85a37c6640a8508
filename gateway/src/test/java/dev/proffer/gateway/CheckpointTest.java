package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.configs.Problems;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.StateCheckpoint;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start from a checkpoint and what the log holds behind it. */
class CheckpointTest {
  private static final String ASKED =
      "{\"user_id\":\"u\",\"timestamp\":\"2030-01-01T00:00:00Z\",\"explain\":true}";
  private static final String CLICK =
      "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S1\",\"event_id\":\"once\"}";

  @TempDir private Path dir;

  @Test
  void suggestsTheSameFromACheckpointAsFromTheWholeLog() throws IOException {
    Path home = dir.resolve("var");
    Shop.open(home);
    Configuration shipped = Configuration.shipped(dir);
    Object whole;
    try (RunningGateway running = RunningGateway.on(dir, shipped)) {
      assertThat(running.open().post("/log_event", CLICK).status()).isEqualTo(202);
    }
    try (RunningGateway running = RunningGateway.on(dir, shipped)) {
      whole = propositions(running); // over statistics that know the click
    }
    double entries = Shop.items().size() + Shop.events().size() + 2.0;
    SequenceSpec spec = SequenceSpec.read(shipped.directory(), new Problems());
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      new StateCheckpoint(home, spec)
          .advance(log, Long.MAX_VALUE, 1_000_000, HeapSequenceStore::new);
    }
    try (RunningGateway running = RunningGateway.on(dir, shipped)) {
      assertThat(running.metric("proffer_log_entries_total")).isLessThan(3);
      assertThat(propositions(running)).isEqualTo(whole);
      // What was acknowledged before the checkpoint is known to be a repetition.
      assertThat(running.open().post("/log_event", CLICK).status()).isEqualTo(202);
      assertThat(running.metric("proffer_log_duplicates_total")).isEqualTo(1);
    }

    Files.write(home.resolve("checkpoint/state"), new byte[100]);
    try (RunningGateway running = RunningGateway.on(dir, shipped)) {
      assertThat(running.metric("proffer_log_entries_total")).isGreaterThanOrEqualTo(entries);
      assertThat(propositions(running)).isEqualTo(whole);
    }
  }

  @Test
  void aStopAndAnIntervalLeaveACheckpointBehindWhichAStartFoldsNothing() {
    Path home = dir.resolve("var");
    Shop.open(home);
    double history = Shop.items().size() + Shop.events().size();
    Configuration never = Configuration.shipped(dir);
    for (int start = 0; start < 2; start++) {
      try (RunningGateway running = RunningGateway.on(dir, never)) {
        assertThat(running.metric("proffer_log_entries_total")).isEqualTo(history);
        assertThat(running.metric("proffer_checkpoint_bytes")).isZero();
      }
    }
    Object whole;
    Configuration atStops = Configuration.shipped(dir).gateway("checkpoint-seconds", 900);
    try (RunningGateway running = RunningGateway.on(dir, atStops)) {
      assertThat(running.metric("proffer_log_entries_total")).isEqualTo(history);
      assertThat(running.open().post("/log_event", CLICK).status()).isEqualTo(202);
      await()
          .untilAsserted(
              () -> assertThat(running.metric("proffer_log_entries_total")).isEqualTo(history + 1));
    }
    try (RunningGateway running = RunningGateway.on(dir, atStops)) {
      assertThat(running.metric("proffer_log_entries_total")).isZero();
      assertThat(running.metric("proffer_checkpoint_bytes")).isPositive();
      assertThat(running.open().post("/log_event", CLICK).status()).isEqualTo(202);
      assertThat(running.metric("proffer_log_duplicates_total")).isEqualTo(1);
      whole = propositions(running);
    }
    Configuration oftenAndKilled = Configuration.shipped(dir).gateway("checkpoint-seconds", 1);
    try (RunningGateway running = RunningGateway.on(dir, oftenAndKilled)) {
      assertThat(propositions(running)).isEqualTo(whole);
      FileTime before = written(home);
      assertThat(running.open().post("/log_event", CLICK.replace("once", "next")).status())
          .isEqualTo(202);
      await().until(() -> !written(home).equals(before));
      // The file is there a moment before the keeper says how long it took.
      await()
          .untilAsserted(
              () -> assertThat(running.metric("proffer_checkpoint_took_seconds")).isPositive());
    }
  }

  /** The checkpoint is in the middle of what was acknowledged when the process is killed. */
  @Tag("slow")
  @Test
  void knowsAllThatWasAcknowledgedAfterAKillBetweenTwoCheckpoints() throws Exception {
    Path home = Files.createDirectories(dir.resolve("var"));
    Shop.open(home);
    Configuration often = Configuration.shipped(dir).gateway("checkpoint-seconds", 1);
    int clicks = 60;
    try (GatewayProcess gateway = GatewayProcess.on(dir, often)) {
      FileTime before = FileTime.fromMillis(0);
      for (int click = 0; click < clicks; click++) {
        String user = "u" + click % 7;
        String event = CLICK.replace("\"u\"", '"' + user + '"').replace("once", "click-" + click);
        assertThat(gateway.open().post("/log_event", event).status()).isEqualTo(202);
        if (click == clicks / 2) {
          await().until(() -> Files.exists(home.resolve("checkpoint/state")));
          before = written(home);
        }
      }
      assertThat(before.toMillis()).isPositive();
      gateway.kill();
    }
    Path without = dir.resolve("without");
    try (Stream<Path> paths = Files.walk(home)) {
      for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
        Path copy = without.resolve("var").resolve(home.relativize(path));
        Files.createDirectories(copy.getParent());
        Files.copy(path, copy);
      }
    }
    Files.delete(without.resolve("var/checkpoint/state"));
    List<String> behindCheckpoint = known(dir, often);
    assertThat(behindCheckpoint).isEqualTo(known(without, often));
    assertThat(String.join("", behindCheckpoint).split("\"item_hash\"", -1)).hasSize(clicks + 1);
  }

  /** What each user's sequence holds, and what is suggested to them. */
  private static List<String> known(Path dir, Configuration configuration) throws IOException {
    try (RunningGateway running = RunningGateway.on(dir, configuration)) {
      List<String> all = new ArrayList<>();
      for (int user = 0; user < 7; user++) {
        URI export =
            URI.create(
                "http://127.0.0.1:"
                    + running.gateway().managementPort()
                    + "/users/u"
                    + user
                    + "/export");
        try (InputStream body = export.toURL().openStream()) {
          all.add(
              new JsonObject(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                  .getJsonArray("sequence")
                  .toString());
        }
        String asked = ASKED.replace("\"u\"", "\"u" + user + '"');
        all.add(
            running.open().post("/suggest", asked).json().getJsonArray("propositions").toString());
      }
      return all;
    }
  }

  @Test
  void foldsALogAnewThatEndsBeforeTheCheckpoint() throws IOException {
    Path home = dir.resolve("var");
    Shop.open(home);
    Configuration shipped = Configuration.shipped(dir).gateway("checkpoint-seconds", 900);
    RunningGateway.on(dir, shipped).close();
    assertThat(home.resolve("checkpoint/state")).exists();
    try (Stream<Path> files = Files.list(home.resolve("log"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.delete(file);
      }
    }
    try (EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Appender appender = log.appender()) {
      appender.append(LogCodec.encode(Shop.items().get(0)));
    }
    try (RunningGateway running = RunningGateway.on(dir, shipped)) {
      assertThat(running.metric("proffer_log_entries_total")).isEqualTo(1);
      assertThat(running.metric("proffer_users")).isZero();
    }
  }

  private static FileTime written(Path home) {
    try {
      return Files.getLastModifiedTime(home.resolve("checkpoint/state"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object propositions(RunningGateway running) {
    return running.open().post("/suggest", ASKED).json().getJsonArray("propositions");
  }
}
