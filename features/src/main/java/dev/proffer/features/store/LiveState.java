package dev.proffer.features.store;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.BinaryReader;
import dev.proffer.features.state.BinaryWriter;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Retention;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.StatisticsCodec;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All state, as the fold of the log: catalog, statistics, sequences. The gateway folds as the log
 * grows, offline folds a history up to an instant; both are this class. One thread owns it. {@link
 * #catalog} and {@link #statistics} give immutable snapshots for others.
 *
 * <p>An event about an item that the catalog does not know (yet) is kept in the sequence and left
 * out of the statistics. An item whose id shares its hash with another's is left out of the
 * catalog: a sequence could not tell the two apart. The tombstone of a user removes their sequence;
 * what was counted stays counted, since a count names nobody.
 *
 * <p>Catalog and sequences are up to date when {@link #apply} returns. What the statistics make of
 * an entry is counted later, in the order of the log and over the catalog as it was: at {@link
 * #settle}, and before anybody can see the difference.
 */
public final class LiveState {
  private static final int MOST_BYTES = 1 << 26;

  /** Entries that may wait to be counted. */
  private static final int MOST_UNCOUNTED = 1_024;

  private final SequenceSpec spec;
  private final Set<String> sequenced;
  private final Set<String> sequencedBeside;
  private final Retention retention;
  private final float[] numbers; // of the event at hand
  private final SequenceAccess sequences;
  private final Catalog.Builder items;
  private final Statistics statistics;
  private final Deque<Uncounted> uncounted = new ArrayDeque<>();
  private Catalog catalog = Catalog.EMPTY;
  private boolean catalogChanged;
  private long version;
  private long itemsRefused;
  private String lastItemRefused = "";

  public LiveState(SequenceSpec spec, SequenceAccess sequences) {
    this(spec, sequences, new Catalog.Builder());
  }

  /** The same over a catalog that others share, on the same thread. */
  LiveState(SequenceSpec spec, SequenceAccess sequences, Catalog.Builder items) {
    this.items = items;
    this.spec = spec;
    this.sequenced = Set.copyOf(spec.events());
    this.sequencedBeside =
        spec.named().stream()
            .flatMap(named -> named.events().stream())
            .collect(Collectors.toUnmodifiableSet());
    this.retention = Retention.of(spec);
    this.numbers = new float[spec.numbers().size()];
    this.sequences = sequences;
    this.statistics =
        new Statistics(spec.sessionGapMillis(), spec.orderAttribute(), spec.statistics());
  }

  /**
   * What the statistics have yet to count.
   *
   * @param before the user's sequence without the event; null for what is no choice of an item, or
   *     was in the sequence already
   * @param eventHash the id of what is a choice, hashed
   */
  private record Uncounted(LogEntry entry, @Nullable UserSequence before, long eventHash) {}

  /** Folds one entry in. */
  public void apply(LogEntry entry) {
    version++;
    if (entry instanceof Item item) {
      apply(item);
    } else if (entry instanceof Event event) {
      apply(event);
    } else if (entry instanceof Impression) {
      countLater(entry, null, 0);
    } else if (entry instanceof Erasure erasure) {
      sequences.remove(erasure.userId());
    }
  }

  private void countLater(LogEntry entry, @Nullable UserSequence before, long eventHash) {
    uncounted.add(new Uncounted(entry, before, eventHash));
    if (uncounted.size() >= MOST_UNCOUNTED) {
      settle();
    }
  }

  /** Counts what has not been counted. */
  public void settle() {
    settle(Integer.MAX_VALUE);
  }

  /**
   * Counts at most so many of what has not been counted, the oldest first. An entry that makes it
   * throw is left out by the next call.
   *
   * @return whether something is left
   */
  public boolean settle(int most) {
    for (int counted = 0; counted < most; counted++) {
      Uncounted next = uncounted.poll();
      if (next == null) {
        return false;
      }
      if (next.entry() instanceof Event event) {
        count(event, next.before(), next.eventHash());
      } else if (next.entry() instanceof Impression impression) {
        count(impression);
      }
    }
    return !uncounted.isEmpty();
  }

  private void count(Impression impression) {
    for (Impression.Shown shown : impression.shown()) {
      int item = items.index(shown.itemId());
      if (item != Catalog.UNKNOWN) {
        statistics.observeImpression(item);
      }
    }
    statistics.declared().observe(impression, items);
  }

  private void count(Event event, @Nullable UserSequence before, long eventHash) {
    int item = event.itemId() == null ? Catalog.UNKNOWN : items.index(event.itemId());
    if (!chooses(event)) {
      statistics.declared().observe(event, item, items);
      return;
    }
    if (item != Catalog.UNKNOWN
        && event.requestId() != null
        && event.type().equals(EventRegistry.CLICK)) {
      statistics.observeImpressionClick(item);
    }
    if (before != null) {
      statistics.observe(before, event.timeMillis(), eventHash, item, items, spec.maxLength());
      statistics.declared().observe(event, item, items);
    }
  }

  private boolean chooses(Event event) {
    return event.itemId() != null && sequenced.contains(event.type());
  }

  /** Takes over an item of another log: it is known, and nothing of this log. */
  public void learn(Item item) {
    apply(item);
  }

  private void apply(Item item) {
    settle(); // what came before it did not know it
    if (items.put(item) == Catalog.UNKNOWN) {
      itemsRefused++;
      lastItemRefused = item.id();
    } else {
      catalogChanged = true;
    }
  }

  /**
   * Puts an event into its user's sequence and leaves the statistics as they are: for evaluations
   * on frozen statistics.
   */
  public void follow(Event event) {
    // What chooses an item and names none is kept nowhere.
    boolean chooses = sequenced.contains(event.type());
    if (chooses ? event.itemId() != null : sequencedBeside.contains(event.type())) {
      UserSequence before = sequences.read(event.userId());
      write(event, before, with(before, event, itemHash(event), Hash64.of(event.id())));
    }
  }

  private void write(Event event, UserSequence before, UserSequence after) {
    if (after != before) {
      sequences.write(event.userId(), after);
    }
  }

  private static long itemHash(Event event) {
    return event.itemId() == null ? 0 : Hash64.of(event.itemId());
  }

  private UserSequence with(UserSequence before, Event event, long itemHash, long eventHash) {
    return before.with(
        event.timeMillis(),
        itemHash,
        eventHash,
        UserSequence.typeCode(event.type()),
        numbers(event),
        retention);
  }

  /** What is kept of the event's own fields: numbers, and 0 or 1 for false and true. */
  private float[] numbers(Event event) {
    List<String> names = spec.numbers();
    for (int column = 0; column < numbers.length; column++) {
      Object value = event.fields().get(names.get(column));
      numbers[column] =
          value instanceof Number number
              ? number.floatValue()
              : value instanceof Boolean flag ? (flag ? 1 : 0) : Float.NaN;
    }
    return numbers;
  }

  private void apply(Event event) {
    if (!chooses(event)) {
      follow(event);
      countLater(event, null, 0);
      return;
    }
    long eventHash = Hash64.of(event.id());
    UserSequence before = sequences.read(event.userId());
    UserSequence after = with(before, event, itemHash(event), eventHash);
    boolean known =
        before.holds(before.position(event.timeMillis(), eventHash), event.timeMillis(), eventHash);
    write(event, before, after);
    countLater(event, known ? null : before, eventHash);
  }

  /** How many entries were folded: changes when anything did. */
  public long version() {
    return version;
  }

  /** Items left out because the hash of their id is that of another item's. */
  public long itemsRefused() {
    return itemsRefused;
  }

  /** The id of the latest of them; empty when there is none. */
  public String lastItemRefused() {
    return lastItemRefused;
  }

  /**
   * Writes all of it.
   *
   * @param all the sequences it was folded into
   */
  public void writeTo(BinaryWriter out, SequenceStore all) {
    settle();
    writeRules(out);
    out.number(version);
    List<String> categories = items.categories();
    out.number(categories.size());
    categories.forEach(out::text);
    out.number(items.size());
    for (int index = 1; index <= items.size(); index++) {
      out.bytes(LogCodec.encode(items.item(index)));
    }
    StatisticsCodec.write(statistics, items, out);
    out.number(all.users());
    all.forEach(
        (userId, sequence) -> {
          out.text(userId);
          out.bytes(sequence.encode());
        });
  }

  /**
   * Reads what {@link #writeTo} wrote into this state, which has folded nothing yet.
   *
   * @throws IllegalArgumentException when it is none, or folded by other rules; this state is of no
   *     use then
   */
  public void readFrom(BinaryReader in) {
    readFrom(in, true);
  }

  /**
   * The same.
   *
   * @param named whether it says which sequences are named; it knows of none otherwise
   */
  void readFrom(BinaryReader in, boolean named) {
    readRules(in, named);
    version = in.number();
    for (long left = in.number(); left > 0; left--) {
      items.addCategory(in.text(MOST_BYTES));
    }
    for (long left = in.number(); left > 0; left--) {
      byte[] bytes = in.bytes(MOST_BYTES);
      if (!(LogCodec.decode(bytes, 0, bytes.length) instanceof Item item)) {
        throw in.refused("no item");
      }
      items.put(item);
      catalogChanged = true;
    }
    StatisticsCodec.add(in, statistics, items);
    for (long left = in.number(); left > 0; left--) {
      String userId = in.text(MOST_BYTES);
      sequences.write(userId, UserSequence.decode(in.bytes(MOST_BYTES)));
    }
  }

  private void writeRules(BinaryWriter out) {
    out.number(spec.events().size());
    spec.events().forEach(out::text);
    out.number(spec.maxLength());
    out.number(spec.numbers().size());
    spec.numbers().forEach(out::text);
    out.number(spec.named().size());
    spec.named().forEach(named -> out.text(named.canonical()));
  }

  private void readRules(BinaryReader in, boolean saysNamed) {
    List<String> types = new ArrayList<>();
    for (long left = in.number(); left > 0; left--) {
      types.add(in.text(MOST_BYTES));
    }
    long maxLength = in.number();
    List<String> kept = new ArrayList<>();
    for (long left = in.number(); left > 0; left--) {
      kept.add(in.text(MOST_BYTES));
    }
    List<String> named = new ArrayList<>();
    for (long left = saysNamed ? in.number() : 0; left > 0; left--) {
      named.add(in.text(MOST_BYTES));
    }
    List<String> declared = spec.named().stream().map(SequenceSpec.Named::canonical).toList();
    if (!Set.copyOf(types).equals(sequenced)
        || maxLength != spec.maxLength()
        || !kept.equals(spec.numbers())
        || !named.equals(declared)) {
      throw in.refused(
          rules(types, maxLength, kept, named)
              + ", expected "
              + rules(spec.events(), spec.maxLength(), spec.numbers(), declared)
              + " as in "
              + SequenceSpec.FILE);
    }
  }

  private static String rules(
      List<String> types, long maxLength, List<String> numbers, List<String> named) {
    return "sequences of "
        + types
        + " up to "
        + maxLength
        + " with the numbers "
        + numbers
        + (named.isEmpty() ? "" : " and " + named + " beside them");
  }

  /** Whether items changed since {@link #catalog} was asked for. */
  public boolean catalogChanged() {
    return catalogChanged;
  }

  /** The catalog as of now; immutable. Rebuilt only when items changed. */
  public Catalog catalog() {
    if (catalogChanged) {
      catalog = items.build();
      catalogChanged = false;
    }
    return catalog;
  }

  /** The statistics themselves, for the owning thread to read between two entries. */
  public Statistics statistics() {
    settle();
    return statistics;
  }

  public SequenceAccess sequences() {
    return sequences;
  }

  public SequenceSpec spec() {
    return spec;
  }
}
