package dev.proffer.gateway.ops;

import java.util.Locale;

/** Where a gateway stands in its life. */
public enum Phase {
  /** The history is being folded; nothing is answered yet. */
  STARTING,
  READY,
  /** What is in flight is answered, nothing new should come. */
  DRAINING;

  /** The word on the wire. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
