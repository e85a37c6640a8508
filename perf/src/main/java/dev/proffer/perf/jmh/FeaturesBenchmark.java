package dev.proffer.perf.jmh;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The features of one request: {@code ./proffer bench features}. A made-up shop of 10,000 items and
 * 60,000 events of a month, {@value #USERS} users of 200 events each, 200 candidates, most of them
 * what is chosen often. Every other request is a search, the others look at an item.
 *
 * <p>Each transformation has a loop of its own to compile: a short warm-up measures the compiler.
 *
 * <p>Expect 0 B/op but for what is searched for.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class FeaturesBenchmark {
  /** System property: a configuration with the contract to compute. */
  public static final String CONFIG = "proffer.bench.config";

  /** Candidates of a request. */
  public static final int CANDIDATES = 200;

  /** Events of a user. */
  public static final int EVENTS = 200;

  private static final int ITEMS = 10_000;
  private static final int USERS = 16; // a power of two
  private static final int OTHERS = 2_000;
  private static final int OTHERS_EVENTS = 60_000;
  private static final long DAY = 86_400_000;
  private static final long START = 20_000 * DAY;
  private static final long END = START + 30 * DAY;
  private static final String[] WORDS = {
    "red", "blue", "green", "shirt", "skirt", "blouse", "trousers", "summer", "winter", "cotton",
    "linen", "wool", "long", "short", "sleeve", "classic", "sport", "maternity", "dress", "jacket"
  };

  /** The contract. */
  @Param({"matrix"})
  public String contract = "matrix";

  /** Candidates of a request; 0 for the user's features alone. */
  @Param({"200"})
  public int candidates = CANDIDATES;

  private final FeatureInput in = new FeatureInput();
  private final UserSequence[] sequences = new UserSequence[USERS];
  private final RequestContext[] contexts = new RequestContext[USERS];
  private final int[] looked = new int[USERS];
  private final int[] items = new int[CANDIDATES];
  private float[] rows = new float[0];
  private @Nullable Contracts contracts;
  private @Nullable FeatureProgram program;
  private @Nullable Catalog catalog;
  private @Nullable Statistics statistics;
  private int request;

  /** Makes up the shop. */
  @Setup
  public void makeUp() {
    Problems problems = new Problems();
    Contracts read = Contracts.read(Path.of(System.getProperty(CONFIG, "configs")), problems);
    problems.throwIfAny();
    contracts = read;
    program = read.program(contract);
    rows = new float[CANDIDATES * program.contract().width()];
    Random random = new Random(1);
    LiveState state = new LiveState(read.sequence(), new HeapSequenceStore());
    for (int item = 0; item < ITEMS; item++) {
      state.apply(item(random, item));
    }
    for (int number = 0; number < OTHERS_EVENTS; number++) {
      long time = START + (END - START) / OTHERS_EVENTS * number;
      String user = "other-" + random.nextInt(OTHERS);
      if (number % 10 == 0) {
        state.apply(impression(random, user, time));
      }
      state.apply(event(random, user, number, time));
    }
    for (int user = 0; user < USERS; user++) {
      long time = START;
      for (int number = 0; number < EVENTS; number++) {
        // Sessions of ten.
        time +=
            number % 10 == 0 ? (END - START) / (EVENTS / 10 + 2) : 20_000 + random.nextInt(60_000);
        state.apply(event(random, "user-" + user, OTHERS_EVENTS + EVENTS * user + number, time));
      }
      sequences[user] = state.sequences().read("user-" + user);
      looked[user] = user % 2 == 0 ? Catalog.UNKNOWN : 1 + number(random);
      contexts[user] =
          user % 2 == 0
              ? new RequestContext("mobile", "search", words(random, 3))
              : new RequestContext("desktop", "item", "item-" + (looked[user] - 1));
    }
    catalog = state.catalog();
    statistics = state.statistics().snapshot();
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      items[candidate] = 1 + number(random);
    }
  }

  /** Some items are chosen far more often than others. */
  private static int number(Random random) {
    double share = random.nextDouble();
    return (int) (ITEMS * share * share * share);
  }

  private static String words(Random random, int count) {
    List<String> words = new ArrayList<>();
    for (int word = 0; word < count; word++) {
      words.add(WORDS[random.nextInt(WORDS.length)]);
    }
    return String.join(" ", words);
  }

  private static Item item(Random random, int number) {
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("number", (long) number / 40);
    attributes.put("price", 10.0 + random.nextInt(90));
    attributes.put("colour", "colour-" + random.nextInt(14));
    attributes.put("page", 1L + number / 40 % 5);
    attributes.put("review", words(random, 20) + ", very nice but not great");
    attributes.put("votes", (long) random.nextInt(50));
    attributes.put("helpful_votes", (long) random.nextInt(20));
    return new Item(
        "item-" + number,
        words(random, 4 + random.nextInt(4)),
        number % 40 == 0 ? "sale" : "category-" + number % 40,
        START - random.nextInt(1_000) * DAY,
        attributes);
  }

  private static Event event(Random random, String user, int number, long time) {
    String type = number % 20 == 0 ? "conversion" : number % 3 == 0 ? "click" : "view";
    Map<String, Object> fields = new HashMap<>();
    if (type.equals("conversion")) {
      fields.put("value", 5.0 + random.nextInt(100));
    }
    if (type.equals("click")) {
      fields.put("position", 1L + random.nextInt(10));
    }
    return new Event(
        "e" + number,
        type,
        user,
        "item-" + number(random),
        type.equals("click") ? "r" : null,
        null,
        time,
        time,
        fields);
  }

  private static Impression impression(Random random, String user, long time) {
    List<Impression.Shown> shown = new ArrayList<>();
    for (int slot = 0; slot < 10; slot++) {
      shown.add(new Impression.Shown("item-" + number(random), List.of(), 0, 0, 1, new float[0]));
    }
    return new Impression(
        "r",
        user,
        null,
        "mobile",
        null,
        "home",
        time,
        "ml_ranker",
        null,
        "",
        null,
        List.of(),
        CANDIDATES,
        shown);
  }

  /** The user's record is looked up. */
  @Benchmark
  public FeatureInput input() {
    int user = request++ & (USERS - 1);
    in.set(
        Objects.requireNonNull(catalog),
        Objects.requireNonNull(statistics),
        sequences[user],
        Objects.requireNonNull(contracts).sequence(),
        looked[user],
        0,
        contexts[user],
        END);
    return in;
  }

  /** The same, and the rows of a contract. */
  @Benchmark
  public float[] rows() {
    input();
    FeatureProgram of = Objects.requireNonNull(program);
    if (candidates == 0) {
      of.compute(in, rows);
    } else {
      of.compute(in, items, candidates, rows);
    }
    return rows;
  }
}
