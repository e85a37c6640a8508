package dev.proffer.gateway.live;

import dev.proffer.events.time.Time;
import dev.proffer.pipeline.experiments.Comparison;
import dev.proffer.pipeline.experiments.Experiment;
import dev.proffer.pipeline.experiments.ExperimentsSpec;
import dev.proffer.pipeline.experiments.Guardrail;
import dev.proffer.pipeline.experiments.StopDirectory;
import dev.proffer.pipeline.experiments.Stops;
import dev.proffer.pipeline.experiments.Tallies;
import dev.proffer.pipeline.experiments.Tally;
import dev.proffer.pipeline.experiments.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The experiments of a running gateway: what is declared, what was counted since it started, and
 * which variants are stopped, by hand or by a guardrail.
 *
 * <p>{@link #stops} is for any thread; all else reads or writes files or waits for the log's
 * thread, and is not for an event loop.
 */
public final class Experiments {
  private static final Logger LOG = LoggerFactory.getLogger(Experiments.class);

  private final ExperimentsSpec spec;
  private final StopDirectory directory;
  private final Time time;
  private final Tallies tallies = new Tallies();

  /** Stops that could not be written: they hold until this process ends. */
  private final Map<String, Stops.Stop> unwritten = new TreeMap<>();

  private final long sinceMillis;
  private volatile Stops stops = Stops.NONE;

  /**
   * Experiments of which nothing is stopped until {@link #look}.
   *
   * @param home where stops are kept
   */
  public Experiments(ExperimentsSpec spec, Path home, Time time) {
    this.spec = spec;
    this.directory = new StopDirectory(home);
    this.time = time;
    this.sinceMillis = time.millis();
  }

  /** What is declared. */
  public ExperimentsSpec spec() {
    return spec;
  }

  /** Since when it is counted, epoch milliseconds. */
  public long sinceMillis() {
    return sinceMillis;
  }

  /** What is counted. */
  public Tallies tallies() {
    return tallies;
  }

  /** What is stopped. */
  public Stops stops() {
    return stops;
  }

  /** Takes over what others stopped or started, then holds every variant against its guardrails. */
  public synchronized void look() {
    if (spec.layers().isEmpty()) {
      return;
    }
    reread();
    for (Experiment experiment : spec.experiments()) {
      if (!experiment.guardrails().isEmpty()) {
        judge(experiment);
      }
    }
  }

  private void reread() {
    try {
      Map<String, Stops.Stop> all = new TreeMap<>(unwritten);
      all.putAll(directory.read().byVariant());
      Stops now = new Stops(all);
      if (!now.equals(stops)) {
        stops = now;
        LOG.info("stopped variants: {}", now.byVariant().keySet());
      }
    } catch (IOException | RuntimeException e) {
      LOG.error("the stopped variants cannot be read, those known stay", e);
    }
  }

  private void judge(Experiment experiment) {
    Tally control = tallies.of(experiment.name(), experiment.control());
    for (Variant variant : experiment.variants()) {
      if (variant.name().equals(experiment.control())
          || stops.of(experiment.name(), variant.name()) != null) {
        continue;
      }
      Tally tally = tallies.of(experiment.name(), variant.name());
      for (Guardrail guardrail : experiment.guardrails()) {
        String breach = Comparison.breach(guardrail, control, tally);
        if (breach != null) {
          LOG.warn(
              "experiment {}: variant {} is stopped, {}",
              experiment.name(),
              variant.name(),
              breach);
          stop(experiment, variant, breach);
          break;
        }
      }
    }
  }

  private void stop(Experiment experiment, Variant variant, String reason) {
    long now = time.millis();
    try {
      directory.stop(experiment.name(), variant.name(), now, reason);
    } catch (IOException | RuntimeException e) {
      unwritten.put(experiment.name() + ":" + variant.name(), new Stops.Stop(now, reason));
      LOG.error("the stop of {} cannot be kept beyond this run", variant.name(), e);
    }
    reread();
  }

  /**
   * Stops variants by hand, or lets them run again.
   *
   * @param variant which one; null for all of the experiment
   * @return whether there is such a variant
   */
  public synchronized boolean set(
      Experiment experiment, @Nullable String variant, boolean stopped, String reason)
      throws IOException {
    boolean any = false;
    for (Variant one : experiment.variants()) {
      if (variant == null || one.name().equals(variant)) {
        any = true;
        LOG.warn(
            "experiment {}: variant {} is {} by hand, {}",
            experiment.name(),
            one.name(),
            stopped ? "stopped" : "started",
            reason);
        if (stopped) {
          stop(experiment, one, reason);
        } else {
          directory.start(experiment.name(), one.name());
          unwritten.remove(experiment.name() + ":" + one.name());
        }
      }
    }
    reread();
    return any;
  }
}
