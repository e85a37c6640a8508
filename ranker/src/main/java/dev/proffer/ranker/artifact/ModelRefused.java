package dev.proffer.ranker.artifact;

/** A model that cannot be served, and why. The one that serves stays. */
public class ModelRefused extends Exception {
  private static final long serialVersionUID = 1L;

  public ModelRefused(String reason) {
    super(reason);
  }

  public ModelRefused(String reason, Throwable cause) {
    super(reason, cause);
  }
}
