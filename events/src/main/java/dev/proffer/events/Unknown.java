package dev.proffer.events;

/** What becomes of what the registry does not know. */
public enum Unknown {
  /** It is refused, by name. */
  REFUSE,
  /** It is kept as an {@link Aside} and never learned from. */
  ASIDE
}
