package dev.proffer.perf.jmh;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Hash64;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.features.tables.Tables;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.pipeline.ContextType;
import dev.proffer.pipeline.Page;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.pipeline.SuggestQuery;
import dev.proffer.pipeline.World;
import dev.proffer.pipeline.rules.Reranking;
import dev.proffer.pipeline.rules.RulesSpec;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.TopK;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelRefused;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The way of a suggestion without HTTP, on a home's catalog, users and champion: {@code ./proffer
 * bench pipeline}. Each stage is measured alone on what the stages before it left, for some
 * requests prepared beforehand; but the matrix together with the input, which caches for it. {@link
 * #page} is the pipeline itself, for thousands of users.
 *
 * <p>Expect 0 B/op for candidates, matrix (beside the input's), score and all of select: what is
 * allocated grows with the propositions, not with the candidates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class SuggestPipelineBenchmark {
  /** System property: the home. */
  public static final String HOME = "proffer.bench.home";

  /** System property: the configuration. */
  public static final String CONFIG = "proffer.bench.config";

  /** How many items are given. */
  public static final int GIVEN = 100;

  private static final int LIMIT = 10;
  private static final int REQUESTS = 4_096; // a power of two, as the next

  /** Few enough to stay in the cache, where a live request's rows are too. */
  private static final int PREPARED = 16;

  private static final long SEED = 7;
  private static final int SHOWN = 100;
  private static final String RULES =
      """
      rules:
        - {rule: eligibility}
        - {rule: already, events: [conversion], within-hours: 720}
        - {rule: frequency-cap, most: 3}
        - {rule: boost, where: {colour: [black, blue]}, multiply: 1.2}
        - {rule: bury, where: {colour: grey}}
        - {rule: pin, slot: 2, where: {colour: red}}
        - {rule: category-cap, most: 4}
        - {rule: diversity, lambda: 0.7, depth: 50}
        - {rule: exploration, policy: POLICY, depth: 10, from-slot: 3}
      """;

  /** What is ranked: items the caller gives, or those the sources find. */
  @Param({"given", "found"})
  public String what = "found";

  private @Nullable Ready ready;
  private int request;

  private record Ready(
      SequenceStore sequences,
      SuggestPipeline pipeline,
      World world,
      Settings settings,
      ServedModel model,
      FeatureProgram program,
      Candidates finder,
      TopK topK,
      Reranking ruled,
      Reranking sampled,
      List<SuggestQuery> queries,
      List<Prepared> prepared) {

    FeatureInput set(SuggestQuery query, FeatureInput in) {
      in.set(
          world.catalog(),
          world.statistics(),
          sequences.read(query.userId()),
          settings.contracts().sequence(),
          Catalog.UNKNOWN,
          0,
          query.timeMillis());
      return in;
    }

    void find(Prepared one) {
      List<String> given = one.query().items();
      if (given == null) {
        finder.find(
            one.in(), world.index(), one.query().exclude(), one.query().filter(), one.set());
      } else {
        one.set().clear(world.catalog().size());
        for (String id : given) {
          one.set().append(world.catalog().index(id), 0);
        }
      }
    }

    void compute(Prepared one) {
      program.compute(one.in(), one.set().items(), one.set().count(), one.rows());
    }

    void score(Prepared one) {
      model.scorer().score(one.rows(), one.set().count(), one.scores());
    }
  }

  /** One request with what every stage leaves behind. */
  private record Prepared(
      SuggestQuery query,
      UserSequence sequence,
      FeatureInput in,
      CandidateSet set,
      float[] rows,
      float[] scores,
      int[] ties,
      int[] best,
      float[] contributions) {}

  /** Folds the log, loads the champion, makes the queries. */
  @Setup
  public void open() throws ModelRefused {
    Path home = Path.of(System.getProperty(HOME, "var"));
    Settings settings = Settings.read(Path.of(System.getProperty(CONFIG, "configs")));
    History history;
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      history = History.read(log, settings.contracts().sequence());
    }
    SequenceStore sequences = new ChronicleSequenceStore(100_000);
    LiveState state = new LiveState(settings.contracts().sequence(), sequences);
    history.items().forEach(state::apply);
    history.events().forEach(state::apply);
    ServedModel model = champion(home, settings);
    World world =
        World.of(
            state.catalog(),
            state.statistics().snapshot(),
            Map.of(SuggestPipeline.TASK, new World.Models(model, null)));
    List<SuggestQuery> queries = queries(history);
    FeatureContract contract =
        Objects.requireNonNull(settings.contracts().contract(model.contract()));
    Ready made =
        new Ready(
            sequences,
            new SuggestPipeline(settings.contracts(), settings.candidates(), settings.ranking()),
            world,
            settings,
            model,
            settings.contracts().program(model.contract()),
            new Candidates(settings.candidates()),
            new TopK(),
            reranking(history, "epsilon-greedy"),
            reranking(history, "thompson"),
            queries,
            new ArrayList<>());
    int most = Math.max(GIVEN, settings.candidates().maxCandidates());
    for (SuggestQuery query : queries.subList(0, PREPARED)) {
      Prepared one =
          new Prepared(
              query,
              made.sequences().read(query.userId()),
              made.set(query, new FeatureInput()),
              new CandidateSet(),
              new float[most * contract.width()],
              new float[most],
              IntStream.range(0, most).toArray(),
              new int[LIMIT],
              new float[contract.width()]);
      made.find(one);
      made.compute(one);
      made.score(one);
      made.prepared().add(one);
    }
    ready = made;
  }

  /** Every kind of rule at once, over a person who was shown things. */
  private static Reranking reranking(History history, String policy) {
    List<String> items = new ArrayList<>();
    history.items().forEach(item -> items.add(item.id()));
    long[] shown = new long[2 * SHOWN];
    for (int at = 0; at < SHOWN; at++) {
      shown[2 * at] = Hash64.of(items.get(at % items.size()));
      shown[2 * at + 1] = history.end() - 1;
    }
    try {
      Path file = Files.createTempFile("rules", ".yaml");
      try {
        Files.writeString(file, RULES.replace("POLICY", policy));
        Problems problems = new Problems();
        RulesSpec rules = RulesSpec.read(ConfigFile.read(file, problems));
        problems.throwIfAny();
        return new Reranking(rules, user -> shown);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServedModel champion(Path home, Settings settings) throws ModelRefused {
    ModelRegistry registry = new ModelRegistry(home.resolve("models"));
    String champion = registry.alias(SuggestPipeline.TASK, ModelRegistry.CHAMPION);
    if (champion == null) {
      throw new IllegalStateException(home + " holds no champion; run ./proffer demo first");
    }
    ModelsSpec.Task task =
        Objects.requireNonNull(settings.models().tasks().get(SuggestPipeline.TASK));
    FeatureContract contract =
        Objects.requireNonNull(settings.contracts().contract(task.contract()));
    return ModelArtifact.read(
        registry.directory(SuggestPipeline.TASK, champion), contract.sha256());
  }

  private List<SuggestQuery> queries(History history) {
    Set<String> known = new LinkedHashSet<>();
    for (Event event : history.events()) {
      known.add(event.userId());
    }
    Random random = new Random(SEED);
    List<String> users = new ArrayList<>(known);
    Collections.shuffle(users, random);
    List<String> items = new ArrayList<>();
    history.items().forEach(item -> items.add(item.id()));
    List<SuggestQuery> queries = new ArrayList<>(REQUESTS);
    for (int at = 0; at < REQUESTS; at++) {
      Collections.shuffle(items, random);
      queries.add(
          new SuggestQuery(
              users.get(at % users.size()),
              null,
              null,
              null,
              ContextType.HOME,
              LIMIT,
              history.end(),
              what.equals("given")
                  ? List.copyOf(items.subList(0, Math.min(GIVEN, items.size())))
                  : null,
              Set.of(),
              ItemFilter.NONE,
              null,
              false));
    }
    return queries;
  }

  /** Gives the store back. */
  @TearDown
  public void close() {
    if (ready != null) {
      ready.sequences().close();
    }
  }

  private Ready ready() {
    return Objects.requireNonNull(ready);
  }

  private Prepared next(Ready with) {
    return with.prepared().get(request++ & (PREPARED - 1));
  }

  /** The user's sequence is read from the store and looked up. */
  @Benchmark
  public FeatureInput input() {
    Ready with = ready();
    Prepared one = next(with);
    return with.set(one.query(), one.in());
  }

  /** The sources are asked, or the given items looked up. */
  @Benchmark
  public CandidateSet candidates() {
    Ready with = ready();
    Prepared one = next(with);
    with.find(one);
    return one.set();
  }

  /** The input is set, and every feature of every candidate computed. */
  @Benchmark
  public float[] inputAndMatrix() {
    Ready with = ready();
    Prepared one = next(with);
    with.set(one.query(), one.in());
    with.compute(one);
    return one.rows();
  }

  /** Every candidate is scored. */
  @Benchmark
  public float[] score() {
    Ready with = ready();
    Prepared one = next(with);
    with.score(one);
    return one.scores();
  }

  /** The best are selected. */
  @Benchmark
  public int select() {
    Ready with = ready();
    Prepared one = next(with);
    return with.topK().select(one.scores(), one.ties(), one.set().count(), LIMIT, one.best());
  }

  /** What each feature added to the score of each of a page, which reasons cost that are asked. */
  @Benchmark
  public float[] contributions() {
    Ready with = ready();
    Prepared one = next(with);
    for (int slot = 0; slot < LIMIT; slot++) {
      with.model().scorer().contribute(one.rows(), slot, one.contributions());
    }
    return one.contributions();
  }

  /** Selection with every rule on: what is removed, moved, capped, pinned, diversified, drawn. */
  @Benchmark
  public int selectRuled() {
    Ready with = ready();
    return select(with, with.ruled());
  }

  /** The same drawn by Thompson sampling, which works out a posterior for each it may draw. */
  @Benchmark
  public int selectSampled() {
    Ready with = ready();
    return select(with, with.sampled());
  }

  private int select(Ready with, Reranking reranking) {
    Prepared one = next(with);
    reranking.slate().begin(one.in(), one.sequence(), Tables.NONE, 1, request);
    reranking.concerns(false, true);
    return reranking.select(
        one.set().items(), one.scores(), one.ties(), one.set().count(), LIMIT, false, one.best());
  }

  /** The pipeline itself: all of it, with the page that is answered and no reasons asked. */
  @Benchmark
  public Page page() {
    Ready with = ready();
    SuggestQuery query = with.queries().get(request++ & (REQUESTS - 1));
    UserSequence sequence = with.sequences().read(query.userId());
    return with.pipeline().suggest(query, sequence, with.world());
  }
}
