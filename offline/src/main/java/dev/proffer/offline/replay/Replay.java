package dev.proffer.offline.replay;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;

/**
 * A history folded event by event into the state a gateway would have had at each instant: all
 * items at the start, then events and impressions by their time. After {@link #step} the state
 * holds what came up to that event, after {@link #runTo} all that came before the instant. Belongs
 * to one thread.
 */
public final class Replay {
  private final History history;
  private final LiveState state;
  private int nextEvent;
  private int nextImpression;

  public Replay(History history, SequenceSpec spec) {
    this.history = history;
    this.state = new LiveState(spec, new HeapSequenceStore());
    for (Item item : history.items()) {
      state.apply(item);
    }
  }

  /** The state as of the next event, which is not in it yet. */
  public LiveState state() {
    return state;
  }

  /** Position of the next event in {@link History#events}. */
  public int position() {
    return nextEvent;
  }

  /** The next event, which {@link #step} will fold; only while {@link #hasNext}. */
  public Event peek() {
    return history.events().get(nextEvent);
  }

  public boolean hasNext() {
    return nextEvent < history.events().size();
  }

  /** Folds the next event, and the impressions up to it. */
  public void step() {
    Event event = history.events().get(nextEvent++);
    foldImpressions(event.timeMillis() + 1);
    state.apply(event);
  }

  /** Folds all events and impressions before an instant. */
  public void runTo(long instantMillis) {
    while (hasNext() && peek().timeMillis() < instantMillis) {
      step();
    }
    foldImpressions(instantMillis);
  }

  private void foldImpressions(long before) {
    while (nextImpression < history.impressions().size()
        && history.impressions().get(nextImpression).timeMillis() < before) {
      state.apply(history.impressions().get(nextImpression++));
    }
  }

  /**
   * Whether the next event continues a session of its user, so that something can be known of the
   * person.
   */
  public boolean continuesSession() {
    Event event = peek();
    UserSequence sequence = state.sequences().read(event.userId());
    int before = sequence.position(event.timeMillis(), Long.MIN_VALUE);
    return before > 0
        && event.timeMillis() - sequence.timeMillis(before - 1) <= state.spec().sessionGapMillis();
  }

  /**
   * The catalog index of the next event's item; {@link Catalog#UNKNOWN} when the catalog lacks it.
   */
  public int target() {
    String item = peek().itemId();
    return item == null ? Catalog.UNKNOWN : state.catalog().index(item);
  }
}
