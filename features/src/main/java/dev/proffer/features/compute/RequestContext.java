package dev.proffer.features.compute;

/**
 * What a caller says of the moment beside user and item. Immutable.
 *
 * @param device as the caller names it; empty when it names none
 * @param contextType {@code home}, {@code item}, {@code category} or {@code search}; empty when
 *     nothing was asked, as when a model is trained on past choices
 * @param text what was searched for; empty when nothing was
 */
public record RequestContext(String device, String contextType, String text) {
  /** Nothing said. */
  public static final RequestContext NONE = new RequestContext("", "", "");
}
