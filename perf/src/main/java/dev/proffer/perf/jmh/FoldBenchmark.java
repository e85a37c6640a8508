package dev.proffer.perf.jmh;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.store.StoreBounds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an event of a home's log costs state as a gateway keeps it: {@code sequences} puts it into
 * its person's sequence, {@code all} counts it in the statistics too. Events come in the log's
 * order, a thousand at a time, and as other people's each time round, as {@code bench intake} sends
 * them. The home is {@code -Dproffer.bench.home=DIR}, one that {@code ./proffer demo} trained; a
 * copy of it, or one that no gateway serves. On one core it takes half a minute until all of it is
 * compiled.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 20, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class FoldBenchmark {
  private static final int EVENTS = 1_000;
  private static final int USERS = 100_000;

  private final List<Event> history = new ArrayList<>();
  private final Event[] events = new Event[EVENTS];
  private @Nullable ChronicleSequenceStore store;
  private @Nullable LiveState state;
  private long sent;

  /** Folds the log. */
  @Setup
  public void fold() {
    Problems problems = new Problems();
    Path configs = Path.of(System.getProperty("proffer.bench.config", "configs"));
    SequenceSpec spec = SequenceSpec.read(configs, problems);
    problems.throwIfAny();
    store = new ChronicleSequenceStore(new StoreBounds(USERS, StoreBounds.RECORD_BYTES, 0));
    state = new LiveState(spec, store);
    Path home = Path.of(System.getProperty("proffer.bench.home", "var"));
    try (EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        state.apply(entry);
        if (entry instanceof Event event) {
          history.add(event);
        }
      }
    }
    state.settle();
    if (history.size() < EVENTS) {
      throw new IllegalStateException("fewer than " + EVENTS + " events in the log of " + home);
    }
  }

  /** Makes the next events: now, with ids that were never there. */
  @Setup(Level.Invocation)
  public void next() {
    long now = System.currentTimeMillis();
    for (int at = 0; at < EVENTS; at++) {
      Event of = history.get((int) (sent % history.size()));
      String round = "-" + sent / history.size();
      events[at] =
          new Event(
              "event-" + sent++,
              of.type(),
              of.userId() + round,
              of.itemId(),
              null,
              of.sessionId(),
              now,
              now,
              of.fields());
    }
  }

  /** Sequences alone. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void sequences() {
    LiveState into = Objects.requireNonNull(state);
    for (Event event : events) {
      into.follow(event);
    }
  }

  /** Sequences and statistics. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void all() {
    LiveState into = Objects.requireNonNull(state);
    for (Event event : events) {
      into.apply(event);
    }
    into.settle();
  }

  /** Gives the memory off the heap back. */
  @TearDown
  public void close() {
    Objects.requireNonNull(store).close();
  }
}
