package dev.proffer.features.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A user's latest events, oldest first, at most as many as asked for. Immutable. Events are ordered
 * by their own time and then by their id, so the same events in any order of arrival give the same
 * sequence; a repeated id changes nothing.
 *
 * <p>As bytes: a format version, a count, then 28 bytes an event, little-endian.
 */
public final class UserSequence {
  /** The sequence of a user never seen. */
  public static final UserSequence EMPTY =
      new UserSequence(new long[0], new long[0], new long[0], new int[0]);

  private static final byte FORMAT = 1;
  private static final int HEAD_BYTES = 5;
  private static final int EVENT_BYTES = 28;

  private final long[] times;
  private final long[] items;
  private final long[] events;
  private final int[] types;

  private UserSequence(long[] times, long[] items, long[] events, int[] types) {
    this.times = times;
    this.items = items;
    this.events = events;
    this.types = types;
  }

  /** How many events it holds. */
  public int size() {
    return times.length;
  }

  /** When the event happened, epoch milliseconds. */
  public long timeMillis(int at) {
    return times[at];
  }

  /** The item's {@link dev.proffer.events.Hash64}. */
  public long itemHash(int at) {
    return items[at];
  }

  /** The event type's code: {@link #typeCode}. */
  public int type(int at) {
    return types[at];
  }

  /** A number for an event type's name that is the same in every process. */
  public static int typeCode(String type) {
    return type.hashCode();
  }

  /** Where an event of that time and id stands or would stand. */
  public int position(long timeMillis, long eventHash) {
    int at = times.length;
    while (at > 0
        && (times[at - 1] > timeMillis
            || (times[at - 1] == timeMillis && events[at - 1] >= eventHash))) {
      at--;
    }
    return at;
  }

  /** Whether the event of that id stands at a position found by {@link #position}. */
  public boolean holds(int at, long timeMillis, long eventHash) {
    return at < times.length && times[at] == timeMillis && events[at] == eventHash;
  }

  /**
   * This sequence with one more event, the oldest dropped beyond {@code maxLength}; itself when
   * nothing changes.
   */
  public UserSequence with(
      long timeMillis, long itemHash, long eventHash, int type, int maxLength) {
    int at = position(timeMillis, eventHash);
    boolean tooOld = at == 0 && times.length >= maxLength;
    if (tooOld || holds(at, timeMillis, eventHash)) {
      return this;
    }
    int drop = Math.max(0, times.length + 1 - maxLength);
    return new UserSequence(
        inserted(times, at, timeMillis, drop),
        inserted(items, at, itemHash, drop),
        inserted(events, at, eventHash, drop),
        inserted(types, at, type, drop));
  }

  /**
   * The events of both sequences, each once, the oldest dropped beyond {@code maxLength}; this very
   * sequence when it holds them all.
   */
  public UserSequence merged(UserSequence other, int maxLength) {
    UserSequence merged = this;
    for (int at = 0; at < other.times.length; at++) {
      merged =
          merged.with(
              other.times[at], other.items[at], other.events[at], other.types[at], maxLength);
    }
    return merged;
  }

  /** The events strictly before an instant. */
  public UserSequence before(long timeMillis) {
    int end = times.length;
    while (end > 0 && times[end - 1] >= timeMillis) {
      end--;
    }
    if (end == times.length) {
      return this;
    }
    return new UserSequence(
        Arrays.copyOf(times, end),
        Arrays.copyOf(items, end),
        Arrays.copyOf(events, end),
        Arrays.copyOf(types, end));
  }

  /** The sequence as bytes. */
  public byte[] encode() {
    ByteBuffer out =
        ByteBuffer.allocate(HEAD_BYTES + EVENT_BYTES * times.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(FORMAT).putInt(times.length);
    for (int at = 0; at < times.length; at++) {
      out.putLong(times[at]).putLong(items[at]).putLong(events[at]).putInt(types[at]);
    }
    return out.array();
  }

  /**
   * The sequence in the bytes.
   *
   * @throws IllegalArgumentException when they are of another format or cut short
   */
  public static UserSequence decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < HEAD_BYTES || in.get() != FORMAT) {
      throw new IllegalArgumentException("not a sequence of format " + FORMAT);
    }
    int size = in.getInt();
    if (size < 0 || bytes.length != HEAD_BYTES + EVENT_BYTES * (long) size) {
      throw new IllegalArgumentException(
          "a sequence of " + size + " events in " + bytes.length + " bytes");
    }
    UserSequence sequence =
        new UserSequence(new long[size], new long[size], new long[size], new int[size]);
    for (int at = 0; at < size; at++) {
      sequence.times[at] = in.getLong();
      sequence.items[at] = in.getLong();
      sequence.events[at] = in.getLong();
      sequence.types[at] = in.getInt();
    }
    return sequence;
  }

  private static long[] inserted(long[] from, int at, long value, int drop) {
    long[] to = new long[from.length + 1 - drop];
    System.arraycopy(from, drop, to, 0, at - drop);
    to[at - drop] = value;
    System.arraycopy(from, at, to, at - drop + 1, from.length - at);
    return to;
  }

  private static int[] inserted(int[] from, int at, int value, int drop) {
    int[] to = new int[from.length + 1 - drop];
    System.arraycopy(from, drop, to, 0, at - drop);
    to[at - drop] = value;
    System.arraycopy(from, at, to, at - drop + 1, from.length - at);
    return to;
  }
}
