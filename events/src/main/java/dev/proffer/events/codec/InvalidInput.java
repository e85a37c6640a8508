package dev.proffer.events.codec;

import java.util.Locale;

/**
 * Input that is refused: which field, what it held, what was allowed. Carries no stack trace; it is
 * an answer, not a bug.
 */
public final class InvalidInput extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int MOST_ECHOED = 80;

  private final String field;
  private final String value;
  private final String allowed;
  private final boolean broken;

  /**
   * A refusal.
   *
   * @param field dotted path of the field; {@code body} for the whole
   * @param value what was there; shortened and made printable here
   * @param allowed what would have been accepted
   */
  public InvalidInput(String field, String value, String allowed) {
    this(field, value, allowed, false);
  }

  private InvalidInput(String field, String value, String allowed, boolean broken) {
    super(null, null, false, false);
    this.field = printable(field);
    this.value = printable(value);
    this.allowed = allowed;
    this.broken = broken;
  }

  /** A refusal of the whole body: what follows cannot be read. */
  static InvalidInput broken(String value, String allowed) {
    return new InvalidInput("body", value, allowed, true);
  }

  public String field() {
    return field;
  }

  public String value() {
    return value;
  }

  public String allowed() {
    return allowed;
  }

  /** Whether the input itself is broken, so that nothing behind this can be read. */
  boolean isBroken() {
    return broken;
  }

  @Override
  public String getMessage() {
    return field + ": " + value + " is not allowed; expected " + allowed;
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), MOST_ECHOED) + 1);
    for (int at = 0; at < text.length() && at < MOST_ECHOED; at++) {
      char c = text.charAt(at);
      if (Character.isHighSurrogate(c)
          && at + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(at + 1))) {
        out.append(c).append(text.charAt(++at));
      } else if (Character.isSurrogate(c) || Character.isISOControl(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return text.length() > MOST_ECHOED ? out.append('…').toString() : out.toString();
  }
}
