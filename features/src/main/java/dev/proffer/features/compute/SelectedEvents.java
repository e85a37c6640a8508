package dev.proffer.features.compute;

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

  private void find() {
    request = in.request();
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

  private boolean holds(int type) {
    for (int one : types) {
      if (one == type) {
        return true;
      }
    }
    return false;
  }
}
