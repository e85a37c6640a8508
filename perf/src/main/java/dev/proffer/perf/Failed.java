package dev.proffer.perf;

/** A measurement that could not be taken; the message is for the person who asked for it. */
final class Failed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Failed(String message) {
    super(message);
  }

  Failed(String message, Throwable cause) {
    super(message, cause);
  }
}
