package dev.proffer.features.state;

import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.SequenceSpec.Named;
import java.util.Arrays;
import java.util.List;

/**
 * Which of a user's events are kept: the latest of some types, and for each named sequence the
 * latest of its own. What is kept of a set of events depends on the set alone, in whatever order
 * they come. Immutable.
 */
public final class Retention {
  private static final int[] EVERY_TYPE = {};

  private final int[] types; // codes, ascending; none for every type
  private final int maxLength;
  private final Kept[] named;

  /** The latest of some types. */
  private record Kept(int[] types, int maxLength) {
    boolean takes(int type) {
      return Arrays.binarySearch(types, type) >= 0;
    }
  }

  private Retention(int[] types, int maxLength, Kept[] named) {
    this.types = types;
    this.maxLength = maxLength;
    this.named = named;
  }

  /** The latest events of any type. */
  public static Retention latest(int maxLength) {
    return new Retention(EVERY_TYPE, maxLength, new Kept[0]);
  }

  /** What is declared. */
  public static Retention of(SequenceSpec spec) {
    return new Retention(
        codes(spec.events()),
        spec.maxLength(),
        spec.named().stream()
            .map((Named one) -> new Kept(codes(one.events()), one.maxLength()))
            .toArray(Kept[]::new));
  }

  private static int[] codes(List<String> types) {
    return types.stream().mapToInt(UserSequence::typeCode).sorted().toArray();
  }

  /** How many events the sequence itself keeps. */
  public int maxLength() {
    return maxLength;
  }

  /** Whether an event of the type belongs to the sequence itself. */
  public boolean takes(int type) {
    return types.length == 0 || Arrays.binarySearch(types, type) >= 0;
  }

  /** Whether a named sequence takes events of the type. */
  public boolean takesBeside(int type) {
    for (Kept one : named) {
      if (one.takes(type)) {
        return true;
      }
    }
    return false;
  }

  /** Counts the events of one user, newest first, to say which a named sequence still keeps. */
  final class Count {
    private final int[] left = Arrays.stream(named).mapToInt(Kept::maxLength).toArray();

    /** Whether a named sequence keeps the next event, of that type. */
    boolean keeps(int type) {
      boolean kept = false;
      for (int at = 0; at < named.length; at++) {
        if (left[at] > 0 && named[at].takes(type)) {
          left[at]--;
          kept = true;
        }
      }
      return kept;
    }
  }
}
