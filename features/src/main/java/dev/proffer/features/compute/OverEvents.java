package dev.proffer.features.compute;

import org.jspecify.annotations.Nullable;

/** A request's value over some of the user's events. */
final class OverEvents implements Transformation.OfRequest {
  private final EventSelection selection;
  private final Reduction reduction;
  private @Nullable FeatureInput asked;
  private @Nullable SelectedEvents selected;

  /** What is made of the events. */
  @FunctionalInterface
  interface Reduction {
    /**
     * The value.
     *
     * @param count of {@code events}; may be 0
     */
    float of(FeatureInput in, SelectedEvents events, int count);
  }

  OverEvents(EventSelection selection, Reduction reduction) {
    this.selection = selection;
    this.reduction = reduction;
  }

  @Override
  public float value(FeatureInput in) {
    SelectedEvents events = selected;
    if (events == null || asked != in) {
      events = in.select(selection);
      selected = events;
      asked = in;
    }
    return reduction.of(in, events, events.count());
  }
}
