package dev.proffer.offline.cli;

/** A command that did what it could and has to say no; the message is for a person. */
final class Failed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Failed(String message) {
    super(message);
  }
}
