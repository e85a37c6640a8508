package dev.proffer.gateway.ops;

import dev.proffer.events.log.LogHousekeeping;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.log.kafka.RelayFigures;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.state.BucketCounts;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.store.CheckpointKeeper;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.SharedSequences;
import dev.proffer.features.store.StreamUpdater;
import dev.proffer.gateway.live.Experiments;
import dev.proffer.gateway.live.LogFold;
import dev.proffer.gateway.live.ModelWatcher;
import dev.proffer.gateway.live.Sampler;
import dev.proffer.gateway.live.Shadow;
import dev.proffer.gateway.live.SharedState;
import dev.proffer.gateway.live.TableWatcher;
import dev.proffer.gateway.live.Worlds;
import dev.proffer.pipeline.Degradation;
import dev.proffer.pipeline.experiments.Agreement;
import dev.proffer.pipeline.experiments.Experiment;
import dev.proffer.pipeline.experiments.Tally;
import dev.proffer.pipeline.experiments.Variant;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Every meter of the gateway, each described in {@code docs/metrics.md}. Safe to share; the loops
 * count through a {@link LoopMeters} of their own, which looks nothing up.
 */
public final class Metrics
    implements LogFold.Listener,
        ModelWatcher.Listener,
        TableWatcher.Listener,
        Shadow.Listener,
        AutoCloseable {
  /** Upper bounds of the latency buckets: a suggestion takes less than a millisecond. */
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(200_000),
    Duration.ofNanos(300_000),
    Duration.ofNanos(500_000),
    Duration.ofNanos(750_000),
    Duration.ofMillis(1),
    Duration.ofNanos(1_500_000),
    Duration.ofMillis(2),
    Duration.ofMillis(3),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final MultiGauge modelInfo;
  private final MultiGauge tableRows;
  private final List<IntSupplier> limits = new CopyOnWriteArrayList<>(); // one a loop

  /** What counters read: a meter alone does not keep it from the garbage collector. */
  private final List<java.util.function.LongSupplier> figures = new CopyOnWriteArrayList<>();

  public Metrics() {
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    gc.bindTo(registry);
    modelInfo =
        MultiGauge.builder("proffer.model.info")
            .description("1 for each model that is loaded, by the alias it stands under")
            .register(registry);
    tableRows =
        MultiGauge.builder("proffer.table.rows")
            .description("Rows of each attribute table that is served")
            .register(registry);
    for (Degradation cause : Degradation.values()) {
      degraded(cause);
    }
    Gauge.builder(
            "proffer.admission.limit",
            limits,
            all -> all.stream().mapToInt(IntSupplier::getAsInt).sum())
        .description("Suggestions that may wait to be answered the whole way")
        .register(registry);
  }

  /** Adds a loop's limit to the gauge of what may wait; from any thread. */
  public void watchLimit(IntSupplier limit) {
    limits.add(limit);
  }

  /** Shows the log's figures. */
  public void watch(LogPump pump, LogFold fold, LogHousekeeping housekeeping) {
    Gauge.builder("proffer.log.queue.depth", pump, LogPump::depth)
        .description("Submissions that wait to be written to the log")
        .register(registry);
    Gauge.builder("proffer.log.behind", pump, LogPump::behind)
        .description("Log entries that are acknowledged and not folded into state yet")
        .register(registry);
    count("proffer.log.entries", "Log entries folded into state since the start", pump::folded);
    count("proffer.log.appended", "Log entries appended by this process", pump::appended);
    count(
        "proffer.log.duplicates",
        "Events whose id was seen before: acknowledged, not appended again",
        pump::duplicates);
    count("proffer.log.unreadable", "Records of the log that hold nothing known", pump::unreadable);
    count("proffer.log.unfolded", "Log entries that state refused", fold::left);
    Gauge.builder("proffer.log.silence", fold, f -> f.silentNanos() / 1e9)
        .baseUnit("seconds")
        .description("How long ago the log's thread was last at the log's end")
        .register(registry);
    Gauge.builder("proffer.log.bytes", housekeeping, LogHousekeeping::usedBytes)
        .baseUnit("bytes")
        .description("What the log's files take")
        .register(registry);
    Gauge.builder("proffer.log.quota.bytes", housekeeping, LogHousekeeping::quotaBytes)
        .baseUnit("bytes")
        .description("The most that the log's files may take; 0 for no bound")
        .register(registry);
    Gauge.builder("proffer.log.free.bytes", housekeeping, LogHousekeeping::freeBytes)
        .baseUnit("bytes")
        .description("What is free on the log's disk")
        .register(registry);
    for (LogHousekeeping.Space space : LogHousekeeping.Space.values()) {
      Gauge.builder("proffer.log.space", housekeeping, h -> h.space() == space ? 1 : 0)
          .description("1 for how much space the log has; none and read_only refuse events")
          .tag("space", space.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    count("proffer.log.files.deleted", "Log files deleted by age", housekeeping::deletedFiles);
    Gauge.builder("proffer.users", fold, LogFold::users)
        .description("Users with a sequence")
        .register(registry);
    Gauge.builder("proffer.coverage", fold, LogFold::coverage)
        .baseUnit("ratio")
        .description("Share of the catalog that was shown within the last hour")
        .register(registry);
  }

  /** Shows how full the store of sequences is. */
  public void watch(ChronicleSequenceStore store) {
    Gauge.builder("proffer.store.users", store, ChronicleSequenceStore::usersOffHeap)
        .description("Users whose sequence is off the heap")
        .register(registry);
    Gauge.builder("proffer.store.bytes", store, ChronicleSequenceStore::bytes)
        .baseUnit("bytes")
        .description("What the sequences off the heap take")
        .register(registry);
    Gauge.builder("proffer.store.fill", store, ChronicleSequenceStore::fill)
        .baseUnit("ratio")
        .description("How full the store is: at 1 the least recently seen users are let go")
        .register(registry);
    count("proffer.store.evicted", "Users that were let go to make room", store::evicted);
  }

  /** Shows what declared statistics have no room for. */
  public void watch(StatisticsSpec declared, Worlds worlds) {
    for (int number = 0; number < declared.statistics().size(); number++) {
      int of = number;
      FunctionCounter.builder(
              "proffer.statistics.beyond", worlds, all -> beyond(all.now().statistics(), of))
          .description("Additions to a declared statistic that found no room: beyond max-keys")
          .tag("statistic", declared.statistics().get(number).name())
          .register(registry);
    }
  }

  private static double beyond(Statistics statistics, int number) {
    BucketCounts counts = statistics.declared().counts(number);
    return counts == null ? 0 : counts.beyond();
  }

  /** Shows the figures of the state's checkpoint. */
  public void watch(CheckpointKeeper keeper) {
    Gauge.builder("proffer.checkpoint.age", keeper, k -> k.ageNanos() / 1e9)
        .baseUnit("seconds")
        .description("How long ago the checkpoint of state was last written, or the gateway begun")
        .register(registry);
    Gauge.builder("proffer.checkpoint.took", keeper, k -> k.tookNanos() / 1e9)
        .baseUnit("seconds")
        .description("How long writing the last checkpoint took, beside everything else")
        .register(registry);
    Gauge.builder("proffer.checkpoint.bytes", keeper, CheckpointKeeper::bytes)
        .baseUnit("bytes")
        .description("What the checkpoint of state takes on the disk")
        .register(registry);
  }

  /** Shows the figures of the sampler. */
  public void watch(Sampler sampler) {
    count(
        "proffer.samples.written",
        "Answers whose features were kept as a sample",
        sampler::written);
    count("proffer.samples.dropped", "Samples that found no room or no disk", sampler::dropped);
  }

  /** Shows what is counted for each variant, and whether it is stopped. */
  public void watch(Experiments experiments) {
    for (Experiment experiment : experiments.spec().experiments()) {
      for (Variant variant : experiment.variants()) {
        Tags tags = Tags.of("experiment", experiment.name(), "variant", variant.name());
        Gauge.builder(
                "proffer.experiment.stopped",
                experiments,
                all -> all.stops().of(experiment.name(), variant.name()) == null ? 0 : 1)
            .description("1 for each variant that is stopped, by hand or by a guardrail")
            .tags(tags)
            .register(registry);
        count(experiments, tags, "answers", "Answers of a variant", Tally::answers);
        count(experiments, tags, "clicks", "Clicks that answer a variant", Tally::clicks);
        count(
            experiments,
            tags,
            "accepted",
            "Answers of a variant that at least one click answered",
            Tally::accepted);
        count(
            experiments,
            tags,
            "conversions",
            "Conversions that answer a variant",
            Tally::conversions);
        count(experiments, tags, "value", "Value of conversions of a variant", Tally::value);
      }
    }
  }

  private void count(
      Experiments experiments,
      Tags tags,
      String what,
      String description,
      ToDoubleFunction<Tally> figure) {
    String experiment = tags.stream().toList().get(0).getValue();
    String variant = tags.stream().toList().get(1).getValue();
    FunctionCounter.builder(
            "proffer.experiment." + what,
            experiments,
            all -> figure.applyAsDouble(all.tallies().of(experiment, variant)))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  /** Shows what the shadow had no room for. */
  public void watch(Shadow shadow) {
    count("proffer.shadow.dropped", "Answers the shadow found no room for", shadow::dropped);
  }

  @Override
  public void shadowed(String shadowVersion, Agreement agreement, long nanos) {
    Timer.builder("proffer.shadow.duration")
        .description("How long the shadow's model scored an answer's candidates")
        .tag("model_version", shadowVersion)
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
    if (!Double.isNaN(agreement.correlation())) {
      shadow(
              "rank.distance",
              "1 less Spearman's rank correlation with the serving model: 0 for the same order",
              shadowVersion)
          .record(Math.max(0, 1 - agreement.correlation()));
    }
    shadow("overlap", "Share of the page that both models would show", shadowVersion)
        .record(agreement.overlap());
    shadow("difference", "Mean distance of the two models' probabilities", shadowVersion)
        .record(agreement.difference());
  }

  private DistributionSummary shadow(String what, String description, String version) {
    return DistributionSummary.builder("proffer.shadow." + what)
        .description(description)
        .tag("model_version", version)
        .register(registry);
  }

  @Override
  public void shadowFailed(String shadowVersion) {
    Counter.builder("proffer.shadow.failures")
        .description("Answers the shadow's model threw on")
        .tag("model_version", shadowVersion)
        .register(registry)
        .increment();
  }

  /** Shows whether the store of models answers. */
  public void watch(ModelWatcher watcher) {
    Gauge.builder("proffer.model.store.up", watcher, watching -> watching.store().ok() ? 1 : 0)
        .description("Whether the store of models answered when it was last asked")
        .register(registry);
  }

  /** Shows the figures of what is shared through Redis. */
  public void watch(SharedState shared) {
    SharedSequences sequences = shared.sequences();
    reads("local", sequences::local);
    reads("fetched", sequences::fetched);
    reads("stale", sequences::stale);
    reads("late", sequences::late);
    count("proffer.redis.failures", "Reads that Redis failed or was late for", sequences::failures);
    FunctionTimer.builder(
            "proffer.redis.stale.age",
            sequences,
            SharedSequences::stale,
            SharedSequences::staleNanos,
            TimeUnit.NANOSECONDS)
        .description("How old the sequences were that were used since no newer one came in time")
        .register(registry);
    Gauge.builder("proffer.redis.available", sequences, SharedSequences::availability)
        .baseUnit("ratio")
        .description("Share of the loops that have a connection to Redis")
        .register(registry);
    Gauge.builder("proffer.redis.statistics.age", shared, SharedState::statisticsAgeSeconds)
        .baseUnit("seconds")
        .description("How long ago the statistics were read from Redis")
        .register(registry);
    StreamUpdater updater = shared.updater();
    if (updater != null) {
      count("proffer.updater.entries", "Log entries folded into Redis", updater::folded);
      count(
          "proffer.updater.duplicates",
          "Log entries that came again and were left out",
          updater::duplicates);
      count("proffer.updater.failures", "How often Kafka or Redis failed it", updater::failures);
      Gauge.builder("proffer.updater.behind", updater, StreamUpdater::behind)
          .description("Log entries that wait to be folded")
          .register(registry);
      Gauge.builder("proffer.updater.partitions", updater, StreamUpdater::partitions)
          .description("Partitions that are this updater's own")
          .register(registry);
    }
  }

  private void reads(String outcome, java.util.function.LongSupplier figure) {
    figures.add(figure);
    FunctionCounter.builder(
            "proffer.redis.reads", figure, java.util.function.LongSupplier::getAsLong)
        .description("Sequences asked for, by where they came from")
        .tag("outcome", outcome)
        .register(registry);
  }

  /** Shows the relay's figures. */
  public void watch(RelayFigures relay) {
    count("proffer.relay.relayed", "Log entries that Kafka acknowledged", relay::relayed);
    count("proffer.relay.retries", "Log entries sent to Kafka again", relay::retries);
    count(
        "proffer.relay.dead.letters",
        "Log entries that could not be delivered and are kept as dead letters",
        relay::deadLetters);
    for (RelayFigures.Failure failure : RelayFigures.Failure.values()) {
      FunctionCounter.builder("proffer.relay.failures", relay, r -> r.failures(failure))
          .description("What went wrong between the log and Kafka, by reason")
          .tag("reason", failure.word())
          .register(registry);
    }
    Gauge.builder("proffer.relay.behind", relay, RelayFigures::behind)
        .description("Log entries that Kafka has not acknowledged yet")
        .register(registry);
    Gauge.builder("proffer.relay.behind.age", relay, RelayFigures::behindSeconds)
        .baseUnit("seconds")
        .description("How long ago the oldest entry arrived that Kafka has not acknowledged")
        .register(registry);
    Gauge.builder("proffer.relay.connected", relay, r -> r.connected() ? 1 : 0)
        .description("1 while Kafka acknowledges what it is sent")
        .register(registry);
  }

  private void count(String name, String description, java.util.function.LongSupplier figure) {
    figures.add(figure);
    FunctionCounter.builder(name, figure, java.util.function.LongSupplier::getAsLong)
        .description(description)
        .register(registry);
  }

  /** Everything in Prometheus' text format. Costs milliseconds; not for an event loop. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void clicked(String modelVersion, String servedBy, boolean first) {
    served("proffer.clicks", "Clicks that carry a request_id", modelVersion, servedBy).increment();
    if (first) {
      accepted(modelVersion, servedBy).increment();
    }
  }

  @Override
  public void converted(String modelVersion, String servedBy) {
    served("proffer.conversions", "Conversions that carry a request_id", modelVersion, servedBy)
        .increment();
  }

  @Override
  public void viewed(String modelVersion, String servedBy) {
    served("proffer.viewed", "Propositions that a client says were seen", modelVersion, servedBy)
        .increment();
  }

  @Override
  public void refused(String task, String version) {
    Counter.builder("proffer.model.refused")
        .description("Model versions that were refused")
        .tag("task", task)
        .register(registry)
        .increment();
  }

  @Override
  public void serving(List<ModelWatcher.TaskState> states) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (ModelWatcher.TaskState state : states) {
      row(rows, state.task(), "champion", state.champion());
      row(rows, state.task(), "previous", state.previous());
    }
    modelInfo.register(rows, true);
  }

  @Override
  public void tableRefused(String table) {
    Counter.builder("proffer.table.refused")
        .description("Versions of attribute tables that were refused")
        .tag("table", table)
        .register(registry)
        .increment();
  }

  @Override
  public void tablesServing(List<TableWatcher.TableState> states) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (TableWatcher.TableState state : states) {
      String version = state.version();
      if (version != null) {
        rows.add(
            MultiGauge.Row.of(Tags.of("table", state.table(), "version", version), state.rows()));
      }
    }
    tableRows.register(rows, true);
  }

  private static void row(
      List<MultiGauge.Row<?>> rows,
      String task,
      String alias,
      @org.jspecify.annotations.Nullable String version) {
    if (version != null) {
      rows.add(
          MultiGauge.Row.of(Tags.of("task", task, "model_version", version, "alias", alias), 1));
    }
  }

  Timer requests(Route route, String outcome) {
    return Timer.builder("http.server.request.duration")
        .description("From a request's head to its answer's last byte handed to the socket")
        .tag("route", route.word())
        .tag("outcome", outcome)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  Timer offLoop(String outcome) {
    return Timer.builder("proffer.off.loop.duration")
        .description("From handing over an answer that no loop makes to having it")
        .tag("outcome", outcome)
        .register(registry);
  }

  Counter suggestions(String modelVersion, String servedBy) {
    return served("proffer.suggestions", "Answers of /suggest", modelVersion, servedBy);
  }

  Counter impressions(String modelVersion, String servedBy) {
    return served("proffer.impressions", "Propositions shown", modelVersion, servedBy);
  }

  Counter accepted(String modelVersion, String servedBy) {
    return served(
        "proffer.accepted",
        "Answers of /suggest that at least one click answered",
        modelVersion,
        servedBy);
  }

  Counter predictions(String task, String modelVersion, String servedBy) {
    return Counter.builder("proffer.predictions")
        .description("Answers of /predict")
        .tags("task", task, "model_version", modelVersion, "served_by", servedBy)
        .register(registry);
  }

  Counter degraded(Degradation cause) {
    return Counter.builder("proffer.degraded")
        .description("Answers that something was missing for")
        .tag("cause", cause.word())
        .register(registry);
  }

  Counter candidates(String source) {
    return Counter.builder("proffer.candidates")
        .description("Candidates by the source that found them first")
        .tag("source", source)
        .register(registry);
  }

  Counter ruled(String rule, String effect) {
    return Counter.builder("proffer.ruled.items")
        .description("Candidates that a rule after scoring removed or moved")
        .tags("rule", rule, "effect", effect)
        .register(registry);
  }

  Counter sourceFailures(String source) {
    return Counter.builder("proffer.source.failures")
        .description("Suggestions for which a source of candidates threw")
        .tag("source", source)
        .register(registry);
  }

  Counter events(String type, String outcome) {
    return Counter.builder("proffer.events")
        .description("Events received")
        .tags("type", type, "outcome", outcome)
        .register(registry);
  }

  Counter problems(String problem) {
    return Counter.builder("proffer.problems")
        .description("Requests answered with a problem")
        .tag("problem", problem)
        .register(registry);
  }

  private Counter served(String name, String description, String modelVersion, String servedBy) {
    return Counter.builder(name)
        .description(description)
        .tags("model_version", modelVersion, "served_by", servedBy)
        .register(registry);
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
