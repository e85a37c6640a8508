package dev.proffer.features.compute;

import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.UserSequence;

/**
 * The events of a selection, oldest first, as places in the input's sequence. Found once a request,
 * when it is first asked; belongs to its input.
 */
final class SelectedEvents {
  private final EventSelection selection;
  private final int[] types;
  private final FeatureInput in;
  private int request = -1;
  private int[] places = new int[64];
  private int count;
  private int[] codes = {}; // of the named sequence's types

  SelectedEvents(EventSelection selection, FeatureInput in) {
    this.selection = selection;
    this.types = selection.types().stream().mapToInt(Integer::intValue).toArray();
    this.in = in;
  }

  /** How many there are. */
  int count() {
    if (request != in.request()) {
      find();
    }
    return count;
  }

  /**
   * Where in the input one stands, by {@link FeatureInput#item} and {@link
   * FeatureInput#timeMillis}.
   */
  int place(int at) {
    return places[at];
  }

  /** When one happened. Call {@link #count} first. */
  long timeMillis(int at) {
    return in.timeMillis(places[at]);
  }

  /** Which item one was about. */
  int item(int at) {
    return in.item(places[at]);
  }

  /** A longer pause than this between two of them parts two sessions, in milliseconds. */
  long sessionGapMillis() {
    return selection.sequence() == EventSelection.MAIN
        ? in.sessionGapMillis()
        : in.named(selection.sequence()).sessionGapMillis();
  }

  private void find() {
    request = in.request();
    if (selection.sequence() != EventSelection.MAIN) {
      findNamed(in.named(selection.sequence()));
      return;
    }
    if (places.length < in.events()) {
      places = new int[2 * in.events()];
    }
    count = 0;
    int first = selection.sessionOnly() ? in.sessionStart() : 0;
    if (selection.windowMillis() > 0) {
      // Times ascend: the window begins behind the last event that is too old.
      long oldest = in.asOfMillis() - selection.windowMillis();
      int begin = in.events();
      while (begin > first && in.timeMillis(begin - 1) >= oldest) {
        begin--;
      }
      first = begin;
    }
    for (int at = first; at < in.events(); at++) {
      if (types.length == 0 || holds(in.type(at))) {
        places[count++] = at;
      }
    }
  }

  private void findNamed(SequenceSpec.Named named) {
    if (places.length < in.mostPlaces()) {
      places = new int[2 * in.mostPlaces()];
    }
    if (codes.length == 0) {
      codes = named.events().stream().mapToInt(UserSequence::typeCode).toArray();
    }
    int all = in.places(named, codes, places);
    long oldest =
        selection.windowMillis() == 0 ? Long.MIN_VALUE : in.asOfMillis() - selection.windowMillis();
    int first = all;
    while (first > 0
        && timeMillis(first - 1) >= oldest
        && (!selection.sessionOnly()
            || first == all
            || timeMillis(first) - timeMillis(first - 1) <= named.sessionGapMillis())) {
      first--;
    }
    count = 0;
    for (int at = first; at < all; at++) {
      if (types.length == 0 || holds(in.type(places[at]))) {
        places[count++] = places[at];
      }
    }
  }

  private boolean holds(int type) {
    for (int one : types) {
      if (one == type) {
        return true;
      }
    }
    return false;
  }
}
