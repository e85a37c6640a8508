package dev.proffer.features.compute;

/** A request's value over some of the user's events. */
final class OverEvents implements Transformation.OfRequest {
  private final SelectedOf selected;
  private final Reduction reduction;

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
    this.selected = new SelectedOf(selection);
    this.reduction = reduction;
  }

  @Override
  public float value(FeatureInput in) {
    SelectedEvents events = selected.in(in);
    return reduction.of(in, events, events.count());
  }
}
