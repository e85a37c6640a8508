package dev.proffer.gateway.ops;

import dev.proffer.gateway.live.LogFold;
import dev.proffer.pipeline.Degradation;
import dev.proffer.pipeline.Page;
import dev.proffer.pipeline.PredictPipeline.Prediction;
import dev.proffer.pipeline.Rung;
import dev.proffer.pipeline.SuggestPipeline;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The meters one event loop counts with, each looked up in the registry once. Not thread-safe; a
 * loop owns one. Counting allocates a lambda at most.
 */
public final class LoopMeters {
  private static final int OUTCOMES = 6;

  private final Metrics metrics;
  private final Map<Route, @Nullable Timer[]> requests = new EnumMap<>(Route.class);
  private final Map<Degradation, Counter> degraded = new EnumMap<>(Degradation.class);
  private final IdentityHashMap<List<String>, Sources> sources = new IdentityHashMap<>();
  private final IdentityHashMap<List<String>, Rules> rules = new IdentityHashMap<>();
  private final Map<String, Map<Rung, Served>> served = new HashMap<>();
  private final Map<String, Map<String, Map<Rung, Counter>>> predictions = new HashMap<>();
  private final Map<String, Map<String, Counter>> events = new HashMap<>();
  private final Map<String, Counter> problems = new HashMap<>();
  private final Timer offLoop;
  private final Timer offLoopLate;

  private record Served(Counter suggestions, Counter impressions) {}

  /** In the order of {@link SuggestPipeline#sourceNames}. */
  private record Sources(Counter[] candidates, Counter[] failures) {}

  /** In the order of the rules. */
  private record Rules(Counter[] removed, Counter[] moved) {}

  /** Meters for the calling loop. */
  public LoopMeters(Metrics metrics) {
    this.metrics = metrics;
    for (Route route : Route.values()) {
      requests.put(route, new @Nullable Timer[OUTCOMES]);
    }
    for (Degradation cause : Degradation.values()) {
      degraded.put(cause, metrics.degraded(cause));
    }
    this.offLoop = metrics.offLoop("done");
    this.offLoopLate = metrics.offLoop("late");
  }

  private Sources sources(List<String> names) {
    return sources.computeIfAbsent(
        names,
        all ->
            new Sources(
                all.stream().map(metrics::candidates).toArray(Counter[]::new),
                all.stream().map(metrics::sourceFailures).toArray(Counter[]::new)));
  }

  private Rules rules(List<String> names) {
    return rules.computeIfAbsent(
        names,
        all ->
            new Rules(
                all.stream().map(rule -> metrics.ruled(rule, "removed")).toArray(Counter[]::new),
                all.stream().map(rule -> metrics.ruled(rule, "moved")).toArray(Counter[]::new)));
  }

  /** A request was answered. */
  public void request(Route route, int status, long nanos) {
    int outcome = status / 100;
    @Nullable Timer[] timers = requests.get(route);
    if (timers == null || outcome >= OUTCOMES) {
      throw new IllegalArgumentException(route + " cannot answer " + status);
    }
    Timer timer = timers[outcome];
    if (timer == null) {
      timer = metrics.requests(route, outcome + "xx");
      timers[outcome] = timer;
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** An answer that no loop makes was there after so long, or not waited for any longer. */
  public void offLoop(long nanos, boolean late) {
    (late ? offLoopLate : offLoop).record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * A suggestion was answered.
   *
   * @param found whether its candidates were looked for
   * @param pipeline what made it; null when it was kept
   */
  public void suggested(
      Page page, boolean lost, boolean found, @Nullable SuggestPipeline pipeline) {
    String version = page.modelVersion() == null ? LogFold.NO_MODEL : page.modelVersion();
    Served meters = served(version, page.servedBy());
    meters.suggestions().increment();
    meters.impressions().increment(page.propositions().size());
    degraded(page.degraded());
    if (lost) {
      degraded(Degradation.IMPRESSION_LOST);
    }
    if (pipeline == null) {
      return;
    }
    Sources asked = sources(pipeline.sourceNames());
    for (int source = 0; found && source < asked.candidates().length; source++) {
      asked.candidates()[source].increment(pipeline.found(source));
      if ((pipeline.failedSources() & 1 << source) != 0) {
        asked.failures()[source].increment();
      }
    }
    Rules passed = rules(pipeline.reranking().names());
    for (int rule = 0; rule < passed.removed().length; rule++) {
      int left = pipeline.reranking().removed(rule);
      int changed = pipeline.reranking().moved(rule);
      if (left > 0) {
        passed.removed()[rule].increment(left);
      }
      if (changed > 0) {
        passed.moved()[rule].increment(changed);
      }
    }
  }

  private Served served(String version, Rung rung) {
    return served
        .computeIfAbsent(version, v -> new EnumMap<>(Rung.class))
        .computeIfAbsent(
            rung,
            r ->
                new Served(
                    metrics.suggestions(version, r.word()),
                    metrics.impressions(version, r.word())));
  }

  private void degraded(Set<Degradation> causes) {
    if (!causes.isEmpty()) {
      causes.forEach(this::degraded);
    }
  }

  private void degraded(Degradation cause) {
    Counter counter = degraded.get(cause);
    if (counter != null) {
      counter.increment();
    }
  }

  /** A prediction was answered. */
  public void predicted(String task, Prediction prediction) {
    String version =
        prediction.modelVersion() == null ? LogFold.NO_MODEL : prediction.modelVersion();
    predictions
        .computeIfAbsent(task, t -> new HashMap<>())
        .computeIfAbsent(version, v -> new EnumMap<>(Rung.class))
        .computeIfAbsent(
            prediction.servedBy(), rung -> metrics.predictions(task, version, rung.word()))
        .increment();
    degraded(prediction.degraded());
  }

  /**
   * An event of a declared type, or {@code unknown}, was {@code kept}, {@code trimmed} (kept, a
   * field of it put aside), put {@code aside}, {@code refused} or {@code lost}.
   */
  public void event(String type, String outcome) {
    Map<String, Counter> byOutcome = events.get(type);
    if (byOutcome == null) {
      byOutcome = new HashMap<>();
      events.put(type, byOutcome);
    }
    Counter counter = byOutcome.get(outcome);
    if (counter == null) {
      counter = metrics.events(type, outcome);
      byOutcome.put(outcome, counter);
    }
    counter.increment();
  }

  /** A request was answered with a problem of the closed list. */
  public void problem(String word) {
    problems.computeIfAbsent(word, metrics::problems).increment();
  }
}
