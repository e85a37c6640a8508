package dev.proffer.perf.jmh;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.candidates.lucene.ItemSearch;
import dev.proffer.candidates.lucene.NearVectors;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.candidates.source.Vectors;
import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
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
 * What candidates cost over 100,000 items of 200 categories: {@link #find} by one source or by
 * those that are shipped, {@link #onTheLoop} of it, and {@link #change}, a catalog, its statistics
 * and its index renewed after one item was put, which the log's thread does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CandidatesBenchmark {
  private static final int ITEMS = 100_000;
  private static final int CATEGORIES = 200;
  private static final int EVENTS = 1_000_000;
  private static final int PEOPLE = 20_000;
  private static final int DIMENSIONS = 32;
  private static final int REQUESTS = 64;
  private static final long HOUR = 3_600_000;
  private static final long START = 480_000 * HOUR;
  private static final long END = START + 40 * HOUR;
  private static final List<String> WORDS =
      List.of("blue", "skirt", "summer", "trousers", "green", "shirt", "winter", "coat", "wool");

  /** The source, or shipped for those of the shipped file. */
  @Param({
    "shipped",
    "follows",
    "recent",
    "category",
    "popular",
    "new",
    "popular-context",
    "trending",
    "search",
    "similar-items"
  })
  public String source = "shipped";

  private final SequenceSpec spec = new SequenceSpec(List.of("view"), 200, 30 * 60_000L, "");
  private final Catalog.Builder items = new Catalog.Builder();
  private final FeatureInput[] requests = new FeatureInput[REQUESTS];
  private final CandidateSet set = new CandidateSet();
  private @Nullable Statistics statistics;
  private @Nullable CatalogIndex index;
  private @Nullable Candidates candidates;
  private int at;
  private long changes;

  /** Fills the shop. */
  @Setup
  public void fill() throws IOException, TableRefused {
    Random random = new Random(1);
    Path home = Files.createTempDirectory("proffer-candidates");
    CandidatesSpec sources = configure(home);
    for (int item = 0; item < ITEMS; item++) {
      items.put(item(item, random));
    }
    Statistics counted =
        new Statistics(spec.sessionGapMillis(), "", StatisticsSpec.read(home, new Problems()));
    UserSequence[] people = new UserSequence[PEOPLE];
    for (int event = 0; event < EVENTS; event++) {
      int who = random.nextInt(PEOPLE);
      UserSequence before = people[who] == null ? UserSequence.EMPTY : people[who];
      String id = "i" + (int) (ITEMS * Math.pow(random.nextDouble(), 3));
      long time = START + (END - START) / EVENTS * event;
      int item = items.index(id);
      counted.observe(before, time, event, item, items, spec.maxLength());
      counted
          .declared()
          .observe(new Event("e", "view", "u", id, null, null, time, time, Map.of()), item, items);
      people[who] = before.with(time, Hash64.of(id), event, 1, spec.maxLength());
    }
    Catalog catalog = items.build();
    CatalogIndex made = new CatalogIndex(catalog, counted.snapshot());
    if (source.equals("search")) {
      made = made.with(new ItemSearch().update(catalog));
    }
    for (Vectors.Wanted wanted : sources.vectors()) {
      made = made.with(wanted, NearVectors.of(table(home, random), wanted));
    }
    boolean searching = source.equals("search");
    for (int request = 0; request < REQUESTS; request++) {
      FeatureInput in = new FeatureInput();
      String words =
          WORDS.get(random.nextInt(WORDS.size()))
              + " "
              + WORDS.get(random.nextInt(WORDS.size())).substring(0, 3);
      in.set(
          catalog,
          counted.snapshot(),
          people[random.nextInt(PEOPLE)],
          spec,
          1 + random.nextInt(ITEMS),
          0,
          searching ? new RequestContext("", "search", words) : new RequestContext("", "item", "i"),
          END);
      requests[request] = in;
    }
    statistics = counted;
    index = made;
    candidates = new Candidates(sources);
  }

  private static Item item(int number, Random random) {
    String title =
        WORDS.get(random.nextInt(WORDS.size()))
            + " "
            + WORDS.get(random.nextInt(WORDS.size()))
            + " "
            + number;
    return new Item(
        "i" + number,
        title,
        "c" + number % CATEGORIES,
        random.nextInt(1_000_000),
        Map.of("price", 5.0 + number % 97, "colour", WORDS.get(number % WORDS.size())));
  }

  private CandidatesSpec configure(Path home) throws IOException {
    Files.writeString(
        home.resolve(StatisticsSpec.FILE),
        """
        statistics:
          hourly: {by: item, events: [view], bucket-minutes: 60, buckets: 49}
        """);
    Files.writeString(
        home.resolve(TablesSpec.FILE),
        """
        tables:
          shape: {entity: item, columns: [{name: vector, type: vector, dimensions: 32}]}
        """);
    String one =
        switch (source) {
          case "trending" -> "  - {name: trending, reason: r, statistic: hourly}\n";
          case "similar-items" -> "  - {name: similar-items, reason: r, table: shape}\n";
          case "shipped" ->
              """
                - {name: search, quota: 120, reason: r}
                - {name: follows, quota: 120, reason: r}
                - {name: recent, quota: 30, reason: r}
                - {name: category, quota: 80, reason: r}
                - {name: new, quota: 10, reason: r}
                - {name: popular, quota: 200, reason: r}
              """;
          default -> "  - {name: " + source + ", reason: r}\n";
        };
    Files.writeString(home.resolve(CandidatesSpec.FILE), "sources:\n" + one);
    Problems problems = new Problems();
    CandidatesSpec read = CandidatesSpec.read(home, problems);
    problems.throwIfAny();
    return read;
  }

  private static AttributeTable table(Path home, Random random) throws IOException, TableRefused {
    TableSpec shape =
        new TableSpec(
            "shape", TableSpec.ITEM, List.of(TableSpec.Column.vector("vector", DIMENSIONS)), "");
    TableRegistry registry = new TableRegistry(home.resolve(TableRegistry.DIRECTORY));
    int unused =
        registry.publish(
            shape,
            "v",
            1,
            out -> {
              float[] vector = new float[DIMENSIONS];
              for (int item = 0; item < ITEMS; item++) {
                for (int place = 0; place < DIMENSIONS; place++) {
                  vector[place] = (float) random.nextGaussian();
                }
                out.begin("i" + item);
                out.vector(0, vector);
              }
            });
    return registry.open(shape, "v");
  }

  /** The candidates of a request. */
  @Benchmark
  public int find() {
    at = (at + 1) % REQUESTS;
    Objects.requireNonNull(candidates)
        .find(requests[at], Objects.requireNonNull(index), Set.of(), ItemFilter.NONE, set);
    return set.count();
  }

  /** What a loop does for it: looks whether it takes long, and finds what does not. */
  @Benchmark
  public int onTheLoop() {
    at = (at + 1) % REQUESTS;
    CatalogIndex all = Objects.requireNonNull(index);
    Candidates finder = Objects.requireNonNull(candidates);
    boolean quickly = finder.takesLong(requests[at], all);
    finder.find(requests[at], all, Set.of(), ItemFilter.NONE, quickly, set);
    return set.count();
  }

  /** What the world of requests is renewed for after one item was put. */
  @Benchmark
  public CatalogIndex change() {
    changes++;
    int item = (int) (changes * 7919 % ITEMS);
    Item before = items.item(items.index("i" + item));
    items.put(
        new Item(
            before.id(),
            before.title(),
            before.category(),
            before.addedMillis(),
            Map.of("price", changes, "colour", "blue"),
            before.validity(),
            before.changedMillis() + 1,
            false));
    CatalogIndex next =
        Objects.requireNonNull(index)
            .next(items.build(), Objects.requireNonNull(statistics).snapshot(), END + changes);
    index = next;
    return next;
  }
}
