package dev.proffer.perf.jmh;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The declared statistics of the shipped {@code statistics.yaml} over 10,000 items and a month:
 * folding one event or impression into all that count it, and one feature for 200 candidates. The
 * set-up prints how many bytes of heap a key takes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StatisticsBenchmark {
  private static final int ITEMS = 10_000;
  private static final int CANDIDATES = 200;
  private static final int EVENTS = 1_000_000;
  private static final int MANY = 4_096;
  private static final int SLOTS = 10;
  private static final long DAY = 86_400_000;
  private static final long START = 20_000 * DAY;
  private static final long END = START + 30 * DAY;

  private final Catalog.Builder items = new Catalog.Builder();
  private final Event[] clicks = new Event[MANY];
  private final Impression[] impressions = new Impression[MANY];
  private final int[] candidates = new int[CANDIDATES];
  private final float[] row = new float[CANDIDATES];
  private final FeatureInput in = new FeatureInput();
  private @Nullable Statistics statistics;
  private @Nullable FeatureProgram windowed;
  private @Nullable FeatureProgram decayed;
  private @Nullable FeatureProgram rate;
  private @Nullable FeatureProgram debiased;
  private int at;

  /** Counts a month. */
  @Setup
  public void count() throws IOException {
    Contracts read = contracts();
    SequenceSpec sequence = read.sequence();
    Random random = new Random(1);
    for (int item = 0; item < ITEMS; item++) {
      items.put(new Item("item-" + item, "An item", "category-" + item % 40, 0, Map.of()));
    }
    Statistics counted =
        new Statistics(
            sequence.sessionGapMillis(), sequence.orderAttribute(), sequence.statistics());
    long before = usedHeap();
    for (int number = 0; number < EVENTS; number++) {
      long time = START + (END - START) / EVENTS * number;
      if (number % 10 == 0) {
        counted.declared().observe(impression(random, time), items);
      } else {
        Event click = click(random, time);
        counted
            .declared()
            .observe(click, items.index(Objects.requireNonNull(click.itemId())), items);
      }
    }
    report(counted, usedHeap() - before);
    for (int number = 0; number < MANY; number++) {
      clicks[number] = click(random, END);
      impressions[number] = impression(random, END);
    }
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      candidates[candidate] = 1 + random.nextInt(ITEMS);
    }
    statistics = counted;
    windowed = read.program("windowed");
    decayed = read.program("decayed");
    rate = read.program("rate");
    debiased = read.program("debiased");
    in.set(
        items.build(), counted.snapshot(), UserSequence.EMPTY, sequence, Catalog.UNKNOWN, 0, END);
  }

  private static Contracts contracts() throws IOException {
    Path shipped = Path.of(System.getProperty("proffer.bench.config", "configs"));
    Path home = Files.createTempDirectory("proffer-statistics");
    for (String file : List.of("events.yaml", "sequences.yaml", "statistics.yaml")) {
      Files.copy(shipped.resolve(file), home.resolve(file));
    }
    Files.writeString(
        home.resolve("features.yaml"),
        """
        contracts:
          windowed:
            features:
              - {name: a, transformation: statistic, parameters: {statistic: item_answers, hours: 168}}
          decayed:
            features:
              - {name: a, transformation: decayed-statistic, parameters: {statistic: item_clicks, half-life-hours: 72}}
          rate:
            features:
              - {name: a, transformation: rate, parameters: {statistic: item_answers, over: item_impressions, hours: 168, weight: 50}}
          debiased:
            features:
              - {name: a, transformation: position-debiased-rate, parameters: {clicks: item_answers, impressions: item_position_impressions, clicks-by-position: position_answers, impressions-by-position: position_impressions, hours: 168}}
        """);
    Problems problems = new Problems();
    Contracts contracts = Contracts.read(home, problems);
    problems.throwIfAny();
    return contracts;
  }

  private static Event click(Random random, long time) {
    return new Event(
        "e",
        "click",
        "u",
        item(random),
        "r",
        null,
        time,
        time,
        Map.of("position", 1L + random.nextInt(SLOTS)));
  }

  private static Impression impression(Random random, long time) {
    List<Impression.Shown> shown = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      shown.add(new Impression.Shown(item(random), List.of(), 0, 0, 1, new float[0]));
    }
    return new Impression(
        "r",
        "u",
        null,
        "phone",
        item(random),
        "item",
        time,
        "ml_ranker",
        null,
        "",
        null,
        List.of(),
        CANDIDATES,
        shown);
  }

  /** Some items are chosen far more often than others. */
  private static String item(Random random) {
    double share = random.nextDouble();
    return "item-" + (int) (ITEMS * share * share * share);
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    for (int round = 0; round < 3; round++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void report(Statistics counted, long bytes) {
    long keys = 0;
    for (int number = 0; number < counted.declared().spec().statistics().size(); number++) {
      keys += Objects.requireNonNull(counted.declared().counts(number)).keys();
    }
    System.out.printf("%,d keys in %,d bytes: %d bytes a key%n", keys, bytes, bytes / keys);
  }

  /** One click, into every statistic that counts clicks. */
  @Benchmark
  public void foldClick() {
    Event click = clicks[at++ & MANY - 1];
    counted().declared().observe(click, items.index(Objects.requireNonNull(click.itemId())), items);
  }

  /** One impression of ten slots, into every statistic that counts impressions. */
  @Benchmark
  public void foldImpression() {
    counted().declared().observe(impressions[at++ & MANY - 1], items);
  }

  /** A week's count of 200 candidates. */
  @Benchmark
  public float[] readWindow() {
    return read(windowed);
  }

  /** A decayed count of 200 candidates. */
  @Benchmark
  public float[] readDecayed() {
    return read(decayed);
  }

  /** A week's shrunk click rate of 200 candidates. */
  @Benchmark
  public float[] readRate() {
    return read(rate);
  }

  /** A week's click rate of 200 candidates, debiased over 20 slots. */
  @Benchmark
  public float[] readDebiasedRate() {
    return read(debiased);
  }

  private float[] read(@Nullable FeatureProgram program) {
    Objects.requireNonNull(program).compute(in, candidates, CANDIDATES, row);
    return row;
  }

  private Statistics counted() {
    return Objects.requireNonNull(statistics);
  }
}
