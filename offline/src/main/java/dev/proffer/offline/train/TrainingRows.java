package dev.proffer.offline.train;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.Attributes;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.offline.replay.Replay;
import dev.proffer.ranker.ModelsSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Labelled rows of a task from a history, each as of its label's instant: features see the events
 * before it and no others.
 *
 * <p>Rows for {@code next-item}: an event that answers an impression gives the rows that were
 * served, to the bit, the chosen item as yes and the other shown ones as no (an impression that
 * nobody answered says nothing of what was wanted, and gives no rows). Any other event gives the
 * chosen item as yes and a sample of that instant's candidates as no, weighted to stand for all of
 * them. A task that corrects for positions weighs rows as served by the slot of the choice ({@link
 * Examination}).
 */
final class TrainingRows {
  /** How many events may pass before the candidate sources see newer popularity. */
  private static final int INDEX_EVERY = 2_000;

  private final Settings settings;
  private final History history;
  private final ModelsSpec.Task task;
  private final Map<String, Long> origins = new TreeMap<>();
  private @Nullable Examination examination;

  TrainingRows(Settings settings, History history, ModelsSpec.Task task) {
    this.settings = settings;
    this.history = history;
    this.task = task;
  }

  /** How many rows came from where; filled by {@link #collect}. */
  Map<String, Long> origins() {
    return origins;
  }

  /**
   * Rows of labels within {@code [from, until)}.
   *
   * @param all whether every candidate becomes a row, instead of a sample
   * @param progress told the share done, 0 to 1, now and then
   */
  Rows collect(long from, long until, boolean all, java.util.function.DoubleConsumer progress) {
    return switch (task.label()) {
      case NEXT_ITEM -> nextItem(from, until, all, progress);
      case SESSION_ENDS -> sessionEnds(from, until, progress);
    };
  }

  private Rows nextItem(
      long from, long until, boolean all, java.util.function.DoubleConsumer progress) {
    FeatureProgram program = settings.contracts().program(task.contract());
    int width = program.contract().width();
    Rows rows = new Rows(width);
    FeatureInput in = new FeatureInput();
    Candidates candidates = new Candidates(settings.candidates());
    CandidateSet set = new CandidateSet();
    SplittableRandom random = new SplittableRandom(task.seed());
    @Nullable Impression[] answered =
        history.answered(settings.models().attributionMinutes() * 60_000L);
    examination =
        task.positionBias().corrects()
            ? Examination.of(task.positionBias(), history, answered, until)
            : null;
    Replay replay = new Replay(history, settings.contracts().sequence());
    CatalogIndex index = new CatalogIndex(replay.state().catalog(), replay.state().statistics());
    int[] picked = new int[1];
    float[] matrix = new float[width];
    for (; replay.hasNext() && replay.peek().timeMillis() < until; replay.step()) {
      int position = replay.position();
      if (position % INDEX_EVERY == 0) {
        index = new CatalogIndex(replay.state().catalog(), replay.state().statistics());
        progress.accept((double) position / history.events().size());
      }
      Event event = replay.peek();
      int target = replay.target();
      if (event.timeMillis() < from || target == Catalog.UNKNOWN) {
        continue;
      }
      Impression shown = answered[position];
      if (shown != null) {
        served(shown, event, program, rows);
        continue;
      }
      if (!replay.continuesSession()) {
        continue;
      }
      replay.runTo(event.timeMillis()); // what was shown since the event before
      in.set(
          replay.state().catalog(),
          replay.state().statistics(),
          replay.state().sequences().read(event.userId()),
          settings.contracts().sequence(),
          Catalog.UNKNOWN,
          0,
          RequestContext.NONE,
          Attributes.of(settings.tables(), event.userId()),
          event.timeMillis());
      candidates.find(in, index, Set.of(), ItemFilter.NONE, set);
      if (!set.contains(target)) {
        count("choices no source found", 1);
        continue;
      }
      int others = set.count() - 1;
      int negatives = all ? others : Math.min(task.negatives(), others);
      if (picked.length < negatives + 1) {
        picked = new int[Math.max(negatives + 1, picked.length * 2)];
        matrix = new float[picked.length * width];
      }
      sample(set, target, negatives, random, picked);
      program.compute(in, picked, negatives + 1, matrix);
      float weight = negatives == 0 ? 1 : (float) others / negatives;
      for (int row = 0; row <= negatives; row++) {
        rows.add(matrix, row * width, row == 0, row == 0 ? 1 : weight);
      }
      rows.endGroup();
      count("rows of sampled candidates", negatives + 1);
    }
    return rows;
  }

