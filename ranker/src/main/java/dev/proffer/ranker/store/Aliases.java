package dev.proffer.ranker.store;

import org.jspecify.annotations.Nullable;

/**
 * The names a task's versions go by, as they were at one moment. Immutable.
 *
 * @param champion who serves
 * @param previous who served before, and serves again when the champion cannot
 * @param challenger who is tried beside the champion
 */
public record Aliases(
    @Nullable String champion, @Nullable String previous, @Nullable String challenger) {
  /** No version has a name. */
  public static final Aliases NONE = new Aliases(null, null, null);

  /** The same with a version as champion, and the champion as the previous one. */
  public Aliases promote(String version) {
    boolean another = champion != null && !champion.equals(version);
    return new Aliases(version, another ? champion : previous, challenger);
  }

  /** The same with a version as challenger. */
  public Aliases challenge(String version) {
    return new Aliases(champion, previous, version);
  }

  /** Champion and previous one exchanged, or null when no other version was champion before. */
  public @Nullable Aliases rollback() {
    return previous == null || previous.equals(champion)
        ? null
        : new Aliases(previous, champion == null ? previous : champion, challenger);
  }

  /** Whether a version goes by any name. */
  public boolean name(String version) {
    return version.equals(champion) || version.equals(previous) || version.equals(challenger);
  }
}
