package dev.proffer.events.log;

import static dev.proffer.events.log.EventLogTest.all;
import static dev.proffer.events.log.EventLogTest.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogPumpTest {
  @TempDir Path home;

  private EventLog log;
  private final Remembering fold = new Remembering();

  /** Remembers what was folded, and can be held up or made to fail. */
  private static final class Remembering implements LogPump.Fold {
    private final List<LogEntry> folded = new CopyOnWriteArrayList<>();
    private final AtomicInteger caughtUp = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch heldBy = gate;
    private volatile String failsOn = "";

    @Override
    public void apply(LogEntry entry) {
      if (entry instanceof Event event && event.id().equals(failsOn)) {
        throw new IllegalStateException("cannot fold " + event.id());
      }
      folded.add(entry);
    }

    @Override
    public void caughtUp() {
      caughtUp.incrementAndGet();
      heldBy = gate;
      try {
        if (!heldBy.await(60, TimeUnit.SECONDS)) {
          throw new IllegalStateException("the test forgot to open the gate");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    List<String> ids() {
      List<String> ids = new ArrayList<>();
      for (LogEntry entry : folded) {
        ids.add(entry instanceof Event event ? event.id() : ((Item) entry).id());
      }
      return ids;
    }

    /** Holds the pump at the end of its next look at the log. */
    CountDownLatch hold() {
      CountDownLatch latch = new CountDownLatch(1);
      gate = latch;
      await().until(() -> heldBy == latch);
      return latch;
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

  @Test
  void acknowledgesOnceTheEntryIsInTheLogAndFolded() {
    try (LogPump pump = started(100)) {
      for (int number = 0; number < 50; number++) {
        String id = "e" + number;
        AtomicReference<List<String>> foldedThen = new AtomicReference<>();
        AtomicReference<List<LogEntry>> loggedThen = new AtomicReference<>();
        boolean taken =
            pump.offer(
                List.of(event(id)),
                failure -> {
                  assertThat(failure).isNull();
                  foldedThen.set(fold.ids());
                  loggedThen.set(all(log));
                });
        assertThat(taken).isTrue();
        await().until(() -> loggedThen.get() != null);
        assertThat(foldedThen.get()).endsWith(id);
        assertThat(loggedThen.get()).endsWith(event(id));
      }
      assertThat(pump.appended()).isEqualTo(50);
      assertThat(pump.folded()).isEqualTo(50);
      assertThat(pump.depth()).isZero();
    }
  }

  @Test
  void foldsTheHistoryBeforeItSaysThatItHasCaughtUp() {
    append(log, "old-1", "old-2");
    try (LogPump pump = started(10)) {
      await().until(() -> fold.caughtUp.get() > 0);
      assertThat(fold.ids()).containsExactly("old-1", "old-2");
      assertThat(pump.appended()).isZero();
    }
  }

  @Test
  void acknowledgesARepeatedEventAndKeepsItOnce() {
    append(log, "old");
    try (LogPump pump = started(100)) {
      acknowledged(pump, "e1", "e2", "e1");
      acknowledged(pump, "e1");
      acknowledged(pump, "old");
      acknowledged(pump, "e2", "e3");
      CountDownLatch latch = fold.hold();
      AtomicInteger answers = new AtomicInteger();
      for (int copy = 0; copy < 5; copy++) {
        pump.offer(List.of(event("together")), failure -> answers.incrementAndGet());
      }
      latch.countDown();
      await().until(() -> answers.get() == 5);

      assertThat(pump.duplicates()).isEqualTo(8);
    }
    assertThat(fold.ids()).containsExactly("old", "e1", "e2", "e3", "together");
    assertThat(all(log)).hasSize(5);
  }

  @Test
  void keepsAnItemEveryTimeItIsSent() {
    Item item = new Item("a", "A", null, 1, Map.of());
    try (LogPump pump = started(100)) {
      acknowledged(pump, List.of(item, item));
    }
    assertThat(all(log)).containsExactly(item, item);
  }

  @Test
  void followsWhatAnotherProcessAppends() {
    try (EventLog other = EventLog.open(home.resolve("log"));
        LogPump pump = started(100)) {
      acknowledged(pump, "mine");
      append(other, "theirs", "mine", "theirs-too");
      await().until(() -> fold.ids().contains("theirs-too"));
      acknowledged(pump, "theirs");

      assertThat(fold.ids()).containsExactly("mine", "theirs", "theirs-too");
      assertThat(pump.appended()).isEqualTo(1);
      assertThat(pump.duplicates()).isEqualTo(2);
    }
  }

  @Test
  void saysNoWhenTheQueueIsFullAndYesAgainLater() {
    try (LogPump pump = started(3)) {
      CountDownLatch latch = fold.hold();
      AtomicInteger answers = new AtomicInteger();
      for (int number = 0; number < 3; number++) {
        assertThat(pump.offer(List.of(event("e" + number)), failure -> answers.incrementAndGet()))
            .isTrue();
      }
      assertThat(pump.depth()).isEqualTo(3);
      assertThat(pump.offer(List.of(event("too many")), failure -> answers.addAndGet(100)))
          .isFalse();
      assertThat(pump.depth()).isEqualTo(3);
      latch.countDown();
      await().until(() -> answers.get() == 3);

      acknowledged(pump, "later");
    }
    assertThat(fold.ids()).containsExactly("e0", "e1", "e2", "later");
  }

  @Test
  void takesNothingForAnEntryThatCannotBeEncoded() {
    Item unplain = new Item("a", "A", null, 1, Map.of("list", List.of()));
    try (LogPump pump = started(1)) {
      for (int round = 0; round < 3; round++) {
        assertThatThrownBy(() -> pump.offer(List.of(unplain), null))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThat(pump.depth()).isZero();
      acknowledged(pump, "e");
    }
  }

  @Test
  void writesAndAcknowledgesWhatWaitsWhenItCloses() {
    LogPump pump = started(1_000);
    CountDownLatch latch = fold.hold();
    AtomicInteger answers = new AtomicInteger();
    for (int number = 0; number < 500; number++) {
      pump.offer(List.of(event("e" + number)), failure -> answers.incrementAndGet());
    }
    latch.countDown();
    pump.close();

    assertThat(answers).hasValue(500);
    assertThat(all(log)).hasSize(500);
    assertThat(pump.offer(List.of(event("late")), null)).isFalse();
  }

  @Tag("slow")
  @Test
  void answersEverythingItTookAlsoWhileItCloses() throws InterruptedException {
    for (int round = 0; round < 10; round++) {
      LogPump pump = started(1_000);
      AtomicBoolean closing = new AtomicBoolean();
      Set<String> taken = ConcurrentHashMap.newKeySet();
      Set<String> answered = ConcurrentHashMap.newKeySet();
      CountDownLatch going = new CountDownLatch(2);
      List<Thread> callers = new ArrayList<>();
      for (int caller = 0; caller < 2; caller++) {
        String prefix = round + "-" + caller + "-";
        callers.add(
            new Thread(
                () -> {
                  int took = 0;
                  for (int number = 0; ; number++) {
                    String id = prefix + number;
                    if (!pump.offer(
                        List.of(event(id)),
                        failure -> {
                          if (failure == null) {
                            answered.add(id);
                          }
                        })) {
                      if (closing.get()) {
                        break;
                      }
                      continue;
                    }
                    taken.add(id);
                    if (++took == 50) {
                      going.countDown();
                    }
                  }
                }));
      }
      callers.forEach(Thread::start);
      assertThat(going.await(20, TimeUnit.SECONDS)).isTrue();
      closing.set(true);
      pump.close();
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(answered).as("round %d", round).isEqualTo(taken);
    }
  }

  @Test
  void takesEntriesNobodyWaitsFor() {
    try (LogPump pump = started(10)) {
      assertThat(pump.offer(List.of(event("e")), null)).isTrue();
      await().until(() -> fold.ids().contains("e"));
      await().until(() -> pump.depth() == 0);
    }
  }

  @Test
  void countsWhatCannotBeRead() {
    try (EventLog.Appender appender = log.appender()) {
      appender.append(new byte[] {1});
    }
    try (LogPump pump = started(10)) {
      acknowledged(pump, "e");
      assertThat(pump.unreadable()).isEqualTo(1);
      assertThat(pump.folded()).isEqualTo(1);
    }
  }

  @Test
  void outlivesACompletionThatThrows() {
    try (LogPump pump = started(10)) {
      pump.offer(
          List.of(event("e1")),
          failure -> {
            throw new IllegalStateException("the loop is gone");
          });
      acknowledged(pump, "e2");
    }
    assertThat(fold.ids()).containsExactly("e1", "e2");
  }

  @Test
  void leavesNobodyWaitingWhenTheFoldFails() {
    fold.failsOn = "bad";
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicReference<Throwable> diedOf = new AtomicReference<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> diedOf.set(failure));
    try {
      LogPump pump = started(100);
      CountDownLatch latch = fold.hold();
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      AtomicInteger answers = new AtomicInteger();
      for (String id : List.of("good", "bad", "behind")) {
        pump.offer(
            List.of(event(id)),
            failure -> {
              answers.incrementAndGet();
              if (failure != null) {
                failures.add(failure);
              }
            });
      }
      latch.countDown();
      await().dontCatchUncaughtExceptions().until(() -> answers.get() == 3);
      await().dontCatchUncaughtExceptions().until(() -> diedOf.get() != null);

      assertThat(failures).hasSize(3);
      assertThat(pump.offer(List.of(event("later")), null)).isFalse();
      assertThat(diedOf.get()).hasMessage("cannot fold bad");
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  private LogPump started(int capacity) {
    LogPump pump = new LogPump(log, fold, capacity, 1_000_000);
    pump.start();
    return pump;
  }

  private static void acknowledged(LogPump pump, String... ids) {
    List<Event> events = new ArrayList<>();
    for (String id : ids) {
      events.add(event(id));
    }
    acknowledged(pump, events);
  }

  private static void acknowledged(LogPump pump, List<? extends LogEntry> entries) {
    AtomicInteger answers = new AtomicInteger();
    assertThat(pump.offer(entries, failure -> answers.addAndGet(failure == null ? 1 : 100)))
        .isTrue();
    await().until(() -> answers.get() > 0);
    assertThat(answers).hasValue(1);
  }

  private static void append(EventLog to, String... ids) {
    try (EventLog.Appender appender = to.appender()) {
      for (String id : ids) {
        appender.append(LogCodec.encode(event(id)));
      }
    }
  }

  /** Watches the syncs of a log, holds them up and makes them fail. */
  private static final class Disk implements EventLog.SyncObserver {
    private final EventLog log;
    private final Set<LogEntry> durable = ConcurrentHashMap.newKeySet();
    private final AtomicInteger begun = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile boolean broken;
    private List<LogEntry> under = List.of(); // of the pump's thread

    Disk(EventLog log) {
      this.log = log;
    }

    @Override
    public void begins() throws IOException {
      under = all(log);
      begun.incrementAndGet();
      try {
        if (!gate.await(20, TimeUnit.SECONDS)) {
          throw new IOException("the test forgot to open the gate");
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (broken) {
        throw new IOException("no disk");
      }
    }

    @Override
    public void done() {
      durable.addAll(under);
    }
  }

  private EventLog kept() {
    LogSpec spec =
        new LogSpec(LogSpec.Durability.POWER, LogSpec.Roll.HOURLY, 0, 0.8, 0, 0, List.of(), 1_000);
    return EventLog.open(home.resolve("kept"), spec, null);
  }

  @Test
  void acknowledgesUnderPowerOnlyWhatWasSyncedBefore() throws Exception {
    int each = 60;
    try (EventLog kept = kept()) {
      Disk disk = new Disk(kept);
      kept.watch(disk);
      AtomicInteger acknowledged = new AtomicInteger();
      List<String> early = new CopyOnWriteArrayList<>();
      try (LogPump pump = new LogPump(kept, fold, 10_000, 1_000_000)) {
        pump.start();
        CountDownLatch held = new CountDownLatch(1);
        disk.gate = held;
        List<Thread> threads = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
          String name = "t" + thread + "-";
          threads.add(
              new Thread(
                  () -> {
                    for (int number = 0; number < each; number++) {
                      Event event = event(name + number);
                      pump.offer(
                          List.of(event),
                          failure -> {
                            if (failure != null || !disk.durable.contains(event)) {
                              early.add(event.id());
                            }
                            acknowledged.incrementAndGet();
                          });
                    }
                  }));
        }
        threads.forEach(Thread::start);
        await().until(() -> disk.begun.get() > 0);
        for (Thread thread : threads) {
          thread.join();
        }
        assertThat(acknowledged).hasValue(0); // the disk has not answered
        held.countDown();
        await().until(() -> acknowledged.get() == 4 * each);
        assertThat(early).isEmpty();
        assertThat(disk.begun.get()).isLessThan(4 * each); // one sync for all that wait
      }
    }
  }

  @Test
  void refusesWhatCouldNotBeSyncedAndWritesItAgainWhenItIsSentAgain() throws Exception {
    try (EventLog kept = kept()) {
      Disk disk = new Disk(kept);
      kept.watch(disk);
      try (LogPump pump = new LogPump(kept, fold, 100, 1_000_000)) {
        pump.start();
        disk.broken = true;
        assertThat(outcome(pump, event("a"))).isInstanceOf(IOException.class).hasMessage("no disk");
        assertThat(outcome(pump, event("a"))).isInstanceOf(IOException.class);
        disk.broken = false;
        int before = disk.begun.get();
        assertThat(outcome(pump, event("a"))).isNull();
        assertThat(disk.begun.get()).isGreaterThan(before);
        assertThat(pump.duplicates()).isZero();
        assertThat(outcome(pump, event("a"))).isNull(); // now it is a repetition
        assertThat(pump.duplicates()).isEqualTo(1);
      }
      assertThat(all(kept)).hasSize(3).containsOnly(event("a"));
      assertThat(fold.ids()).containsExactly("a");
    }
  }

  private static @Nullable Throwable outcome(LogPump pump, Event event) throws Exception {
    CompletableFuture<Optional<Throwable>> done = new CompletableFuture<>();
    assertThat(pump.offer(List.of(event), failure -> done.complete(Optional.ofNullable(failure))))
        .isTrue();
    return done.get(20, TimeUnit.SECONDS).orElse(null);
  }
}
