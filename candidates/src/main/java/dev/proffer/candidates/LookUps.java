package dev.proffer.candidates;

import dev.proffer.candidates.source.LookUp;
import org.jspecify.annotations.Nullable;

/**
 * What the sources of one request look up, and what it came to. Made by {@link Candidates} on its
 * thread, {@link #run} by any other one, and given back to the first when that is done.
 */
public final class LookUps {
  /** Nothing was looked up: a source that must does it itself. */
  public static final LookUps NONE = new LookUps(0);

  /** Nothing is looked up: a source that must finds nothing. */
  public static final LookUps LEFT_OUT = new LookUps(0);

  private final @Nullable LookUp[] asked; // by source
  private final int[] @Nullable [] found;
  private boolean any;

  LookUps(int sources) {
    this.asked = new LookUp[sources];
    this.found = new int[sources][];
  }

  void ask(int source, @Nullable LookUp lookUp) {
    asked[source] = lookUp;
    any |= lookUp != null;
  }

  /** Whether there is nothing to run. */
  public boolean isEmpty() {
    return !any;
  }

  /** Asks all; what throws came to nothing. */
  public void run() {
    for (int source = 0; source < asked.length; source++) {
      LookUp lookUp = asked[source];
      if (lookUp != null) {
        try {
          found[source] = lookUp.ask();
        } catch (RuntimeException e) {
          found[source] = null; // the source has failed, which is counted where it is missed
        }
      }
    }
  }

  /** Whether something was asked for the source. */
  boolean asked(int source) {
    return source < asked.length && asked[source] != null;
  }

  /** What a source's look-up came to; null when it failed. */
  int @Nullable [] found(int source) {
    return found[source];
  }
}
