package dev.proffer.offline.build;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.events.Event;
import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.tables.Attributes;
import dev.proffer.features.tables.Tables;
import dev.proffer.offline.Settings;
import dev.proffer.pipeline.ContextType;
import dev.proffer.pipeline.QueryInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a stretch of labels, from a timeline that is gone through from its beginning: what
 * comes before the stretch is folded into state, by the fold that a gateway uses, and each label of
 * the stretch is computed from the state as it stands where the label does. So the rows of a label
 * are the same however the labels are parted into stretches. Belongs to one thread.
 *
 * <p>Candidates that were not chosen are drawn by the label's own seed, from the sources that
 * serve, over orders of the catalog that are made anew every {@value #INDEX_EVERY} events, or as
 * many as there are items if that is more: so they hang on nothing but what was known.
 */
public final class RowBuilder {
  private static final int INDEX_EVERY = 1_000;

  private final BuildSpec spec;
  private final SequenceSpec sequence;
  private final Tables tables;
  private final RowSink sink;
  private final long first;
  private final long end;
  private final LiveState state;
  private final FeatureProgram program;
  private final int width;
  private final FeatureInput in = new FeatureInput();
  private final Candidates candidates;
  private final CandidateSet set = new CandidateSet();
  private final Map<String, Long> outcomes = new TreeMap<>();
  private CatalogIndex index = new CatalogIndex(Catalog.EMPTY, new Statistics());
  private Catalog catalogOfIndex = Catalog.EMPTY;
  private long eventsOfIndex;
  private long events;
  private long labels;
  private long rows;
  private int[] items = new int[64];
  private float[] matrix;

  private final List<TimelineRow> label = new ArrayList<>(); // its slots, as they come
  private @Nullable TimelineRow impression;
  private final List<Impression.Shown> shown = new ArrayList<>();

  /**
   * A builder that has seen nothing yet.
   *
   * @param first the number of the stretch's first label, counted from 0
   * @param end the number behind its last
   */
  public RowBuilder(Settings settings, BuildSpec spec, long first, long end, RowSink sink) {
    this.spec = spec;
    this.sink = sink;
    this.first = first;
    this.end = end;
    sequence = settings.contracts().sequence();
    tables = settings.tables();
    state = new LiveState(sequence, new HeapSequenceStore());
    program = settings.contracts().program(spec.contract());
    if (!program.contract().sha256().equals(spec.contractSha256())) {
      throw new IllegalStateException(
          "the contract " + spec.contract() + " is another one here than where the build began");
    }
    width = program.contract().width();
    candidates = new Candidates(settings.candidates());
    matrix = new float[items.length * width];
  }

  /** Takes the next row of the timeline; false once the stretch is done and no more is needed. */
  public boolean take(TimelineRow row) throws IOException {
    if (!label.isEmpty() && !(row.kind() == TimelineRow.LABEL && row.id().equals(label(0).id()))) {
      compute();
      if (labels >= end) {
        return false;
      }
    }
    if (impression != null && !row.id().equals(impression.id())) {
      foldImpression();
    }
    switch (row.kind()) {
      case TimelineRow.LABEL -> label.add(row);
      case TimelineRow.ITEM ->
          state.apply(
              new Item(
                  row.id(),
                  row.title() == null ? "" : row.title(),
                  row.category(),
                  row.time(),
                  Fields.read(row.fields())));
      case TimelineRow.EVENT -> fold(row);
      case TimelineRow.IMPRESSION -> {
        if (row.slot() < 0) {
          impression = row;
        } else if (impression != null && row.itemId() != null) {
          shown.add(new Impression.Shown(row.itemId(), List.of(), 0, 0, 0, NO_ROW));
        }
      }
      default -> throw new IllegalStateException("a timeline has no rows of kind " + row.kind());
    }
    return true;
  }

  private static final float[] NO_ROW = {};

  /** The timeline is at its end. */
  public void finish() throws IOException {
    if (!label.isEmpty()) {
      compute();
    }
  }

  /** Rows given to the sink. */
  public long rows() {
    return rows;
  }

  /** How many labels gave rows, by where they come from, and why others gave none. */
  public Map<String, Long> outcomes() {
    return outcomes;
  }

  private TimelineRow label(int slot) {
    return label.get(slot);
  }

  private void fold(TimelineRow event) {
    orders(events - eventsOfIndex >= Math.max(INDEX_EVERY, state.catalog().size()));
    events++;
    state.apply(
        new Event(
            event.id(),
            Objects.requireNonNull(event.type()),
            Objects.requireNonNull(event.userId()),
            event.itemId(),
            event.requestId(),
            null,
            event.time(),
            event.received(),
            Fields.read(event.fields())));
  }

  /**
   * Makes the orders over the catalog anew where the catalog is another. Events alone move them, so
   * whether that is before the next event or at a label before it comes to the same.
   */
  private void orders(boolean old) {
    Catalog catalog = state.catalog();
    if (old || catalog != catalogOfIndex) {
      index = new CatalogIndex(catalog, state.statistics());
      catalogOfIndex = catalog;
      eventsOfIndex = events;
    }
  }

  private void foldImpression() {
    TimelineRow of = Objects.requireNonNull(impression);
    state.apply(
        new Impression(
            of.id(),
            of.userId() == null ? "" : of.userId(),
            null,
            of.device(),
            of.context(),
            of.contextType() == null ? "" : of.contextType(),
            of.time(),
            "",
            null,
            "",
            null,
            List.of(),
            0,
            shown));
    impression = null;
    shown.clear();
  }

  private void compute() throws IOException {
    long number = labels++;
    if (number >= first && number < end) {
      TimelineRow head = label(0);
      String origin = Objects.requireNonNull(head.type());
      RowSink.Label of =
          new RowSink.Label(
              head.knownAt(),
              head.id(),
              head.requestId(),
              Objects.requireNonNull(head.userId()),
              origin);
      String outcome =
          switch (origin) {
            case "served" -> served(of, head);
            case "sampled" -> sampled(of, head);
            default -> ofUser(of, head);
          };
      outcomes.merge(outcome, 1L, Long::sum);
    }
    label.clear();
  }

  /** The rows of what was shown, as of when it was. */
  private String served(RowSink.Label of, TimelineRow head) throws IOException {
    Catalog catalog = state.catalog();
    ContextType type = head.contextType() == null ? null : ContextType.of(head.contextType());
    QueryInput.set(
        in,
        catalog,
        state.statistics(),
        state.sequences().read(of.userId()),
        sequence,
        head.device(),
        head.context(),
        type == null ? ContextType.HOME : type,
        Attributes.of(tables, of.userId()),
        of.asOfMillis());
    int count = label.size();
    grow(count);
    for (int at = 0; at < count; at++) {
      items[at] = catalog.index(Objects.requireNonNull(label(at).itemId()));
    }
    program.compute(in, items, count, matrix);
    for (int at = 0; at < count; at++) {
      String item = Objects.requireNonNull(label(at).itemId());
      give(of, at, item, item.equals(head.chosen()), 1);
    }
    return "labels as served";
  }

  /** The chosen item and a sample of the other candidates, as of the choice. */
  private String sampled(RowSink.Label of, TimelineRow head) throws IOException {
    Catalog catalog = state.catalog();
    int target = head.chosen() == null ? Catalog.UNKNOWN : catalog.index(head.chosen());
    if (target == Catalog.UNKNOWN) {
      return "choices of unknown items";
    }
    UserSequence before = state.sequences().read(of.userId());
    int earlier = before.position(of.asOfMillis(), Long.MIN_VALUE);
    if (earlier == 0
        || of.asOfMillis() - before.timeMillis(earlier - 1) > spec.sessionGapMillis()) {
      return "choices that begin a session";
    }
    in.set(
        catalog,
        state.statistics(),
        before,
        sequence,
        Catalog.UNKNOWN,
        0,
        RequestContext.NONE,
        Attributes.of(tables, of.userId()),
        of.asOfMillis());
    orders(false);
    candidates.find(in, index, Set.of(), ItemFilter.NONE, set);
    if (!set.contains(target)) {
      return "choices no source found";
    }
    int others = set.count() - 1;
    int negatives = Math.min(spec.negatives(), others);
    grow(negatives + 1);
    draw(target, negatives, new SplittableRandom(spec.seed() ^ Hash64.of(of.labelId())));
    program.compute(in, items, negatives + 1, matrix);
    float weight = negatives == 0 ? 1 : (float) others / negatives;
    for (int at = 0; at <= negatives; at++) {
      give(of, at, catalog.item(items[at]).id(), at == 0, at == 0 ? 1 : weight);
    }
    return "labels with sampled candidates";
  }

  /** The row about the user alone, right after the event. */
  private String ofUser(RowSink.Label of, TimelineRow head) throws IOException {
    in.set(
        state.catalog(),
        state.statistics(),
        state.sequences().read(of.userId()),
        sequence,
        Catalog.UNKNOWN,
        0,
        RequestContext.NONE,
        Attributes.of(tables, of.userId()),
        of.asOfMillis());
    program.compute(in, matrix);
    give(of, 0, null, "ended".equals(head.chosen()), 1);
    return "labels of events";
  }

  private void give(
      RowSink.Label of, int position, @Nullable String item, boolean wanted, float weight)
      throws IOException {
    sink.row(of, position, item, wanted, weight, matrix, position * width);
    rows++;
  }

  private void grow(int count) {
    if (items.length < count) {
      items = new int[count * 2];
      matrix = new float[items.length * width];
    }
  }

  /** The target first, then others without replacement (partial Fisher-Yates). */
  private void draw(int target, int negatives, SplittableRandom random) {
    int[] pool = Arrays.copyOf(set.items(), set.count());
    int size = pool.length;
    for (int at = 0; at < size; at++) {
      if (pool[at] == target) {
        pool[at] = pool[--size];
        break;
      }
    }
    items[0] = target;
    for (int at = 0; at < negatives; at++) {
      int other = at + random.nextInt(size - at);
      int item = pool[other];
      pool[other] = pool[at];
      items[at + 1] = item;
    }
  }
}
