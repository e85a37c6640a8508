package dev.proffer.features.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A user's latest events, oldest first, at most as many as asked for. Immutable. Events are ordered
 * by their own time and then by their id, so the same events in any order of arrival give the same
 * sequence; a repeated id changes nothing. Beside time, item and type an event has some numbers, as
 * many as every other of its sequence, NaN where it has none.
 *
 * <p>What named sequences keep and the sequence itself does not, since it is too old or of another
 * type, stands {@link #beside} it: a sequence of its own, which shares no event with this one.
 *
 * <p>{@link #with} an event at the end costs one small object: the longer sequence shares the cells
 * of the shorter one and writes behind its end, where nobody has written yet. An event in the
 * middle, or no room behind, costs a copy.
 *
 * <p>As bytes (format 2): the format, how many events, how many numbers an event, the types once
 * each by first appearance, then each event: milliseconds since the one before, item and event in 8
 * bytes, its type's place with a bit for each number it has, these numbers in 4. Whole numbers as
 * {@link BinaryWriter} writes them, all else little-endian. With events beside it (format 3): the
 * format, how many bytes the sequence itself has, these, then those of what is beside it, both in
 * format 2. Format 1 (28 bytes an event, no numbers) is read.
 */
public final class UserSequence {
  private static final int MAX_NUMBERS = 8; // SequenceSpec.MAX_NUMBERS

  /** The numbers of an event that has none. */
  public static final float[] NO_NUMBERS = {};

  /** The sequence of a user never seen. */
  public static final UserSequence EMPTY = new UserSequence(new Cells(0, 0), 0, 0, null);

  private static final byte FORMAT_3 = 3;
  private static final byte FORMAT = 2;
  private static final byte FORMAT_1 = 1;
  private static final int FORMAT_1_HEAD_BYTES = 5;
  private static final int FORMAT_1_EVENT_BYTES = 28;
  private static final int LEAST_EVENT_BYTES = 18;

  // An event's cells: time, item, event, type above the first number, further numbers in pairs.
  private static final int ITEM = 1;
  private static final int EVENT = 2;
  private static final int TYPE = 3;

  private final Cells cells;
  private final int from;
  private final int to;
  private final @Nullable UserSequence beside;

  /** The events of several sequences, of which each sees a stretch. */
  private static final class Cells {
    private static final VarHandle TAKEN;

    static {
      try {
        TAKEN = MethodHandles.lookup().findVarHandle(Cells.class, "taken", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final long[] words;
    private final int stride;
    private final int numbers;

    @SuppressWarnings("UnusedVariable") // by its handle
    private volatile int taken;

    Cells(int numbers, int capacity) {
      this.numbers = numbers;
      this.stride = TYPE + (2 + numbers) / 2;
      this.words = new long[capacity * stride];
    }

    /** Whether the place behind an end is free, and ours from now on. */
    boolean take(int end) {
      return (end + 1) * stride <= words.length && TAKEN.compareAndSet(this, end, end + 1);
    }

    void set(int at, long time, long item, long event, int type, float[] values) {
      int base = at * stride;
      words[base] = time;
      words[base + ITEM] = item;
      words[base + EVENT] = event;
      words[base + TYPE] = (long) type << 32;
      for (int column = 0; column < numbers; column++) {
        setNumber(base, column, values[column]);
      }
    }

    private void setNumber(int base, int column, float value) {
      int word = base + TYPE + (column + 1) / 2;
      // One bit pattern for NaN, so that equal sequences are equal bytes.
      long bits = Float.floatToIntBits(value) & 0xffff_ffffL;
      words[word] =
          (column & 1) == 0
              ? (words[word] & ~0xffff_ffffL) | bits
              : (words[word] & 0xffff_ffffL) | bits << 32;
    }

    float number(int at, int column) {
      long word = words[at * stride + TYPE + (column + 1) / 2];
      return Float.intBitsToFloat((int) ((column & 1) == 0 ? word : word >>> 32));
    }
  }

  private UserSequence(Cells cells, int from, int to, @Nullable UserSequence beside) {
    this.cells = cells;
    this.from = from;
    this.to = to;
    this.beside = beside;
  }

  private static UserSequence of(Cells cells, int size) {
    return size == 0 ? EMPTY : new UserSequence(cells, 0, size, null);
  }

  private UserSequence beside(UserSequence other) {
    return new UserSequence(cells, from, to, other.size() == 0 ? null : other);
  }

  /** The further events that named sequences keep; {@link #EMPTY} when there are none. */
  public UserSequence beside() {
    return beside == null ? EMPTY : beside;
  }

  /** How many events it holds. */
  public int size() {
    return to - from;
  }

  /** How many numbers an event has. */
  public int numbers() {
    return cells.numbers;
  }

  /** When the event happened, epoch milliseconds. */
  public long timeMillis(int at) {
    return word(at, 0);
  }

  /** The item's {@link dev.proffer.events.Hash64}; 0 when the event is about none. */
  public long itemHash(int at) {
    return word(at, ITEM);
  }

  /** The event type's code: {@link #typeCode}. */
  public int type(int at) {
    return (int) (word(at, TYPE) >>> 32);
  }

  /** A number of the event; NaN when it lacks it. */
  public float number(int at, int column) {
    return cells.number(from + at, column);
  }

  private long eventHash(int at) {
    return word(at, EVENT);
  }

  private long word(int at, int word) {
    return cells.words[(from + at) * cells.stride + word];
  }

  /** A number for an event type's name that is the same in every process. */
  public static int typeCode(String type) {
    return type.hashCode();
  }

  /** Where an event of that time and id stands or would stand. */
  public int position(long timeMillis, long eventHash) {
    int at = size();
    while (at > 0) {
      long time = timeMillis(at - 1);
      if (time < timeMillis || (time == timeMillis && eventHash(at - 1) < eventHash)) {
        break;
      }
      at--;
    }
    return at;
  }

  /** Whether the event of that id stands at a position found by {@link #position}. */
  public boolean holds(int at, long timeMillis, long eventHash) {
    return at < size() && timeMillis(at) == timeMillis && eventHash(at) == eventHash;
  }

  /** {@link #with(long, long, long, int, float[], Retention)} an event without numbers. */
  public UserSequence with(
      long timeMillis, long itemHash, long eventHash, int type, int maxLength) {
    return with(timeMillis, itemHash, eventHash, type, NO_NUMBERS, Retention.latest(maxLength));
  }

  /**
   * This sequence with one more event, less what is not to be kept beyond it; itself when nothing
   * changes.
   *
   * @param values as many numbers as every event of the sequence has; copied
   */
  public UserSequence with(
      long timeMillis,
      long itemHash,
      long eventHash,
      int type,
      float[] values,
      Retention retention) {
    int maxLength = retention.maxLength();
    int at = position(timeMillis, eventHash);
    if (holds(at, timeMillis, eventHash)) {
      return this;
    }
    boolean tooOld = at == 0 && size() >= maxLength;
    if (tooOld || !retention.takes(type)) {
      if (!retention.takesBeside(type)) {
        return this;
      }
      UserSequence more =
          withBeside(timeMillis, itemHash, eventHash, type, values).trimmed(retention);
      UserSequence kept = more.beside();
      return kept.holds(kept.position(timeMillis, eventHash), timeMillis, eventHash) ? more : this;
    }
    int drop = Math.max(0, size() + 1 - maxLength);
    UserSequence left = this;
    for (int oldest = 0; oldest < drop; oldest++) {
      if (retention.takesBeside(type(oldest))) {
        left =
            left.withBeside(
                timeMillis(oldest),
                itemHash(oldest),
                eventHash(oldest),
                type(oldest),
                numbersOf(oldest));
      }
    }
    UserSequence longer = inserted(at, drop, timeMillis, itemHash, eventHash, type, values);
    boolean counted = left != this || (beside != null && retention.takesBeside(type));
    return counted ? longer.beside(left.beside()).trimmed(retention) : longer;
  }

  /** This sequence with an event at a place, less the oldest, and with the same beside it. */
  private UserSequence inserted(
      int at, int drop, long timeMillis, long itemHash, long eventHash, int type, float[] values) {
    int size = size();
    if (values.length != cells.numbers && size > 0) {
      throw new IllegalArgumentException(
          values.length + " numbers, the events before have " + cells.numbers);
    }
    if (at == size && values.length == cells.numbers && cells.take(to)) {
      cells.set(to, timeMillis, itemHash, eventHash, type, values);
      return new UserSequence(cells, from + drop, to + 1, beside);
    }
    int length = size + 1 - drop;
    // Half as much again behind: what comes next mostly comes last.
    Cells copy = new Cells(values.length, at == size ? length + Math.max(3, length / 2) : length);
    int stride = cells.stride;
    System.arraycopy(cells.words, (from + drop) * stride, copy.words, 0, (at - drop) * stride);
    copy.set(at - drop, timeMillis, itemHash, eventHash, type, values);
    System.arraycopy(
        cells.words,
        (from + at) * stride,
        copy.words,
        (at - drop + 1) * copy.stride,
        (size - at) * stride);
    copy.taken = length;
    return new UserSequence(copy, 0, length, beside);
  }

  private UserSequence withBeside(
      long timeMillis, long itemHash, long eventHash, int type, float[] values) {
    UserSequence of = beside();
    int at = of.position(timeMillis, eventHash);
    return of.holds(at, timeMillis, eventHash)
        ? this
        : beside(of.inserted(at, 0, timeMillis, itemHash, eventHash, type, values));
  }

  /** Without what stands beside it and no named sequence keeps. */
  private UserSequence trimmed(Retention retention) {
    UserSequence of = beside();
    if (of.size() == 0) {
      return this;
    }
    Retention.Count count = retention.new Count();
    boolean[] kept = new boolean[of.size()];
    int many = 0;
    int own = size() - 1;
    for (int at = of.size() - 1; at >= 0; at--) {
      while (own >= 0 && comesBefore(of, at, own)) {
        count.keeps(type(own--));
      }
      kept[at] = count.keeps(of.type(at));
      many += kept[at] ? 1 : 0;
    }
    if (many == of.size()) {
      return this;
    }
    Cells left = new Cells(of.cells.numbers, many);
    int next = 0;
    for (int at = 0; at < kept.length; at++) {
      if (kept[at]) {
        left.set(
            next++,
            of.timeMillis(at),
            of.itemHash(at),
            of.eventHash(at),
            of.type(at),
            of.numbersOf(at));
      }
    }
    left.taken = many;
    return beside(of(left, many));
  }

  /** Whether an event of another sequence comes before one of this. */
  private boolean comesBefore(UserSequence other, int theirs, int own) {
    long time = other.timeMillis(theirs);
    return time < timeMillis(own)
        || (time == timeMillis(own) && other.eventHash(theirs) < eventHash(own));
  }

  private float[] numbersOf(int at) {
    float[] values = new float[cells.numbers];
    for (int column = 0; column < values.length; column++) {
      values[column] = number(at, column);
    }
    return values;
  }

  /** Whether the event beside this sequence comes before the sequence's own. */
  public boolean besideComesBefore(int theirs, int own) {
    return comesBefore(beside(), theirs, own);
  }

  /**
   * The events of both sequences, each once, less what is not to be kept; this very sequence when
   * it holds them all.
   */
  public UserSequence merged(UserSequence other, Retention retention) {
    return withAll(other, retention).withAll(other.beside(), retention);
  }

  private UserSequence withAll(UserSequence other, Retention retention) {
    UserSequence all = this;
    for (int at = 0; at < other.size(); at++) {
      all =
          all.with(
              other.timeMillis(at),
              other.itemHash(at),
              other.eventHash(at),
              other.type(at),
              other.numbersOf(at),
              retention);
    }
    return all;
  }

  /** The events strictly before an instant. */
  public UserSequence before(long timeMillis) {
    int end = size();
    while (end > 0 && timeMillis(end - 1) >= timeMillis) {
      end--;
    }
    UserSequence older = beside == null ? null : beside.before(timeMillis);
    return end == size() && older == beside
        ? this
        : new UserSequence(
            cells, from, from + end, older == null || older.size() == 0 ? null : older);
  }

  /** The sequence as bytes: format 2, or 3 when something is beside it. */
  public byte[] encode() {
    if (beside == null) {
      return encodePlain();
    }
    byte[] own = encodePlain();
    byte[] others = beside.encodePlain();
    Packed out = new Packed(own.length + others.length + 16);
    out.put(FORMAT_3);
    out.putNumber(own.length);
    out.put(own);
    out.put(others);
    return out.toBytes();
  }

  private byte[] encodePlain() {
    int[] types = new int[4];
    int different = 0;
    for (int at = 0; at < size(); at++) {
      if (place(types, different, type(at)) < 0) {
        types = different == types.length ? Arrays.copyOf(types, 2 * different) : types;
        types[different++] = type(at);
      }
    }
    // At most 10 bytes a whole number, of which an event has two.
    Packed out =
        new Packed(
            64 + 4 * different + size() * (20 + 2 * Long.BYTES + Float.BYTES * cells.numbers));
    out.put(FORMAT);
    out.putNumber(size());
    out.putNumber(cells.numbers);
    out.putNumber(different);
    for (int at = 0; at < different; at++) {
      out.put4(types[at]);
    }
    long before = 0;
    for (int at = 0; at < size(); at++) {
      if (at == 0) {
        out.put8(timeMillis(at));
      } else {
        out.putNumber(timeMillis(at) - before);
      }
      before = timeMillis(at);
      out.put8(itemHash(at));
      out.put8(eventHash(at));
      long code = place(types, different, type(at));
      for (int column = 0; column < cells.numbers; column++) {
        code = code << 1 | (Float.isNaN(number(at, column)) ? 0 : 1);
      }
      out.putNumber(code);
      for (int column = 0; column < cells.numbers; column++) {
        if (!Float.isNaN(number(at, column))) {
          out.put4(Float.floatToIntBits(number(at, column)));
        }
      }
    }
    return out.toBytes();
  }

  private static int place(int[] types, int count, int type) {
    for (int at = 0; at < count; at++) {
      if (types[at] == type) {
        return at;
      }
    }
    return -1;
  }

  /**
   * The sequence in the bytes.
   *
   * @throws IllegalArgumentException when they are of another format or cut short
   */
  public static UserSequence decode(byte[] bytes) {
    if (bytes.length > 0 && bytes[0] == FORMAT_1) {
      return decode1(bytes);
    }
    if (bytes.length > 0 && bytes[0] == FORMAT_3) {
      Packed in = new Packed(bytes);
      int length = in.number(bytes.length - in.at);
      int end = in.at + length;
      if (end > bytes.length) {
        throw new IllegalArgumentException("cut short at byte " + in.at);
      }
      return decodePlain(Arrays.copyOfRange(bytes, in.at, end))
          .beside(decodePlain(Arrays.copyOfRange(bytes, end, bytes.length)));
    }
    return decodePlain(bytes);
  }

  private static UserSequence decodePlain(byte[] bytes) {
    if (bytes.length == 0 || bytes[0] != FORMAT) {
      throw new IllegalArgumentException(
          "not a sequence of format " + FORMAT_1 + ", " + FORMAT + " or " + FORMAT_3);
    }
    Packed in = new Packed(bytes);
    int size = in.number((bytes.length - in.at) / LEAST_EVENT_BYTES);
    int numbers = in.number(MAX_NUMBERS);
    int[] types = new int[in.number((bytes.length - in.at) / Integer.BYTES)];
    for (int at = 0; at < types.length; at++) {
      types[at] = in.get4();
    }
    Cells cells = new Cells(numbers, size);
    float[] values = new float[numbers];
    long time = 0;
    for (int at = 0; at < size; at++) {
      time = at == 0 ? in.get8() : time + in.number();
      long item = in.get8();
      long event = in.get8();
      long code = in.number();
      long type = code >>> numbers;
      if (type >= types.length) {
        throw new IllegalArgumentException("type " + type + " of " + types.length);
      }
      for (int column = 0; column < numbers; column++) {
        boolean there = (code >>> (numbers - 1 - column) & 1) != 0;
        values[column] = there ? Float.intBitsToFloat(in.get4()) : Float.NaN;
      }
      cells.set(at, time, item, event, types[(int) type], values);
    }
    if (in.at != bytes.length) {
      throw new IllegalArgumentException(
          "a sequence of " + in.at + " bytes in " + bytes.length + " bytes");
    }
    cells.taken = size;
    return of(cells, size);
  }

  private static UserSequence decode1(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int size = bytes.length < FORMAT_1_HEAD_BYTES ? -1 : in.getInt(1);
    if (size < 0 || bytes.length != FORMAT_1_HEAD_BYTES + FORMAT_1_EVENT_BYTES * (long) size) {
      throw new IllegalArgumentException(
          "a sequence of " + size + " events in " + bytes.length + " bytes");
    }
    in.position(FORMAT_1_HEAD_BYTES);
    Cells cells = new Cells(0, size);
    for (int at = 0; at < size; at++) {
      cells.set(at, in.getLong(), in.getLong(), in.getLong(), in.getInt(), NO_NUMBERS);
    }
    cells.taken = size;
    return of(cells, size);
  }

  /** Bytes being written or read. */
  private static final class Packed {
    private static final VarHandle INTS =
        MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private int at;

    Packed(int size) {
      bytes = new byte[size];
    }

    /** What follows the format. */
    Packed(byte[] bytes) {
      this.bytes = bytes;
      this.at = 1;
    }

    void put(byte value) {
      bytes[at++] = value;
    }

    void put(byte[] values) {
      System.arraycopy(values, 0, bytes, at, values.length);
      at += values.length;
    }

    void put4(int value) {
      INTS.set(bytes, at, value);
      at += Integer.BYTES;
    }

    void put8(long value) {
      LONGS.set(bytes, at, value);
      at += Long.BYTES;
    }

    void putNumber(long value) {
      long rest = value;
      while (rest > 0x7f || rest < 0) {
        bytes[at++] = (byte) ((rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      bytes[at++] = (byte) rest;
    }

    byte[] toBytes() {
      return Arrays.copyOf(bytes, at);
    }

    int get4() {
      have(Integer.BYTES);
      int value = (int) INTS.get(bytes, at);
      at += Integer.BYTES;
      return value;
    }

    long get8() {
      have(Long.BYTES);
      long value = (long) LONGS.get(bytes, at);
      at += Long.BYTES;
      return value;
    }

    int number(long most) {
      long value = number();
      if (value < 0 || value > most) {
        throw new IllegalArgumentException("byte " + at + ": " + value + ", expected 0 to " + most);
      }
      return (int) value;
    }

    long number() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        have(1);
        byte next = bytes[at++];
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IllegalArgumentException("byte " + at + ": no whole number of 64 bits");
    }

    private void have(int count) {
      if (bytes.length - at < count) {
        throw new IllegalArgumentException("cut short at byte " + at);
      }
    }
  }
}
