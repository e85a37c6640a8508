package dev.proffer.features.tables;

/** A version of a table that cannot be used, and why. The one in use stays. */
public final class TableRefused extends Exception {
  private static final long serialVersionUID = 1L;

  public TableRefused(String reason) {
    super(reason);
  }

  public TableRefused(String reason, Throwable cause) {
    super(reason, cause);
  }
}
