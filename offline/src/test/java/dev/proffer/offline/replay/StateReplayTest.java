package dev.proffer.offline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.features.spec.SequenceSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StateReplayTest {
  private static final long MINUTE = 60_000;
  private static final int ROUNDS = 20;

  /** Short sequences, so that some lose their beginning. */
  private static final SequenceSpec SPEC =
      new SequenceSpec(List.of("click"), 6, 30 * MINUTE, "place");

  private static List<LogEntry> log(Random random) {
    List<LogEntry> log = new ArrayList<>();
    for (int item = 0; item < 6; item++) {
      log.add(
          new Item(
              "i" + item,
              "t",
              item == 0 ? null : "c" + item % 2,
              0,
              Map.of("place", (long) item, "b", "x", "c", 1.5, "d", true)));
    }
    for (int number = 0; number < 200; number++) {
      String user = "u" + random.nextInt(8);
      long arrived = 1_000 * MINUTE + number / 3; // several within a millisecond
      switch (random.nextInt(12)) {
        case 0 -> log.add(new Erasure("x" + number, user, arrived));
        case 1 -> log.add(shown("r" + number, user, "i" + random.nextInt(7), arrived));
        case 2 -> log.add(new Aside("a" + number, arrived, "colour", "not declared", "{}"));
        default ->
            log.add(
                new Event(
                    "e" + number,
                    "click",
                    user,
                    "i" + random.nextInt(7),
                    random.nextBoolean() ? "r" : null,
                    null,
                    random.nextInt(200) * MINUTE,
                    arrived,
                    Map.of()));
      }
    }
    return log;
  }

  private static Impression shown(String request, String user, String item, long time) {
    return new Impression(
        request,
        user,
        null,
        null,
        null,
        "home",
        time,
        "static",
        null,
        "a",
        null,
        List.of(),
        2,
        List.of(new Impression.Shown(item, List.of(), 0, 0, 1, new float[] {1, 2})));
  }

  private static StateReplay.Outcome replay(List<LogEntry> entries, long from, long to) {
    StateReplay replay = new StateReplay(SPEC, from, to);
    entries.forEach(replay::add);
    return replay.fold();
  }

  private static StateReplay.Outcome replay(List<LogEntry> entries) {
    return replay(entries, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  @Test
  void comesToTheSameDigestInAnyOrderAndWhateverComesTwice() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      List<LogEntry> log = log(random);
      StateReplay.Outcome expected = replay(log);
      assertThat(expected.sha256()).hasSize(64);
      List<LogEntry> other = new ArrayList<>(log);
      int twice = 0;
      for (LogEntry entry : log) {
        if (!(entry instanceof Aside) && !(entry instanceof Item) && random.nextInt(4) == 0) {
          other.add(entry);
          twice++;
        }
      }
      Collections.shuffle(other, random);
      StateReplay.Outcome actual = replay(other);
      assertThat(actual.sha256()).as("seed %d", seed).isEqualTo(expected.sha256());
      assertThat(actual.duplicates()).isEqualTo(twice);
      assertThat(actual)
          .usingRecursiveComparison()
          .ignoringFields("entries", "duplicates")
          .isEqualTo(expected);
    }
  }

  @Test
  void tellsWhatIsMissing() {
    List<LogEntry> log = new ArrayList<>(log(new Random(3)));
    String whole = replay(log).sha256();
    for (int at = 0; at < log.size(); at++) {
      LogEntry entry = log.get(at);
      boolean matters =
          entry instanceof Item || (entry instanceof Event event && !"i6".equals(event.itemId()));
      if (matters) {
        List<LogEntry> without = new ArrayList<>(log);
        without.remove(at);
        assertThat(replay(without).sha256()).as("without %s", entry).isNotEqualTo(whole);
      }
    }
  }

  @Test
  void foldsExactlyWhatArrivedBetweenTwoInstants() {
    List<LogEntry> log = log(new Random(5));
    long from = 1_000 * MINUTE + 20;
    long to = 1_000 * MINUTE + 50;
    List<LogEntry> exactly = new ArrayList<>();
    for (LogEntry entry : log) {
      long arrived =
          entry instanceof Event event
              ? event.receivedMillis()
              : entry instanceof Impression shown
                  ? shown.timeMillis()
                  : entry instanceof Erasure erasure ? erasure.timeMillis() : from;
      if (arrived >= from && arrived < to) {
        exactly.add(entry);
      }
    }
    assertThat(replay(log, from, to))
        .usingRecursiveComparison()
        .ignoringFields("entries")
        .isEqualTo(replay(exactly));
    assertThat(replay(log, from, to).events()).isBetween(50L, 90L);
    assertThat(replay(log, to, from).users()).isZero();
    assertThat(replay(log, to, from).items()).isEqualTo(6);
  }
}
