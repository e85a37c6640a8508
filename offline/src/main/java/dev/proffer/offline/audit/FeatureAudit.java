package dev.proffer.offline.audit;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.log.RecentIds;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.tables.Attributes;
import dev.proffer.features.tables.Tables;
import dev.proffer.offline.Settings;
import dev.proffer.pipeline.ContextType;
import dev.proffer.pipeline.QueryInput;
import dev.proffer.pipeline.sample.ServedSample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds samples of what was served against the same features computed anew from the log: catalog
 * and statistics are folded up to the very record that the gateway had folded, the user's sequence
 * goes on from there until it is the one that was read. Only then values are compared, by their
 * bits. Belongs to one thread.
 */
public final class FeatureAudit {
  /** What is wrong when no state of the user's sequence is the one that was read. */
  public static final String SEQUENCE = "(the user's sequence)";

  private final Contracts contracts;
  private final Tables tables;
  private final LiveState state;
  private final FeatureInput in = new FeatureInput();
  private final Map<String, FeatureProgram> programs = new HashMap<>();
  private final Map<String, Shown> shown = new HashMap<>();
  private final Map<Long, List<Later>> later = new HashMap<>();
  private final Map<String, Long> skipped = new TreeMap<>();
  private final Map<String, Offence> offences = new TreeMap<>();
  private long recomputed;
  private long rows;
  private long rowsEqual;
  private long values;
  private long valuesEqual;

  private record Shown(long index, Impression impression) {}

  private record Later(long index, LogEntry entry) {}

  private static final class Offence {
    private long unequal;
    private double largest;
    private String example = "";
  }

  /**
   * A feature whose values were not what was served.
   *
   * @param unequal how many values
   * @param largest difference; NaN where one of two is missing
   * @param example one of them, in words
   */
  public record Offender(String feature, long unequal, double largest, String example) {}

  /**
   * What came of it.
   *
   * @param samples how many there were
   * @param recomputed of how many the state was found again, or looked for and not found
   * @param skipped how many could not be looked at, by why
   * @param worst features by how many of their values were unequal
   */
  public record Report(
      long samples,
      long recomputed,
      Map<String, Long> skipped,
      long rows,
      long rowsEqual,
      long values,
      long valuesEqual,
      List<Offender> worst) {
    /** The share of rows that were not equal; 0 when there are none. */
    public double unequalShare() {
      return rows == 0 ? 0 : (double) (rows - rowsEqual) / rows;
    }
  }

  private FeatureAudit(Settings settings) {
    this.contracts = settings.contracts();
    this.tables = settings.tables();
    this.state = new LiveState(contracts.sequence(), new HeapSequenceStore());
    for (String name : contracts.names()) {
      FeatureProgram program = contracts.program(name);
      programs.put(program.contract().sha256(), program);
    }
  }

  /**
   * Computes samples again; the log is read twice.
   *
   * @param settings with the home's tables
   * @param rememberedIds how many of the latest ids the gateway knows a repeated one by
   */
  public static Report run(
      Settings settings, EventLog log, List<ServedSample> samples, int rememberedIds) {
    FeatureAudit audit = new FeatureAudit(settings);
    List<ServedSample> byState = new ArrayList<>(samples);
    byState.sort(Comparator.comparingLong(ServedSample::logIndex));
    audit.lookAhead(log, samples);
    audit.replay(log, byState, rememberedIds);
    return audit.report(samples.size());
  }

