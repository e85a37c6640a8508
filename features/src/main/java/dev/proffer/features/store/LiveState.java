package dev.proffer.features.store;

import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.util.Set;

/**
 * All state, as the fold of the log: catalog, statistics, sequences. The gateway folds as the log
 * grows, offline folds a history up to an instant; both are this class. One thread owns it. {@link
 * #catalog} and {@link #statistics} give immutable snapshots for others.
 *
 * <p>An event about an item that the catalog does not know (yet) is kept in the sequence and left
 * out of the statistics.
 */
public final class LiveState {
  private final SequenceSpec spec;
  private final Set<String> sequenced;
  private final SequenceStore sequences;
  private final Catalog.Builder items = new Catalog.Builder();
  private final Statistics statistics;
  private Catalog catalog = Catalog.EMPTY;
  private boolean catalogChanged;
  private long version;

  public LiveState(SequenceSpec spec, SequenceStore sequences) {
    this.spec = spec;
    this.sequenced = Set.copyOf(spec.events());
    this.sequences = sequences;
    this.statistics = new Statistics(spec.sessionGapMillis(), spec.orderAttribute());
  }

  /** Folds one entry in. */
  public void apply(LogEntry entry) {
    version++;
    if (entry instanceof Item item) {
      items.put(item);
      catalogChanged = true;
    } else if (entry instanceof Event event) {
      apply(event);
    } else if (entry instanceof Impression impression) {
      for (Impression.Shown shown : impression.shown()) {
        int item = items.index(shown.itemId());
        if (item != Catalog.UNKNOWN) {
          statistics.observeImpression(item);
        }
      }
    }
  }

  /**
   * Puts an event into its user's sequence and leaves the statistics as they are: for evaluations
   * on frozen statistics.
   */
  public void follow(Event event) {
    if (event.itemId() != null && sequenced.contains(event.type())) {
      UserSequence before = sequences.read(event.userId());
      UserSequence after = with(before, event, event.itemId());
      if (after != before) {
        sequences.write(event.userId(), after);
      }
    }
  }

  private UserSequence with(UserSequence before, Event event, String itemId) {
    return before.with(
        event.timeMillis(),
        Hash64.of(itemId),
        Hash64.of(event.id()),
        UserSequence.typeCode(event.type()),
        spec.maxLength());
  }

  private void apply(Event event) {
    if (event.itemId() == null || !sequenced.contains(event.type())) {
      return;
    }
    int item = items.index(event.itemId());
    if (item != Catalog.UNKNOWN
        && event.requestId() != null
        && event.type().equals(EventRegistry.CLICK)) {
      statistics.observeImpressionClick(item);
    }
    long eventHash = Hash64.of(event.id());
    UserSequence before = sequences.read(event.userId());
    UserSequence after = with(before, event, event.itemId());
    if (!before.holds(
        before.position(event.timeMillis(), eventHash), event.timeMillis(), eventHash)) {
      statistics.observe(before, event.timeMillis(), eventHash, item, items);
    }
    if (after != before) {
      sequences.write(event.userId(), after);
    }
  }

  /** How many entries were folded: changes when anything did. */
  public long version() {
    return version;
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
    return statistics;
  }

  public SequenceStore sequences() {
    return sequences;
  }

  public SequenceSpec spec() {
    return spec;
  }
}
