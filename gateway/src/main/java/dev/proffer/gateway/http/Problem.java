package dev.proffer.gateway.http;

import java.util.Locale;

/**
 * Everything that can go wrong with a request. The name is wire code and metric tag, never renamed.
 */
enum Problem {
  MALFORMED_REQUEST(400, Blame.CALLER, "The request is not as it should be"),
  NOTHING_KEPT(400, Blame.CALLER, "None of the events could be kept"),
  NO_ITEM_KEPT(400, Blame.CALLER, "None of the items could be kept"),
  NO_SUCH_PATH(404, Blame.CALLER, "There is nothing at this path"),
  UNKNOWN_TASK(404, Blame.CALLER, "There is no such task"),
  NO_SUCH_VARIANT(404, Blame.CALLER, "The experiment has no such variant"),
  NO_SUCH_ITEM(404, Blame.CALLER, "There is no such item"),
  METHOD_NOT_ALLOWED(405, Blame.CALLER, "This path does not take this method"),
  NO_PREVIOUS_MODEL(409, Blame.CALLER, "No version was champion before"),
  BODY_TOO_LARGE(413, Blame.CALLER, "The body is too large"),
  URI_TOO_LONG(414, Blame.CALLER, "The address is too long"),
  UNSUPPORTED_MEDIA_TYPE(415, Blame.CALLER, "The body is not of a type that is read here"),
  HEADERS_TOO_LARGE(431, Blame.CALLER, "The headers are too large"),
  OVERLOADED(503, Blame.OVERLOAD, "Too many requests wait"),
  TIME_IS_UP(504, Blame.OVERLOAD, "The time the caller gave was over before the answer was begun"),
  LOG_QUEUE_FULL(503, Blame.OVERLOAD, "Too many events wait to be written; nothing was kept"),
  LOG_FULL(503, Blame.US, "The log has no space; nothing is kept until it has"),
  MODEL_STORE_AWAY(503, Blame.US, "The store of models did not take the change"),
  LOG_FAILED(503, Blame.US, "The log did not take the events"),
  INTERNAL(500, Blame.US, "Something went wrong here");

  /** Who must act: decides the log level and whether the alert fires. */
  enum Blame {
    CALLER,
    OVERLOAD,
    US
  }

  private final int status;
  private final Blame blame;
  private final String title;
  private final String word = name().toLowerCase(Locale.ROOT);

  Problem(int status, Blame blame, String title) {
    this.status = status;
    this.blame = blame;
    this.title = title;
  }

  int status() {
    return status;
  }

  Blame blame() {
    return blame;
  }

  String title() {
    return title;
  }

  String word() {
    return word;
  }

  /** The {@code type} member of RFC 9457. */
  String type() {
    return "urn:proffer:problem:" + word;
  }
}
