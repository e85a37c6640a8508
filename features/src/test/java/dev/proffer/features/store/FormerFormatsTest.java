package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.BinaryWriter;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.StatisticsCodec;
import dev.proffer.features.state.UserSequence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What earlier programs wrote, byte for byte as they did: the files {@code formats/<what>-<format>}
 * hold {@link #entries}, and are never made again. A new format adds its own.
 */
class FormerFormatsTest {
  private static final SequenceSpec SPEC =
      new SequenceSpec(List.of("view", "click"), 5, 30 * 60_000, "place");

  @TempDir private Path home;

  /** What is in every file. Never to be changed. */
  static List<LogEntry> entries() {
    List<LogEntry> entries = new ArrayList<>();
    for (int item = 0; item < 7; item++) {
      entries.add(
          new Item(
              "item-" + item,
              "Item " + item,
              "category-" + item % 3,
              1_000L * item,
              Map.of("place", (long) item % 4)));
    }
    Random random = new Random(20_261_121);
    for (int number = 0; number < 120; number++) {
      if (number % 40 == 39) {
        entries.add(new Erasure("x" + number, "user-" + number % 6, number));
      } else {
        entries.add(
            new Event(
                "e" + number,
                random.nextInt(3) == 0 ? "click" : "view",
                "user-" + random.nextInt(6),
                "item-" + random.nextInt(8),
                random.nextBoolean() ? "r" : null,
                null,
                1_700_000_000_000L + 600_000L * random.nextInt(200),
                0,
                Map.of()));
      }
    }
    return entries;
  }

  static byte[] file(String name) {
    try (InputStream in = FormerFormatsTest.class.getResourceAsStream("formats/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(LiveState state, SequenceStore sequences) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryWriter out = new BinaryWriter(bytes);
    state.writeTo(out, sequences);
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] folded() {
    SequenceStore sequences = new HeapSequenceStore();
    LiveState state = new LiveState(SPEC, sequences);
    entries().forEach(state::apply);
    return bytes(state, sequences);
  }

  private StateCheckpoint checkpoint(String name) throws IOException {
    Files.createDirectories(home.resolve("checkpoint"));
    Files.write(home.resolve("checkpoint/state"), file(name));
    return new StateCheckpoint(home, SPEC);
  }

  @Test
  void checkpointsOfThisFormatAndTheOneBeforeAreTakenUp() throws Exception {
    for (String name : List.of("checkpoint-2", "checkpoint-3")) {
      StateCheckpoint.Point point =
          Objects.requireNonNull(checkpoint(name).read(new HeapSequenceStore()));
      assertThat(bytes(point.state(), point.sequences())).as(name).isEqualTo(folded());
      assertThat(point.ids()).as(name).hasSize(120);
    }
  }

  @Test
  void anOlderCheckpointIsRefusedAndFoldedAgainFromTheLog() throws Exception {
    StateCheckpoint checkpoint = checkpoint("checkpoint-1");
    assertThatThrownBy(() -> checkpoint.read(new HeapSequenceStore()))
        .isInstanceOf(CheckpointRefused.class)
        .hasMessageContaining("a checkpoint of format 1, expected 2 or 3");
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      try (EventLog.Appender appender = log.appender()) {
        entries().forEach(entry -> appender.append(LogCodec.encode(entry)));
      }
      checkpoint.advance(log, Long.MAX_VALUE, 1_000, HeapSequenceStore::new);
    }
    StateCheckpoint.Point point = Objects.requireNonNull(checkpoint.read(new HeapSequenceStore()));
    assertThat(bytes(point.state(), point.sequences())).isEqualTo(folded());
    assertThat(home.resolve("checkpoint/state.refused")).hasBinaryContent(file("checkpoint-1"));
  }

  @Test
  void sequencesOfAllFormatsAreRead() {
    LiveState state = new LiveState(SPEC, new HeapSequenceStore());
    entries().forEach(state::apply);
    byte[] expected = state.sequences().read("user-4").encode();
    for (String name : List.of("sequence-1", "sequence-2")) {
      assertThat(UserSequence.decode(file(name)).encode()).as(name).isEqualTo(expected);
    }
    assertThat(file("sequence-2")).as("written as ever").isEqualTo(expected);
  }

  @Test
  void statisticsOfAllFormatsAreRead() {
    Catalog.Builder items = new Catalog.Builder();
    for (LogEntry entry : entries()) {
      if (entry instanceof Item item) {
        items.put(item);
      }
    }
    LiveState state = new LiveState(SPEC, new HeapSequenceStore(), items);
    entries().stream().filter(entry -> !(entry instanceof Item)).forEach(state::apply);
    byte[] expected = StatisticsCodec.encode(state.statistics(), items);
    for (String name : List.of("statistics-1", "statistics-2")) {
      Statistics read = new Statistics(SPEC.sessionGapMillis(), SPEC.orderAttribute());
      StatisticsCodec.add(file(name), read, items);
      assertThat(StatisticsCodec.encode(read, items)).as(name).isEqualTo(expected);
    }
    assertThat(file("statistics-2")).as("written as ever").isEqualTo(expected);
  }
}
