package dev.proffer.events.log;

import static dev.proffer.events.log.EventLogTest.all;
import static dev.proffer.events.log.EventLogTest.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More than is folded in a moment: acknowledged when it is kept, and folded behind, once. */
class LogPumpBurstTest {
  private static final int EACH = 100;
  private static final int ALL = Integer.MAX_VALUE / 2;

  @TempDir Path home;

  private EventLog log;
  private final Paced fold = new Paced();
  private final List<Answer> answers = new CopyOnWriteArrayList<>();

  /** What was said of a submission, and how much was folded by then. */
  private record Answer(String name, boolean kept, int folded) {}

  /** Folds as many entries as it is let, and holds the pump while the gate is shut. */
  private static final class Paced implements LogPump.Fold {
    private final List<LogEntry> folded = new CopyOnWriteArrayList<>();
    private final Semaphore allowed = new Semaphore(ALL);
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch heldBy = gate;

    @Override
    public void apply(LogEntry entry) {
      allowed.acquireUninterruptibly();
      folded.add(entry);
    }

    @Override
    public void caughtUp() {
      heldBy = gate;
      try {
        if (!heldBy.await(60, TimeUnit.SECONDS)) {
          throw new IllegalStateException("the test forgot to open the gate");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @BeforeEach
  void open() {
    log = EventLog.open(home.resolve("log"));
  }

  @AfterEach
  void close() {
    log.close();
  }

  private LogPump started(EventLog of, int mostBehind) {
    LogPump pump = new LogPump(of, fold, 10_000, mostBehind);
    pump.start();
    return pump;
  }

  /** Has the pump find together what these hand over. */
  private void together(Runnable handOver) {
    CountDownLatch shut = new CountDownLatch(1);
    fold.gate = shut;
    await().until(() -> fold.heldBy == shut);
    handOver.run();
    shut.countDown();
  }

  private void offer(LogPump pump, String name, List<? extends LogEntry> entries) {
    assertThat(
            pump.offer(
                entries,
                failure -> answers.add(new Answer(name, failure == null, fold.folded.size()))))
        .isTrue();
  }

  private void offer(LogPump pump, String... names) {
    for (String name : names) {
      offer(pump, name, batch(name));
    }
  }

  private static List<Event> batch(String name) {
    List<Event> events = new ArrayList<>();
    for (int number = 0; number < EACH; number++) {
      events.add(event(name + "-" + number));
    }
    return events;
  }

  private static List<LogEntry> batches(String... names) {
    List<LogEntry> events = new ArrayList<>();
    for (String name : names) {
      events.addAll(batch(name));
    }
    return events;
  }

  private void awaitAnswers(int count) {
    await().until(() -> answers.size() == count);
    assertThat(answers).allMatch(Answer::kept);
  }

  @Test
  void isAcknowledgedWhenItIsKeptAndFoldedBehindInItsOrder() {
    try (LogPump pump = started(log, 1_000_000)) {
      fold.allowed.drainPermits();
      together(
          () -> {
            offer(pump, "a", "b", "c");
            offer(pump, "again", batch("b"));
          });
      awaitAnswers(4);
      assertThat(answers).allMatch(answer -> answer.folded() == 0);
      assertThat(all(log)).isEqualTo(batches("a", "b", "c"));
      assertThat(pump.behind()).isEqualTo(300);
      assertThat(pump.depth()).isZero();

      offer(pump, "d");
      fold.allowed.release(ALL);
      awaitAnswers(5);
      await().until(() -> pump.behind() == 0);
      assertThat(fold.folded).isEqualTo(batches("a", "b", "c", "d"));
      assertThat(pump.duplicates()).isEqualTo(EACH);

      offer(pump, "e");
      awaitAnswers(6);
      assertThat(answers.get(5).folded()).as("caught up again").isEqualTo(500);
    }
  }

  @Test
  void ofOneSenderOrOfNobodyWhoWaitsIsFoldedFirst() {
    try (LogPump pump = started(log, 1_000_000)) {
      together(() -> offer(pump, "alone", batches("a", "b")));
      awaitAnswers(1);
      assertThat(answers.get(0).folded()).isEqualTo(200);

      together(
          () -> {
            assertThat(pump.offer(batch("c"), null)).isTrue();
            assertThat(pump.offer(batch("d"), null)).isTrue();
            offer(pump, "e", batch("e"));
          });
      awaitAnswers(2);
      assertThat(answers.get(1).folded()).isEqualTo(500);
    }
  }

  @Test
  void showsAnItemBeforeItSaysThatItIsKept() {
    Item item = new Item("i", "I", null, 1, Map.of());
    try (LogPump pump = started(log, 1_000_000)) {
      together(
          () -> {
            offer(pump, "a", "b");
            offer(pump, "item", List.of(item));
            offer(pump, "c");
          });
      awaitAnswers(4);
      assertThat(answers).extracting(Answer::name).containsExactly("a", "b", "c", "item");
      assertThat(answers.get(3).folded()).isGreaterThan(200);
      assertThat(fold.folded.get(200)).isEqualTo(item);
    }
  }

  @Test
  void isFoldedOnceWithWhatOthersAppendMeanwhile() {
    try (EventLog others = EventLog.open(home.resolve("log"));
        EventLog.Appender other = others.appender();
        LogPump pump = started(log, 1_000_000)) {
      fold.allowed.drainPermits();
      together(() -> offer(pump, "a", "b"));
      awaitAnswers(2);
      other.append(LogCodec.encode(event("theirs")));
      other.append(LogCodec.encode(event("a-7"))); // ours before
      other.append(LogCodec.encode(event("c-3"))); // and theirs first
      offer(pump, "c");
      fold.allowed.release(ALL);
      awaitAnswers(3);
      await().until(() -> pump.behind() == 0 && fold.folded.size() == 301);

      List<LogEntry> expected = batches("a", "b");
      expected.add(event("theirs"));
      expected.addAll(batch("c"));
      assertThat(fold.folded).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(pump.duplicates()).isEqualTo(2);
    }
  }

  @Test
  void makesThoseBehindItWaitOnceTheFoldIsTooFarBehind() {
    try (LogPump pump = started(log, 200)) {
      fold.allowed.drainPermits();
      together(() -> offer(pump, "a", "b", "c", "d", "e"));
      awaitAnswers(5);
      offer(pump, "late");
      fold.allowed.release(250);
      await().until(() -> fold.folded.size() == 250);
      assertThat(answers).hasSize(5);

      fold.allowed.release(ALL);
      awaitAnswers(6);
      assertThat(answers.get(5).folded()).isGreaterThan(300);
    }
    assertThat(fold.folded).isEqualTo(batches("a", "b", "c", "d", "e", "late"));
  }

  @Test
  void isFoldedFirstWhereNoneMayBeBehind() {
    try (LogPump pump = started(log, 0)) {
      together(() -> offer(pump, "a", "b", "c"));
      awaitAnswers(3);
      assertThat(answers).allMatch(answer -> answer.folded() == 300);
    }
  }

  @Test
  void isFoldedToItsEndBeforeThePumpEnds() {
    LogPump pump = started(log, 1_000_000);
    fold.allowed.drainPermits();
    together(() -> offer(pump, "a", "b"));
    awaitAnswers(2);
    fold.allowed.release(ALL);
    pump.close();

    LogPump.End end = Objects.requireNonNull(pump.end());
    assertThat(end.index()).isEqualTo(log.lastIndex());
    LogPump next = new LogPump(log, fold, 10, 1_000_000);
    next.startAfter(end.index(), end.ids());
    next.close();
    assertThat(fold.folded).isEqualTo(batches("a", "b"));
  }

  @Test
  void isLeftToTheNextStartWhereTheStopIsInAHurry() {
    LogPump pump = started(log, 1_000_000);
    fold.allowed.drainPermits();
    together(() -> offer(pump, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"));
    awaitAnswers(12);
    pump.close(50);
    fold.allowed.release(1_024);
    pump.close(60_000);
    assertThat(pump.end()).as("no checkpoint is written of it").isNull();
    assertThat(fold.folded).hasSize(1_024);

    fold.folded.clear();
    fold.allowed.release(ALL);
    try (LogPump next = started(log, 1_000_000)) {
      offer(next, "m");
      awaitAnswers(13);
    }
    assertThat(fold.folded).hasSize(1_300).doesNotHaveDuplicates();
  }

  @Test
  void isRefusedWhereItCannotBeSyncedAndFoldedOnceWhenItIsSentAgain() {
    LogSpec power =
        new LogSpec(LogSpec.Durability.POWER, LogSpec.Roll.HOURLY, 0, 0.8, 0, 0, List.of(), 1_000);
    boolean[] broken = {true};
    try (EventLog kept = EventLog.open(home.resolve("kept"), power, null)) {
      kept.watch(
          new EventLog.SyncObserver() {
            @Override
            public void begins() throws IOException {
              if (broken[0]) {
                throw new IOException("no disk");
              }
            }

            @Override
            public void done() {}
          });
      try (LogPump pump = started(kept, 1_000_000)) {
        together(() -> offer(pump, "a", "b"));
        await().until(() -> answers.size() == 2);
        assertThat(answers).noneMatch(Answer::kept);
        broken[0] = false;
        answers.clear();
        together(() -> offer(pump, "a", "b"));
        awaitAnswers(2);
      }
      assertThat(all(kept)).hasSize(400);
      assertThat(fold.folded).isEqualTo(batches("a", "b"));
    }
  }
}
