package dev.proffer.features.state;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what a {@link BinaryWriter} wrote. Whatever it reads is bounded, so bytes that are none of
 * ours are refused with an {@link IllegalArgumentException} and take no memory. Belongs to one
 * thread.
 */
public final class BinaryReader {
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private int end;
  private long before;

  public BinaryReader(InputStream in) {
    this.in = in;
  }

  /** A reader of bytes in memory. */
  public static BinaryReader of(byte[] bytes) {
    return new BinaryReader(new ByteArrayInputStream(bytes));
  }

  /** Reads a whole number. */
  public long number() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int next = next();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw refused("no number of at most 63 bits");
  }

  /** Reads a whole number that must not be above {@code most}. */
  public int number(int most) {
    long value = number();
    if (value > most) {
      throw refused(value + ", expected at most " + most);
    }
    return (int) value;
  }

  /** Reads 64 bits. */
  public long fixed() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 8) {
      value |= (long) next() << shift;
    }
    return value;
  }

  /** Reads a text of at most {@code most} bytes. */
  public String text(int most) {
    return new String(bytes(most), StandardCharsets.UTF_8);
  }

  /** Reads bytes behind their number, of which there must not be more than {@code most}. */
  public byte[] bytes(int most) {
    int length = number(most);
    byte[] value = new byte[Math.min(length, BUFFER)];
    int from = 0;
    while (from < length) {
      if (at == end) {
        fill();
      }
      // It grows as bytes come: a length alone takes no memory.
      if (from == value.length) {
        value = Arrays.copyOf(value, Math.min(length, 2 * value.length));
      }
      int copied = Math.min(value.length - from, end - at);
      System.arraycopy(buffer, at, value, from, copied);
      at += copied;
      from += copied;
    }
    return value;
  }

  /** Whether everything was read. */
  public boolean atEnd() {
    return at == end && !more();
  }

  /** Bytes read so far. */
  public long read() {
    return before + at;
  }

  /** The complaint that the bytes are not what they should be. */
  public IllegalArgumentException refused(String what) {
    return new IllegalArgumentException("byte " + read() + ": " + what);
  }

  private int next() {
    if (at == end) {
      fill();
    }
    return buffer[at++] & 0xff;
  }

  private void fill() {
    if (!more()) {
      throw refused("cut short");
    }
  }

  private boolean more() {
    try {
      before += end;
      at = 0;
      end = Math.max(0, in.read(buffer));
      return end > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
