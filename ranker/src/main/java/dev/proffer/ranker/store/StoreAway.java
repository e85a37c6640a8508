package dev.proffer.ranker.store;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The store could not be asked, or answered with an error: nothing is known to be wrong with a
 * version, and the same may succeed later.
 */
public final class StoreAway extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  public StoreAway(String message, Throwable cause) {
    super(message, new IOException(message, cause));
  }
}
