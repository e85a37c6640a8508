package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.spec.EveryStatistic;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.BinaryWriter;
import dev.proffer.features.store.StateCheckpoint.Point;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateCheckpointTest {
  private static final int REMEMBERED = 50;
  private static final SequenceSpec SPEC =
      new SequenceSpec(List.of("view", "click"), 5, 30 * 60_000, "place");

  @TempDir Path home;
  private StateCheckpoint checkpoint;
  private Path file;

  @BeforeEach
  void nameIt() {
    checkpoint = new StateCheckpoint(home, SPEC);
    file = home.resolve("checkpoint/state");
  }

  @Test
  void comesFromAnyCheckpointsOnTheWayToTheStateOfTheWholeLog() throws Exception {
    for (int seed = 0; seed < 15; seed++) {
      Random random = new Random(seed);
      Path here = home.resolve("seed-" + seed);
      try (EventLog log = EventLog.open(here.resolve("log"))) {
        List<Long> indexes = append(log, random, 200);
        StateCheckpoint steps = new StateCheckpoint(here, SPEC);
        long to = -1;
        for (int step = 0; step < 3; step++) {
          to = indexes.get(random.nextInt(indexes.size()));
          long before = point(steps) == null ? -1 : Objects.requireNonNull(point(steps)).index();
          assertThat(steps.advance(log, to, REMEMBERED, HeapSequenceStore::new))
              .isEqualTo(Math.max(before, to));
        }
        steps.advance(log, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new);

        StateCheckpoint atOnce = new StateCheckpoint(here.resolve("other"), SPEC);
        atOnce.advance(log, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new);
        Point expected = Objects.requireNonNull(point(atOnce));
        Point actual = Objects.requireNonNull(point(steps));
        assertThat(actual.index()).isEqualTo(expected.index());
        assertThat(Arrays.stream(actual.ids()).sorted().toArray())
            .as("seed %d", seed)
            .isEqualTo(Arrays.stream(expected.ids()).sorted().toArray());
        assertThat(bytes(actual)).as("seed %d", seed).isEqualTo(bytes(expected));
        assertThat(actual.state().catalog().categoryCount())
            .isEqualTo(expected.state().catalog().categoryCount());
      }
    }
  }

  @Test
  void isNotThereBeforeTheFirst() throws Exception {
    assertThat(checkpoint.read(new HeapSequenceStore())).isNull();
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      assertThat(checkpoint.advance(log, 9, REMEMBERED, HeapSequenceStore::new)).isEqualTo(-1);
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void refusesAFileThatIsCutOrDamagedAnywhereAndLeavesTheStoreEmpty() throws Exception {
    byte[] good = written();
    for (int at = 0; at < good.length; at += 1 + good.length / 150) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(file, bad);
      refused("damaged");
      Files.write(file, Arrays.copyOf(good, at));
      refused("cut short");
    }
    Files.write(file, good);
    assertThat(checkpoint.read(new HeapSequenceStore())).isNotNull();
  }

  @Test
  void refusesAStateThatWasFoldedByOtherRules() throws Exception {
    written();
    StateCheckpoint longer =
        new StateCheckpoint(home, new SequenceSpec(SPEC.events(), 6, 30 * 60_000, "place"));
    assertThatThrownBy(() -> longer.read(new HeapSequenceStore()))
        .isInstanceOf(CheckpointRefused.class)
        .hasMessageContaining(
            "up to 5 with the numbers [], expected sequences of [view, click] up to 6");
    StateCheckpoint gap =
        new StateCheckpoint(home, new SequenceSpec(SPEC.events(), 5, 60_000, "place"));
    assertThatThrownBy(() -> gap.read(new HeapSequenceStore()))
        .hasMessageContaining("session gap of 1800000 ms");
    StateCheckpoint counting =
        new StateCheckpoint(
            home, new SequenceSpec(SPEC.events(), 5, 30 * 60_000, "place", EveryStatistic.spec()));
    assertThatThrownBy(() -> counting.read(new HeapSequenceStore()))
        .hasMessageContaining("declared statistics [], expected [chosen by=ITEM")
        .hasMessageContaining("as in statistics.yaml");
  }

  @Test
  void putsARefusedOneAsideAndBeginsAgainWithTheLog() throws Exception {
    byte[] good = written();
    Files.write(file, Arrays.copyOf(good, 40));
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      checkpoint.advance(log, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new);
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(good);
    assertThat(home.resolve("checkpoint/state.refused")).hasSize(40);
  }

  @Test
  void survivesAWriteThatBrokeOff() throws Exception {
    byte[] good = written();
    Files.write(home.resolve("checkpoint/state.next"), Arrays.copyOf(good, 100));
    assertThat(checkpoint.read(new HeapSequenceStore())).isNotNull();
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      append(log, new Random(2), 20);
      checkpoint.advance(log, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new);
    }
    assertThat(home.resolve("checkpoint/state.next")).doesNotExist();
    assertThat(checkpoint.read(new HeapSequenceStore())).isNotNull();
  }

  /** {@code /dev/full} takes nothing, as a disk without room does: the write fails with ENOSPC. */
  @Test
  void staysAsItWasWhileTheDiskIsFullAndIsWrittenWhenThereIsRoom() throws Exception {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();
    byte[] good = written();
    Path next = Files.createSymbolicLink(home.resolve("checkpoint/state.next"), full);
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      append(log, new Random(2), 20);
      assertThatThrownBy(
              () -> checkpoint.advance(log, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left on device");
      assertThat(Files.readAllBytes(file)).isEqualTo(good);
      assertThat(checkpoint.read(new HeapSequenceStore(), log)).isNotNull();

      Files.delete(next);
      checkpoint.advance(log, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new);
      assertThat(Objects.requireNonNull(point(checkpoint)).index()).isEqualTo(log.lastIndex());
    }
  }

  @Test
  void isMadeAnewFromAWholeLogWhateverItHoldsAndFromNoOther() throws Exception {
    byte[] good = written();
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      for (byte[] before : List.of(new byte[0], good)) {
        Files.write(file, before);
        assertThat(checkpoint.rebuild(log, REMEMBERED, HeapSequenceStore::new))
            .isEqualTo(log.lastIndex());
        assertThat(Files.readAllBytes(file)).isEqualTo(good);
      }
    }
    try (EventLog log = EventLog.open(home.resolve("shorter"))) {
      append(log, new Random(1), 20);
      assertThatThrownBy(() -> checkpoint.rebuild(log, REMEMBERED, HeapSequenceStore::new))
          .hasMessageContaining("expected a log from its beginning");
      assertThat(Files.readAllBytes(file)).isEqualTo(good);
    }
  }

  private byte[] written() throws IOException {
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      append(log, new Random(1), 200);
      checkpoint.advance(log, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new);
    }
    return Files.readAllBytes(file);
  }

  @Test
  void stepsBackWithoutForgettingAndFoldsNoEventTwice() throws Exception {
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      List<Long> indexes = append(log, new Random(4), 40);
      checkpoint.advance(log, Long.MAX_VALUE, 1_000, HeapSequenceStore::new);
      byte[] before = Files.readAllBytes(file);
      checkpoint.stepBack(indexes.get(39), HeapSequenceStore::new);
      assertThat(Files.readAllBytes(file)).isEqualTo(before);

      checkpoint.stepBack(indexes.get(20), HeapSequenceStore::new);
      Point back = Objects.requireNonNull(checkpoint.read(new HeapSequenceStore(), log));
      assertThat(back.index()).isEqualTo(indexes.get(20));
      long version = back.state().version();
      checkpoint.advance(log, Long.MAX_VALUE, 1_000, HeapSequenceStore::new);
      Point again = Objects.requireNonNull(point(checkpoint));
      assertThat(again.index()).isEqualTo(indexes.get(39));
      long items = 0;
      try (EventLog.Tail tail = log.tail()) {
        tail.seek(indexes.get(20));
        for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
          items += entry instanceof Item ? 1 : 0;
        }
      }
      assertThat(again.state().version()).isEqualTo(version + items);
    }
  }

  @Test
  void refusesToGoOnWithALogThatEndsBeforeIt() throws Exception {
    written();
    try (EventLog other = EventLog.open(home.resolve("other"))) {
      append(other, new Random(1), 3);
      SequenceStore store = new HeapSequenceStore();
      assertThatThrownBy(() -> checkpoint.read(store, other))
          .isInstanceOf(CheckpointRefused.class)
          .hasMessageContaining("it has lost records, or is another one");
      assertThat(store.users()).isZero();
      checkpoint.advance(other, Long.MAX_VALUE, REMEMBERED, HeapSequenceStore::new);
      assertThat(Objects.requireNonNull(point(checkpoint)).state().version()).isLessThan(4);
      assertThat(home.resolve("checkpoint/state.refused")).exists();
    }
  }

  private void refused(String words) {
    SequenceStore store = new HeapSequenceStore();
    assertThatThrownBy(() -> checkpoint.read(store))
        .isInstanceOf(CheckpointRefused.class)
        .hasMessageContaining("checkpoint/state is refused")
        .hasMessageContaining(words);
    assertThat(store.users()).isZero();
  }

  private static @Nullable Point point(StateCheckpoint from) throws CheckpointRefused {
    return from.read(new HeapSequenceStore());
  }

  private static byte[] bytes(Point point) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryWriter out = new BinaryWriter(bytes);
    point.state().writeTo(out, point.sequences());
    out.flush();
    return bytes.toByteArray();
  }

  private static List<Long> append(EventLog log, Random random, int entries) {
    List<Long> indexes = new ArrayList<>();
    try (EventLog.Appender appender = log.appender();
        EventLog.Tail tail = log.tail()) {
      for (int number = 0; number < entries; number++) {
        appender.append(LogCodec.encode(entry(random)));
      }
      while (tail.next() != null) {
        indexes.add(tail.index());
      }
    }
    return indexes;
  }

  private static LogEntry entry(Random random) {
    String item = "i" + random.nextInt(8);
    int number = random.nextInt(300); // ids repeat, near and far
    return switch (random.nextInt(9)) {
      case 0, 1 -> {
        String category = "c" + random.nextInt(4);
        yield new Item(item, "t", category, 0, Map.of("place", (long) random.nextInt(9)));
      }
      case 2 -> new Erasure("x" + number, "u" + random.nextInt(6), number);
      default ->
          new Event(
              "e" + number,
              "click",
              "u" + number % 6,
              item,
              number % 2 == 0 ? "r" : null,
              null,
              60_000L * number,
              0,
              Map.of());
    };
  }
}