  private void served(Impression shown, Event event, FeatureProgram program, Rows rows) {
    if (!program.contract().sha256().equals(shown.contractSha())) {
      count("choices served without this contract", 1);
      return;
    }
    float weight = 1;
    for (int slot = 0; slot < shown.shown().size(); slot++) {
      if (examination != null && shown.shown().get(slot).itemId().equals(event.itemId())) {
        weight = (float) examination.weight(slot);
      }
    }
    for (Impression.Shown slot : shown.shown()) {
      rows.add(slot.features(), 0, slot.itemId().equals(event.itemId()), weight);
    }
    rows.endGroup(weight);
    count("rows as served", shown.shown().size());
  }

  /**
   * The target first, then {@code negatives} other candidates without replacement (partial
   * Fisher-Yates).
   */
  private static void sample(
      CandidateSet set, int target, int negatives, SplittableRandom random, int[] into) {
    int[] pool = Arrays.copyOf(set.items(), set.count());
    int size = pool.length;
    for (int at = 0; at < size; at++) {
      if (pool[at] == target) {
        pool[at] = pool[--size];
        break;
      }
    }
    into[0] = target;
    for (int at = 0; at < negatives; at++) {
      int other = at + random.nextInt(size - at);
      int item = pool[other];
      pool[other] = pool[at];
      pool[at] = item;
      into[at + 1] = item;
    }
  }

  private Rows sessionEnds(long from, long until, java.util.function.DoubleConsumer progress) {
    FeatureProgram program = settings.contracts().program(task.contract());
    Rows rows = new Rows(program.contract().width());
    float[] row = new float[program.contract().width()];
    FeatureInput in = new FeatureInput();
    long[] next = history.nextTimes();
    long gap = settings.contracts().sequence().sessionGapMillis();
    Replay replay = new Replay(history, settings.contracts().sequence());
    while (replay.hasNext() && replay.peek().timeMillis() < until) {
      int position = replay.position();
      Event event = replay.peek();
      replay.step();
      if (position % INDEX_EVERY == 0) {
        progress.accept((double) position / history.events().size());
      }
      boolean followed = next[position] < until && next[position] - event.timeMillis() <= gap;
      // Also where it was followed: else the last events would all be of sessions that went on.
      boolean known = event.timeMillis() + gap < until;
      if (event.timeMillis() < from || !known) {
        continue;
      }
      in.set(
          replay.state().catalog(),
          replay.state().statistics(),
          replay.state().sequences().read(event.userId()),
          settings.contracts().sequence(),
          Catalog.UNKNOWN,
          0,
          RequestContext.NONE,
          Attributes.of(settings.tables(), event.userId()),
          event.timeMillis() + 1);
      program.compute(in, row);
      rows.add(row, 0, !followed, 1);
      count("rows of events", 1);
    }
    return rows;
  }

  private void count(String what, long by) {
    origins.merge(what, by, Long::sum);
  }

  /** Notes for the manifest. */
  Map<String, String> notes() {
    Map<String, String> notes = new HashMap<>();
    origins.forEach((what, howMany) -> notes.put(what, howMany.toString()));
    if (examination != null) {
      notes.put("slots looked at, beside the first", examination.toString());
    }
    return notes;
  }
}
