package dev.proffer.perf.jmh;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.events.Event;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.pipeline.ContextType;
import dev.proffer.pipeline.Page;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.pipeline.SuggestQuery;
import dev.proffer.pipeline.World;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.TopK;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelRefused;
import dev.proffer.ranker.artifact.ModelRegistry;
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
 * bench pipeline}. Every benchmark goes one stage further than the one before it, from the
 * beginning, because a stage leaves behind what the next one reads and what it may have cached for
 * it; a stage costs the difference. {@link #stage6page} is the pipeline itself.
 *
 * <p>Expect no allocation that grows with the candidates: between {@link #stage2candidates} and
 * {@link #stage5select} next to nothing is added.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class SuggestPipelineBenchmark {
  /** System property: the home. */
  public static final String HOME = "proffer.bench.home";

  /** System property: the configuration. */
  public static final String CONFIG = "proffer.bench.config";

  private static final int GIVEN = 100;
  private static final int LIMIT = 10;
  private static final int REQUESTS = 4_096;
  private static final long SEED = 7;

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
      List<SuggestQuery> queries,
      FeatureInput in,
      CandidateSet set,
      float[] rows,
      float[] scores,
      int[] ties,
      TopK topK,
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
    int most = Math.max(GIVEN, settings.candidates().maxCandidates());
    FeatureContract contract =
        Objects.requireNonNull(settings.contracts().contract(model.contract()));
    ready =
        new Ready(
            sequences,
            new SuggestPipeline(settings.contracts(), settings.candidates(), settings.ranking()),
            world,
            settings,
            model,
            settings.contracts().program(model.contract()),
            new Candidates(settings.candidates()),
            queries,
            new FeatureInput(),
            new CandidateSet(),
            new float[most * contract.width()],
            new float[most],
            new int[most],
            new TopK(),
            new int[LIMIT],
            new float[contract.width()]);
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

  private SuggestQuery next(Ready with) {
    request = request + 1 == REQUESTS ? 0 : request + 1;
    return with.queries().get(request);
  }

  private SuggestQuery input(Ready with) {
    SuggestQuery query = next(with);
    with.in()
        .set(
            with.world().catalog(),
            with.world().statistics(),
            with.sequences().read(query.userId()),
            with.settings().contracts().sequence(),
            Catalog.UNKNOWN,
            0,
            query.timeMillis());
    return query;
  }

  private CandidateSet found(Ready with) {
    SuggestQuery query = input(with);
    CandidateSet set = with.set();
    List<String> given = query.items();
    if (given == null) {
      with.finder().find(with.in(), with.world().index(), query.exclude(), query.filter(), set);
    } else {
      set.clear(with.world().catalog().size());
      for (String id : given) {
        set.append(with.world().catalog().index(id), 0);
      }
    }
    return set;
  }

  private CandidateSet matrix(Ready with) {
    CandidateSet set = found(with);
    with.program().compute(with.in(), set.items(), set.count(), with.rows());
    return set;
  }

  private CandidateSet score(Ready with) {
    CandidateSet set = matrix(with);
    with.model().scorer().score(with.rows(), set.count(), with.scores());
    return set;
  }

  /** The user's sequence is read and looked up. */
  @Benchmark
  public FeatureInput stage1features() {
    Ready with = ready();
    input(with);
    return with.in();
  }

  /** Then candidates are found, or the given ones looked up. */
  @Benchmark
  public CandidateSet stage2candidates() {
    return found(ready());
  }

  /** Then every feature of every candidate is computed. */
  @Benchmark
  public CandidateSet stage3matrix() {
    return matrix(ready());
  }

  /** Then every candidate is scored. */
  @Benchmark
  public CandidateSet stage4score() {
    return score(ready());
  }

  /** Then the best are selected, and what spoke for each of them is asked. */
  @Benchmark
  public float[] stage5select() {
    Ready with = ready();
    CandidateSet set = score(with);
    int[] ties = with.ties();
    for (int row = 0; row < set.count(); row++) {
      ties[row] = row;
    }
    int best = with.topK().select(with.scores(), ties, set.count(), LIMIT, with.best());
    for (int slot = 0; slot < best; slot++) {
      with.model().scorer().contribute(with.rows(), with.best()[slot], with.contributions());
    }
    return with.contributions();
  }

  /** The pipeline itself: all of it, with the page that is answered. */
  @Benchmark
  public Page stage6page() {
    Ready with = ready();
    SuggestQuery query = next(with);
    UserSequence sequence = with.sequences().read(query.userId());
    return with.pipeline().suggest(query, sequence, with.world());
  }
}
