package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.StateCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static Object propositions(RunningGateway running) {
    return running.open().post("/suggest", ASKED).json().getJsonArray("propositions");
  }
}
