package dev.proffer.gateway.ops;

/** What a request asked for, as metrics call it. The word is a metric tag, never renamed. */
public enum Route {
  SUGGEST("/suggest"),
  LOG_EVENT("/log_event"),
  PREDICT("/predict"),
  HEALTH("/health"),
  DOCS("/docs"),
  OPENAPI("/openapi.yaml"),
  MANAGEMENT("management"),
  /** A path that is not there, so that no caller can make up tags. */
  OTHER("other");

  private final String word;

  Route(String word) {
    this.word = word;
  }

  /** The word in metrics. */
  public String word() {
    return word;
  }
}
