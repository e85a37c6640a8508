package dev.proffer.offline.replay;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.log.RecentIds;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.BinaryWriter;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.StatisticsCodec;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.features.store.StateCheckpoint;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The state that the entries of a stretch of time fold to, and a digest of it, for two copies of a
 * log to be held against each other: what was given in another order, or twice, gives the same.
 *
 * <p>Items come first, each as it was given last, by id. The others are folded in the order in
 * which they arrived at a gateway, and within a millisecond by their own time and id, erasures
 * last; an id once. A gateway folds in the order of its log, which differs within a millisecond
 * only, and it leaves out of its statistics what came before its item was known.
 *
 * <p>Keeps the entries in memory until they are folded. Belongs to one thread.
 */
public final class StateReplay {
  private static final Comparator<LogEntry> ARRIVAL =
      Comparator.comparingLong(StateReplay::arrivedMillis)
          .thenComparing(entry -> entry instanceof Erasure)
          .thenComparingLong(
              entry -> entry instanceof Event event ? event.timeMillis() : arrivedMillis(entry))
          .thenComparing(StateReplay::id);

  private final SequenceSpec spec;
  private final long fromMillis;
  private final long toMillis;
  private final Map<String, Item> items = new TreeMap<>();
  private final List<LogEntry> entries = new ArrayList<>();
  private long read;

  /**
   * A replay of what arrived within [from, to), and of all items.
   *
   * @param fromMillis epoch milliseconds, inclusive
   * @param toMillis epoch milliseconds, exclusive
   */
  public StateReplay(SequenceSpec spec, long fromMillis, long toMillis) {
    this.spec = spec;
    this.fromMillis = fromMillis;
    this.toMillis = toMillis;
  }

  /**
   * What came of it.
   *
   * @param entries how many were given, of any kind and time
   * @param users who have a sequence
   * @param events folded, each id once, as are the next two
   * @param duplicates left out because their id had been folded
   * @param sha256 of the state: items by id, statistics, sequences by user; hexadecimal
   */
  public record Outcome(
      long entries,
      long users,
      long events,
      long impressions,
      long erasures,
      long items,
      long duplicates,
      String sha256) {}

  /** Takes an entry, in any order. */
  public void add(LogEntry entry) {
    read++;
    if (entry instanceof Item item) {
      items.put(item.id(), item);
      return;
    }
    boolean folds =
        entry instanceof Event || entry instanceof Impression || entry instanceof Erasure;
    if (folds && arrivedMillis(entry) >= fromMillis && arrivedMillis(entry) < toMillis) {
      entries.add(entry instanceof Impression shown ? withoutRows(shown) : entry);
    }
  }

  /** The state knows what was shown; the rows it was scored on are most of its size. */
  private static Impression withoutRows(Impression shown) {
    return new Impression(
        shown.requestId(),
        shown.userId(),
        null,
        null,
        null,
        shown.contextType(),
        shown.timeMillis(),
        shown.servedBy(),
        null,
        shown.variant(),
        null,
        List.of(),
        shown.candidates(),
        shown.shown().stream()
            .map(slot -> new Impression.Shown(slot.itemId(), List.of(), 0, 0, 0, new float[0]))
            .toList());
  }

  private static long arrivedMillis(LogEntry entry) {
    if (entry instanceof Event event) {
      return event.receivedMillis();
    }
    return entry instanceof Impression shown ? shown.timeMillis() : ((Erasure) entry).timeMillis();
  }

  private static String id(LogEntry entry) {
    if (entry instanceof Event event) {
      return event.id();
    }
    return entry instanceof Impression shown ? shown.requestId() : ((Erasure) entry).id();
  }

  /** Folds what was given; called once, at the end. */
  public Outcome fold() {
    return fold(new RecentIds(1)).outcome();
  }

  /**
   * The same, with the state as a checkpoint.
   *
   * @param index of the last record of a home's log that was given
   * @param rememberedIds how many of the latest ids a repeated one is known by
   */
  public Checkpointed fold(long index, int rememberedIds) {
    RecentIds seen = new RecentIds(rememberedIds);
    Folded folded = fold(seen);
    return new Checkpointed(
        folded.outcome(),
        new StateCheckpoint.Point(folded.state(), folded.sequences(), index, seen.hashes()));
  }

  /** What came of it, and the state itself. */
  public record Checkpointed(Outcome outcome, StateCheckpoint.Point point) {}

  private record Folded(Outcome outcome, LiveState state, SequenceStore sequences) {}

  private Folded fold(RecentIds latest) {
    entries.sort(ARRIVAL);
    SequenceStore sequences = new HeapSequenceStore();
    LiveState state = new LiveState(spec, sequences);
    items.values().forEach(state::apply);
    Set<String> events = new HashSet<>();
    Set<String> impressions = new HashSet<>();
    Set<String> erasures = new HashSet<>();
    long duplicates = 0;
    for (LogEntry entry : entries) {
      Set<String> seen =
          entry instanceof Event ? events : entry instanceof Impression ? impressions : erasures;
      if (seen.add(id(entry))) {
        state.apply(entry);
        String onceId = LogPump.onceId(entry);
        if (onceId != null) {
          latest.add(onceId);
        }
      } else {
        duplicates++;
      }
    }
    Outcome outcome =
        new Outcome(
            read,
            sequences.users(),
            events.size(),
            impressions.size(),
            erasures.size(),
            items.size(),
            duplicates,
            digest(state, sequences));
    return new Folded(outcome, state, sequences);
  }

  private String digest(LiveState state, SequenceStore all) {
    MessageDigest sha;
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
    BinaryWriter out =
        new BinaryWriter(new DigestOutputStream(OutputStream.nullOutputStream(), sha));
    Catalog.Builder catalog = new Catalog.Builder();
    out.number(items.size());
    for (Item item : items.values()) {
      catalog.put(item);
      out.text(item.id());
      out.text(item.title());
      out.text(item.category() == null ? "" : item.category());
      out.fixed(item.addedMillis());
      out.fixed(item.changedMillis());
      out.text(item.validity() + (item.deleted() ? " deleted" : ""));
      out.number(item.attributes().size());
      new TreeMap<>(item.attributes())
          .forEach(
              (name, value) -> {
                out.text(name);
                out.text(value.getClass().getSimpleName());
                out.text(value.toString());
              });
    }
    StatisticsCodec.write(state.statistics(), catalog, out);
    Map<String, byte[]> sequences = new TreeMap<>();
    all.forEach((userId, sequence) -> sequences.put(userId, sequence.encode()));
    out.number(sequences.size());
    sequences.forEach(
        (userId, sequence) -> {
          out.text(userId);
          out.bytes(sequence);
        });
    out.flush();
    return HexFormat.of().formatHex(sha.digest());
  }
}
