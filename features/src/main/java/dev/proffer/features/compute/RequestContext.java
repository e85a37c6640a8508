package dev.proffer.features.compute;

/**
 * What a caller says of the moment beside user and item. Immutable.
 *
 * @param device as the caller names it; empty when it names none
 * @param contextType {@code home}, {@code item}, {@code category} or {@code search}; empty when
 *     nothing was asked, as when a model is trained on past choices
 * @param context what the person looks at or searches for, whatever that is; empty when nobody
 *     knows
 */
public record RequestContext(String device, String contextType, String context) {
  /** Nothing said. */
  public static final RequestContext NONE = new RequestContext("", "", "");

  /** What was searched for; empty when nothing was. */
  public String search() {
    return contextType.equals("search") ? context : "";
  }
}
