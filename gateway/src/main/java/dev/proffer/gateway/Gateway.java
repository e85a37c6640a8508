package dev.proffer.gateway;

import dev.proffer.events.Pseudonyms;
import dev.proffer.events.RegistrySnapshot;
import dev.proffer.events.log.DeadLetters;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogHousekeeping;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.log.LogSalvage;
import dev.proffer.events.log.LogSpec;
import dev.proffer.events.log.Positions;
import dev.proffer.events.log.kafka.KafkaRelay;
import dev.proffer.events.time.Time;
import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.features.artifact.VersionDirectory;
import dev.proffer.features.store.CheckpointKeeper;
import dev.proffer.features.store.CheckpointRefused;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.features.store.StateCheckpoint;
import dev.proffer.features.store.TablePull;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.gateway.http.ManagementVerticle;
import dev.proffer.gateway.http.Pages;
import dev.proffer.gateway.http.PublicVerticle;
import dev.proffer.gateway.http.Services;
import dev.proffer.gateway.live.CatalogSearch;
import dev.proffer.gateway.live.Experiments;
import dev.proffer.gateway.live.LogFold;
import dev.proffer.gateway.live.ModelWatcher;
import dev.proffer.gateway.live.Sampler;
import dev.proffer.gateway.live.Shadow;
import dev.proffer.gateway.live.SharedState;
import dev.proffer.gateway.live.TableWatcher;
import dev.proffer.gateway.live.Worlds;
import dev.proffer.gateway.ops.Health;
import dev.proffer.gateway.ops.Metrics;
import dev.proffer.gateway.ops.Phase;
import dev.proffer.pipeline.rules.RememberedShowings;
import dev.proffer.pipeline.rules.RulesSpec;
import dev.proffer.pipeline.rules.Showings;
import dev.proffer.ranker.artifact.ModelRegistry;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway over one home directory: {@code log/} holds the event log, {@code models/} the
 * registry. {@link #start} blocks until it answers; {@link #close} until its last request is
 * answered and what was taken in is written. What was opened last is closed first.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  /** The directory of the event log below the home. */
  public static final String LOG_DIRECTORY = "log";

  /** The directory of the model registry below the home. */
  public static final String MODELS_DIRECTORY = "models";

  private static final String IDENTITY = "gateway-id";

  /** Is there while a gateway runs, and stays when it is killed. */
  private static final String RUNNING = "running";

  private static final long START_SECONDS = 30;

  /** A history that does not move for this long is not being read. */
  private static final int STALLED_SECONDS = 60;

  /** A history of so many entries leaves garbage worth a full collection. */
  private static final long LONG_HISTORY = 100_000;

  private final Deque<Opened> opened = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicInteger port = new AtomicInteger();
  private final AtomicInteger managementPort = new AtomicInteger();
  private final Worlds worlds = new Worlds();
  private volatile Consumer<String> cacheOfShared = userId -> {};
  private volatile Runnable drain = () -> {};

  private record Opened(String name, AutoCloseable closing) {}

  private Gateway() {}

  /**
   * Starts a gateway and waits until it answers.
   *
   * @param home where its state is; made if it is not there
   */
  public static Gateway start(Settings settings, Path home, Time time) throws Exception {
    Gateway gateway = new Gateway();
    try {
      gateway.open(settings, home, time);
      return gateway;
    } catch (Throwable e) {
      gateway.close();
      throw e;
    }
  }

  /** What others know this home's gateway by; made up at its first start. */
  private static String identity(Path home, Time time) throws IOException {
    Path file = home.resolve(IDENTITY);
    String known = Files.isRegularFile(file) ? Files.readString(file).strip() : "";
    if (VersionDirectory.isName(known)) {
      return known;
    }
    String made = new TimeOrderedIds(time).next();
    try {
      Files.writeString(file, made + "\n");
    } catch (IOException e) {
      // On a disk that is full or read-only it is known by another name until the next start.
      LOG.warn("the name of this gateway cannot be remembered: {}", e.toString());
    }
    return made;
  }

  private void open(Settings settings, Path home, Time time) throws Exception {
    GatewaySpec spec = settings.gateway();
    Files.createDirectories(home.resolve(MODELS_DIRECTORY));
    hold(home, settings);
    Metrics metrics = opened("metrics", new Metrics());
    List<LogSalvage.Salvaged> salvaged = salvage(home);
    LogSpec logSpec =
        settings.kafka().enabled() ? settings.log().readBy(Positions.RELAY) : settings.log();
    EventLog log = opened("log", EventLog.open(home.resolve(LOG_DIRECTORY), logSpec, time));
    // What takes long to begin begins side by side: the off-heap map, the models, Vert.x. The
    // worlds take models and history in any order.
    CompletableFuture<ChronicleSequenceStore> storing =
        CompletableFuture.supplyAsync(() -> new ChronicleSequenceStore(spec.store()));
    ModelWatcher watcher =
        new ModelWatcher(
            identity(home, time),
            opened(
                "model registry",
                ModelRegistry.open(settings.models().registry(), home, time, System.getenv())),
            settings.models(),
            settings.contracts(),
            worlds,
            time,
            metrics);
    TableWatcher tables =
        new TableWatcher(
            new TableRegistry(home.resolve(TableRegistry.DIRECTORY)),
            settings.contracts().tables(),
            worlds,
            time,
            metrics);
    tables.index(settings.candidates().vectors());
    Experiments experiments = new Experiments(settings.experiments(), home, time);
    experiments.look();
    watcher.variants(settings.experiments().models());
    CompletableFuture<Void> models =
        CompletableFuture.runAsync(
            () -> {
              tables.look();
              watcher.look();
            });
    Vertx vertx = vertx(spec);
    opened("vertx", () -> vertx.close().await(START_SECONDS, TimeUnit.SECONDS));
    Pages pages = Pages.read(settings.events());
    ChronicleSequenceStore sequences =
        opened("sequences", storing.get(START_SECONDS, TimeUnit.SECONDS));
    StateCheckpoint checkpoint = new StateCheckpoint(home, settings.contracts().sequence());
    Supplier<SequenceStore> scratch = () -> new ChronicleSequenceStore(spec.store());
    for (LogSalvage.Salvaged one : salvaged) {
      checkpoint.stepBack(one.lastKept(), scratch);
    }
    StateCheckpoint.Point resumed = read(checkpoint, sequences, log);
    LogFold fold =
        new LogFold(
            resumed == null
                ? new LiveState(settings.contracts().sequence(), sequences)
                : resumed.state(),
            sequences::users,
            worlds,
            time,
            spec.statisticsRefreshMillis(),
            spec.attributionRequests(),
            metrics);
    Sampler sampler = new Sampler(home, log, spec.sampleShare(), spec.sampleHours(), time);
    RulesSpec rules = settings.ranking().rules();
    RememberedShowings showings =
        settings.ranking().remembersShowings()
            ? new RememberedShowings(rules.rememberedUsers(), rules.rememberedShowings())
            : null;
    fold.showing(showings);
    fold.counting(experiments.tallies());
    fold.onErasure(sampler::forget);
    sampler.start();
    opened("sampler", sampler);
    metrics.watch(sampler);
    metrics.watch(experiments);
    Shadow shadow = opened("shadow", new Shadow(settings.experiments().shadow(), time, metrics));
    metrics.watch(shadow);
    shadow.start();
    LogPump pump = new LogPump(log, fold, spec.logQueue(), spec.logBehind());
    CheckpointKeeper keeper =
        new CheckpointKeeper(
            checkpoint,
            log,
            spec.checkpointSeconds(),
            spec.forgetSeconds(),
            settings.log().rememberedIds(),
            scratch,
            fold::erasures,
            time);
    LogHousekeeping housekeeping =
        new LogHousekeeping(
            log, pump, new Positions(home), firstKept -> keeper.advance(firstKept - 1), time);
    metrics.watch(pump, fold, housekeeping);
    metrics.watch(keeper);
    metrics.watch(sequences);
    metrics.watch(watcher);
    metrics.watch(settings.contracts().sequence().statistics(), worlds);
    Health health = new Health(time, worlds, pump, fold, housekeeping, watcher);
    health.watch(tables, settings.usedTables());
    health.watch(sequences);
    drain = () -> health.enter(Phase.DRAINING);

    deploy(
        vertx,
        "management port",
        1,
        () ->
            new ManagementVerticle(
                time,
                metrics,
                health,
                watcher,
                settings.models().tasks().keySet(),
                log,
                pump,
                sequences,
                userId -> cacheOfShared.accept(userId),
                worlds,
                experiments,
                spec.limits().maxBodyBytes(),
                spec.host(),
                spec.managementPort(),
                managementPort::set),
        spec.drainSeconds());
    long known = resumed == null ? 0 : resumed.state().version();
    if (resumed == null) {
      pump.start();
    } else {
      pump.startAfter(resumed.index(), resumed.ids());
    }
    opened("last checkpoint", () -> keeper.writeLast(pump, fold.state(), sequences));
    opened("pump", pump);
    keeper.start();
    opened("checkpoint", keeper);
    housekeeping.start();
    opened("log housekeeping", housekeeping);
    relay(settings, home, log, time, metrics, health);
    SharedState shared = share(settings, home, fold, time, metrics, health);
    awaitHistory(pump, fold);
    models.get(START_SECONDS, TimeUnit.SECONDS);
    if (settings.candidates().has("search")) {
      opened("search", new CatalogSearch(worlds)).start();
    }
    Services services =
        new Services(
            time,
            settings.events(),
            settings.contracts(),
            settings.candidates(),
            settings.ranking(),
            showings == null ? Showings.NONE : showings,
            experiments,
            settings.models(),
            sequences,
            shared == null ? null : shared.sequences(),
            pump,
            worlds,
            watcher,
            metrics,
            health,
            sampler,
            shadow,
            spec.limits());
    if (settings.redis().enabled() && !settings.contracts().tables().tables().isEmpty()) {
      TablePull pull = opened("tables in Redis", new TablePull(settings.redis()));
      TableRegistry registry = new TableRegistry(home.resolve(TableRegistry.DIRECTORY));
      tables.from(table -> pull.pull(table, registry));
    }
    watch(
        vertx,
        () -> {
          experiments.look();
          tables.look();
        },
        spec.modelPollMillis());
    watch(vertx, watcher::look, spec.modelPollMillis());
    clear(known + pump.folded());
    deploy(
        vertx,
        "public port",
        spec.eventLoops(),
        () ->
            new PublicVerticle(
                services,
                pages,
                spec.host(),
                spec.port() == 0 ? -1 : spec.port(), // a negative port is free and shared
                spec.drainSeconds(),
                port::set),
        spec.drainSeconds());
    health.enter(Phase.READY);
    LOG.info(
        "ready on {}:{}, management on {}: {} entries folded, {} items, {} users",
        spec.host(),
        port.get(),
        managementPort.get(),
        pump.folded(),
        worlds.now().catalog().size() - 1,
        fold.users());
  }

  /**
   * Looks at the log's latest file, and after a crash at all that were written since the start
   * before, which left its mark.
   */
  private List<LogSalvage.Salvaged> salvage(Path home) {
    Path mark = home.resolve(RUNNING);
    try {
      boolean crashed = Files.exists(mark);
      List<LogSalvage.Salvaged> salvaged =
          LogSalvage.run(
              home.resolve(LOG_DIRECTORY),
              crashed ? Files.getLastModifiedTime(mark).toMillis() : Long.MAX_VALUE);
      Files.writeString(mark, ProcessHandle.current().pid() + "\n");
      opened("mark", () -> Files.deleteIfExists(mark));
      return salvaged;
    } catch (IOException | RuntimeException e) {
      LOG.error("the log could not be looked over, it is used as it is", e);
      return List.of();
    }
  }

  /** The relay starts after the pump and closes before it; without Kafka there is none. */
  private void relay(
      Settings settings, Path home, EventLog log, Time time, Metrics metrics, Health health) {
    if (!settings.kafka().enabled()) {
      return;
    }
    KafkaRelay relay =
        new KafkaRelay(
            settings.kafka(),
            log,
            new Positions(home),
            new DeadLetters(home, time),
            Pseudonyms.of(settings.events())::apply,
            time);
    metrics.watch(relay);
    health.watch(relay);
    relay.start();
    opened("relay", relay);
  }

  /** Refuses event types that break those of the start before. */
  private static void hold(Path home, Settings settings) {
    RegistrySnapshot.check(home, settings.events());
    try {
      RegistrySnapshot.write(home, settings.events());
    } catch (IOException e) {
      LOG.warn("the event types of this start cannot be remembered; disk full or read-only?", e);
    }
  }

  private static Vertx vertx(GatewaySpec spec) {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(spec.eventLoops() + 1) // one more for the management port
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false)));
  }

  private void deploy(
      Vertx vertx,
      String name,
      int instances,
      Supplier<? extends Deployable> verticles,
      int drainSeconds)
      throws TimeoutException {
    String id =
        vertx
            .deployVerticle(verticles, new DeploymentOptions().setInstances(instances))
            .await(START_SECONDS, TimeUnit.SECONDS);
    opened(name, () -> vertx.undeploy(id).await(drainSeconds + START_SECONDS, TimeUnit.SECONDS));
  }

  /** What is shared through Redis; null without one. */
  private @Nullable SharedState share(
      Settings settings, Path home, LogFold fold, Time time, Metrics metrics, Health health)
      throws Exception {
    if (!settings.redis().enabled()) {
      return null;
    }
    SharedState shared =
        opened(
            "shared state",
            new SharedState(
                settings.redis(),
                settings.kafka(),
                settings.contracts().sequence(),
                worlds,
                new DeadLetters(home, time),
                Math.max(50, settings.gateway().statisticsRefreshMillis()),
                fold::learn,
                time));
    fold.share(shared::statistics);
    cacheOfShared = shared.sequences()::forget;
    metrics.watch(shared);
    health.watch(shared);
    shared.start();
    return shared;
  }

  private static StateCheckpoint.@Nullable Point read(
      StateCheckpoint checkpoint, SequenceStore sequences, EventLog log) {
    try {
      StateCheckpoint.Point point = checkpoint.read(sequences, log);
      if (point != null) {
        LOG.info(
            "going on behind a checkpoint of {} entries, {} users",
            point.state().version(),
            sequences.users());
      }
      return point;
    } catch (CheckpointRefused e) {
      LOG.warn("{}; folding what the log holds from its beginning", e.getMessage());
      return null;
    }
  }

  private static void awaitHistory(LogPump pump, LogFold fold) throws Exception {
    long before = -1;
    int stalled = 0;
    while (true) {
      try {
        fold.history().get(1, TimeUnit.SECONDS);
        return;
      } catch (TimeoutException e) {
        long now = pump.folded();
        stalled = now == before ? stalled + 1 : 0;
        if (stalled == STALLED_SECONDS) {
          throw new IllegalStateException("the log cannot be read: stuck at entry " + now, e);
        }
        before = now;
        LOG.info("folding the history, {} entries so far", now);
      }
    }
  }

  /**
   * Collects what a long history left in the heap, before the port is open: G1 would do it bit by
   * bit while it serves, in pauses of 50 to 100 ms (docs/decisions/0032).
   */
  private static void clear(long entries) {
    if (entries >= LONG_HISTORY) {
      System.gc();
    }
  }

  private void watch(Vertx vertx, Runnable look, long pollMillis) {
    AtomicBoolean looking = new AtomicBoolean();
    long timer =
        vertx.setPeriodic(
            pollMillis,
            tick -> {
              if (looking.compareAndSet(false, true)) {
                vertx
                    .executeBlocking(
                        () -> {
                          look.run();
                          return true;
                        },
                        false) // a store that is slow to answer holds up nobody else's look
                    .onComplete(
                        done -> looking.set(false),
                        failure -> {
                          looking.set(false);
                          LOG.error("models and tables could not be looked at", failure);
                        });
              }
            });
    opened("watcher of models and tables", () -> vertx.cancelTimer(timer));
  }

  /** The public port. */
  public int port() {
    return port.get();
  }

  /** The management port. */
  public int managementPort() {
    return managementPort.get();
  }

  /** The world that requests see; a test may put another in its place. */
  Worlds worlds() {
    return worlds;
  }

  private <T extends AutoCloseable> T opened(String name, T resource) {
    opened.push(new Opened(name, resource));
    return resource;
  }

  /** Stops: readiness drops, requests in flight are answered, what was taken in is written. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    drain.run();
    for (Opened one : opened) {
      try {
        one.closing().close();
      } catch (Exception e) {
        LOG.error("the {} did not close as it should", one.name(), e);
      }
    }
    LOG.info("stopped");
  }
}
