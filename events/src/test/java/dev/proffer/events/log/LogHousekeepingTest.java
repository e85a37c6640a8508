package dev.proffer.events.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.LogHousekeeping.Space;
import dev.proffer.events.time.Time;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogHousekeepingTest {
  private static final long MINUTE = 60_000;
  private static final long BEGIN = 1_700_000_040_000L;

  @TempDir Path home;

  private final AtomicLong now = new AtomicLong(BEGIN);
  private final Time time =
      new Time() {
        @Override
        public long millis() {
          return now.get();
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };
  private final List<String> folded = new ArrayList<>();
  private final LogPump.Fold fold =
      new LogPump.Fold() {
        @Override
        public void apply(LogEntry entry) {
          synchronized (folded) {
            folded.add(((Event) entry).id());
          }
        }

        @Override
        public void caughtUp() {}
      };

  @Test
  void takesNothingInAtTheQuotaAndGoesOnWhenWhatWasReadIsDeleted() throws Exception {
    LogSpec spec = spec(1L << 20, 0, 0);
    Positions positions = new Positions(home);
    List<Long> prepared = new ArrayList<>();
    try (EventLog log = EventLog.open(home.resolve("log"), spec, time);
        LogPump pump = started(log);
        LogHousekeeping housekeeping =
            new LogHousekeeping(log, pump, positions, prepared::add, time)) {
      housekeeping.start();
      assertThat(housekeeping.space()).isEqualTo(Space.ROOM);
      acknowledged(pump, "first"); // a file is larger than this quota from its first record on
      await().until(() -> housekeeping.space() == Space.NONE && !pump.takesIn());
      assertThat(pump.offer(List.of(event("refused")), null)).isFalse();

      now.addAndGet(2 * MINUTE);
      await()
          .during(1, TimeUnit.SECONDS)
          .until(() -> log.segments().size() == 1); // nobody has read it

      positions.write(Positions.WAREHOUSE, log.lastIndex());
      await().until(() -> housekeeping.deletedFiles() == 1);
      assertThat(prepared)
          .containsExactly(log.lastIndex() < 0 ? prepared.get(0) : log.lastIndex() + 1);
      await().until(pump::takesIn);
      acknowledged(pump, "second");
      assertThat(folded).containsExactly("first", "second");
    }
    assertThat(inTheLog(spec)).containsExactly("second");
  }

  @Test
  void deletesFilesThatAreOldAndReadAndNoOthers() throws Exception {
    LogSpec spec = spec(0, 0, 3 * MINUTE);
    Positions positions = new Positions(home);
    try (EventLog log = EventLog.open(home.resolve("log"), spec, time);
        LogPump pump = started(log);
        LogHousekeeping housekeeping =
            new LogHousekeeping(
                log, pump, positions, LogHousekeeping.BeforeDeletion.NOTHING, time)) {
      List<Long> indexes = new ArrayList<>();
      for (int minute = 0; minute < 4; minute++) {
        acknowledged(pump, "m" + minute);
        indexes.add(log.lastIndex());
        now.addAndGet(MINUTE);
      }
      assertThat(log.segments()).hasSize(4);
      positions.write(Positions.WAREHOUSE, indexes.get(1));
      housekeeping.start();
      // Of the two that are old enough in a minute, the first alone is read: the reader stands in
      // the second.
      now.addAndGet(MINUTE);
      await().until(() -> housekeeping.deletedFiles() == 1);
      positions.write(Positions.WAREHOUSE, indexes.get(3));
      await().until(() -> housekeeping.deletedFiles() == 2);
      acknowledged(pump, "later");
    }
    assertThat(inTheLog(spec)).containsExactly("m2", "m3", "later");
  }

  @Test
  void keepsFilesThatCannotBeProvidedFor() throws Exception {
    LogSpec spec = spec(0, 0, MINUTE);
    Positions positions = new Positions(home);
    try (EventLog log = EventLog.open(home.resolve("log"), spec, time);
        LogPump pump = started(log);
        LogHousekeeping housekeeping =
            new LogHousekeeping(
                log,
                pump,
                positions,
                firstKept -> {
                  throw new IllegalStateException("no checkpoint");
                },
                time)) {
      acknowledged(pump, "old");
      positions.write(Positions.WAREHOUSE, log.lastIndex());
      now.addAndGet(10 * MINUTE);
      housekeeping.start();
      await().until(() -> housekeeping.trouble().contains("no checkpoint"));
      assertThat(housekeeping.deletedFiles()).isZero();
    }
    assertThat(inTheLog(spec)).containsExactly("old");
  }

  @Test
  void takesNothingInWhileTheDiskHasLessThanTheReserve() {
    LogSpec spec = spec(0, Long.MAX_VALUE, 0);
    try (EventLog log = EventLog.open(home.resolve("log"), spec, time);
        LogPump pump = started(log);
        LogHousekeeping housekeeping =
            new LogHousekeeping(
                log, pump, new Positions(home), LogHousekeeping.BeforeDeletion.NOTHING, time)) {
      housekeeping.start();
      assertThat(housekeeping.space()).isEqualTo(Space.NONE);
      assertThat(pump.offer(List.of(event("refused")), null)).isFalse();
    }
  }

  @Test
  void makesPagesReadyWithoutDisturbingWhatIsWritten() {
    LogSpec spec = spec(0, 0, 0);
    List<String> sent = new ArrayList<>();
    try (EventLog log = EventLog.open(home.resolve("log"), spec, time);
        LogPump pump = started(log);
        LogHousekeeping housekeeping =
            new LogHousekeeping(
                log, pump, new Positions(home), LogHousekeeping.BeforeDeletion.NOTHING, time)) {
      housekeeping.start();
      for (int round = 0; round < 200; round++) {
        List<Event> batch = new ArrayList<>();
        for (int number = 0; number < 200; number++) {
          batch.add(event("e" + round + "-" + number + "x".repeat(200)));
          sent.add(batch.get(number).id());
        }
        acknowledged(pump, batch);
      }
      assertThat(housekeeping.trouble()).isEmpty();
    }
    assertThat(folded).isEqualTo(sent);
    assertThat(inTheLog(spec)).isEqualTo(sent);
  }

  @Test
  void foldsOnceAcrossRollsAndWhatOthersAppendInBetween() {
    LogSpec spec = spec(0, 0, 0);
    List<String> sent = new ArrayList<>();
    try (EventLog log = EventLog.open(home.resolve("log"), spec, time);
        EventLog other = EventLog.open(home.resolve("log"), spec, time);
        LogPump pump = started(log);
        EventLog.Appender appender = other.appender()) {
      for (int round = 0; round < 30; round++) {
        String id = "r" + round;
        if (round % 3 == 1) {
          appender.append(dev.proffer.events.codec.LogCodec.encode(event(id)));
        } else {
          acknowledged(pump, id);
        }
        sent.add(id);
        if (round % 5 == 4) {
          now.addAndGet(MINUTE);
        }
      }
      await().until(() -> pump.folded() == sent.size());
    }
    assertThat(folded).containsExactlyInAnyOrderElementsOf(sent).doesNotHaveDuplicates();
    assertThat(inTheLog(spec)).containsExactlyInAnyOrderElementsOf(sent);
  }

  private LogPump started(EventLog log) {
    LogPump pump = new LogPump(log, fold, 10_000, 1_000_000);
    pump.start();
    return pump;
  }

  private List<String> inTheLog(LogSpec spec) {
    List<String> ids = new ArrayList<>();
    try (EventLog log = EventLog.open(home.resolve("log"), spec, time);
        EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        ids.add(((Event) entry).id());
      }
    }
    return ids;
  }

  private static LogSpec spec(long quota, long reserve, long retainMillis) {
    return new LogSpec(
        LogSpec.Durability.PROCESS,
        LogSpec.Roll.MINUTELY,
        quota,
        0.8,
        reserve,
        retainMillis,
        List.of(Positions.WAREHOUSE),
        1_000);
  }

  private static void acknowledged(LogPump pump, String id) {
    acknowledged(pump, List.of(event(id)));
  }

  private static void acknowledged(LogPump pump, List<Event> events) {
    CompletableFuture<@Nullable Throwable> done = new CompletableFuture<>();
    assertThat(pump.offer(events, done::complete)).isTrue();
    assertThat(done.orTimeout(20, TimeUnit.SECONDS).join()).isNull();
  }

  private static Event event(String id) {
    return new Event(id, "click", "u", "a", null, null, 1, 2, Map.of());
  }
}
