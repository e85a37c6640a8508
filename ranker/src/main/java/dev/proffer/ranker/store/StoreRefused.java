package dev.proffer.ranker.store;

/** The store has an answer, and it is no: the message says what, where, and what was expected. */
public final class StoreRefused extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public StoreRefused(String message) {
    super(message);
  }
}