  /** Finds the sampled impressions, and what their users did. */
  private void lookAhead(EventLog log, List<ServedSample> samples) {
    samples.forEach(sample -> later.put(sample.userHash(), new ArrayList<>()));
    Map<String, ServedSample> byRequest = new HashMap<>();
    samples.forEach(sample -> byRequest.put(sample.requestId(), sample));
    try (EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        String user = null;
        if (entry instanceof Impression impression
            && byRequest.containsKey(impression.requestId())) {
          shown.put(impression.requestId(), new Shown(tail.index(), impression));
        } else if (entry instanceof Event event) {
          user = event.userId();
        } else if (entry instanceof Erasure erasure) {
          user = erasure.userId();
        }
        List<Later> of = user == null ? null : later.get(Hash64.of(user));
        if (of != null) {
          of.add(new Later(tail.index(), entry));
        }
      }
    }
  }

  private void replay(EventLog log, List<ServedSample> samples, int rememberedIds) {
    RecentIds seen = new RecentIds(rememberedIds);
    int next = 0;
    try (EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        while (next < samples.size() && samples.get(next).logIndex() < tail.index()) {
          hold(samples.get(next++));
        }
        String id = LogPump.onceId(entry);
        if (id == null || seen.add(id)) {
          try {
            state.apply(entry);
          } catch (RuntimeException e) {
            // The gateway counted it and left it out; so is it here.
          }
        }
      }
    }
    while (next < samples.size()) {
      hold(samples.get(next++));
    }
  }

  private void hold(ServedSample sample) {
    if (sample.logIndex() < 0) {
      skip("the state was not the fold of this log alone");
      return;
    }
    FeatureProgram program = programs.get(sample.contractSha256());
    if (program == null || program.contract().width() != sample.width()) {
      skip("the contract is not one of features.yaml any more");
      return;
    }
    Shown answer = shown.get(sample.requestId());
    if (answer == null) {
      skip("the impression is not in the log (any more)");
      return;
    }
    recomputed++;
    int count = sample.items().size();
    rows += count;
    values += (long) count * sample.width();
    UserSequence sequence = sequence(sample, answer);
    if (sequence == null) {
      offend(SEQUENCE, (long) count * sample.width(), Double.NaN, sample, "is none that is known");
      return;
    }
    Impression impression = answer.impression();
    ContextType type = ContextType.of(impression.contextType());
    Catalog catalog = state.catalog();
    QueryInput.set(
        in,
        catalog,
        state.statistics(),
        sequence,
        contracts.sequence(),
        impression.device(),
        impression.context(),
        type == null ? ContextType.HOME : type,
        Attributes.of(tables, impression.userId()),
        impression.timeMillis());
    int[] items = sample.items().stream().mapToInt(catalog::index).toArray();
    float[] anew = new float[count * sample.width()];
    program.compute(in, items, count, anew);
    compare(sample, program.contract(), anew);
  }

  /** The user's sequence as it was read: that of the statistics' state, or a later one. */
  private @Nullable UserSequence sequence(ServedSample sample, Shown answer) {
    String user = answer.impression().userId();
    UserSequence now = state.sequences().read(user);
    if (ServedSample.hash(now) == sample.sequenceHash()) {
      return now;
    }
    HeapSequenceStore aside = new HeapSequenceStore();
    LiveState following = new LiveState(contracts.sequence(), aside);
    aside.write(user, now);
    for (Later one : later.getOrDefault(sample.userHash(), List.of())) {
      if (one.index() > sample.logIndex() && one.index() < answer.index()) {
        if (one.entry() instanceof Event event) {
          following.follow(event);
        } else {
          aside.remove(user);
        }
        UserSequence then = aside.read(user);
        if (ServedSample.hash(then) == sample.sequenceHash()) {
          return then;
        }
      }
    }
    return null;
  }

  private void compare(ServedSample sample, FeatureContract contract, float[] anew) {
    int width = sample.width();
    for (int row = 0; row < sample.items().size(); row++) {
      boolean equal = true;
      for (int column = 0; column < width; column++) {
        float served = sample.rows()[row * width + column];
        float computed = anew[row * width + column];
        if (Float.floatToRawIntBits(served) == Float.floatToRawIntBits(computed)) {
          valuesEqual++;
        } else {
          equal = false;
          offend(
              contract.feature(column).name(),
              1,
              Math.abs((double) served - computed),
              sample,
              sample.items().get(row) + ": served " + served + ", computed " + computed);
        }
      }
      rowsEqual += equal ? 1 : 0;
    }
  }

  private void offend(
      String feature, long unequal, double difference, ServedSample sample, String words) {
    Offence offence = offences.computeIfAbsent(feature, name -> new Offence());
    if (offence.unequal == 0 || !(difference <= offence.largest)) {
      offence.largest = difference;
      offence.example = "request " + sample.requestId() + ", " + words;
    }
    offence.unequal += unequal;
  }

  private void skip(String why) {
    skipped.merge(why, 1L, Long::sum);
  }

  private Report report(long samples) {
    List<Offender> worst = new ArrayList<>();
    offences.forEach(
        (feature, of) -> worst.add(new Offender(feature, of.unequal, of.largest, of.example)));
    worst.sort(Comparator.comparingLong(Offender::unequal).reversed());
    return new Report(samples, recomputed, skipped, rows, rowsEqual, values, valuesEqual, worst);
  }
}
