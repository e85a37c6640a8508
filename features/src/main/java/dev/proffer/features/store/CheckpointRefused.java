package dev.proffer.features.store;

/** A checkpoint that is there and cannot be used; the message says why. */
public final class CheckpointRefused extends Exception {
  private static final long serialVersionUID = 1L;

  CheckpointRefused(String message, Throwable cause) {
    super(message, cause);
  }

  CheckpointRefused(String message) {
    super(message);
  }
}
