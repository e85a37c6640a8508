package dev.proffer.features.compute;

import org.jspecify.annotations.Nullable;

/** The events of one selection, looked up once an input. Belongs to one thread. */
final class SelectedOf {
  private final EventSelection selection;
  private @Nullable FeatureInput asked;
  private @Nullable SelectedEvents selected;

  SelectedOf(EventSelection selection) {
    this.selection = selection;
  }

  SelectedEvents in(FeatureInput in) {
    SelectedEvents events = selected;
    if (events == null || asked != in) {
      events = in.select(selection);
      selected = events;
      asked = in;
    }
    return events;
  }
}
