package dev.proffer.features.state;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes numbers and texts as bytes: whole numbers in as few as they need (LEB128), hashes in
 * eight, little-endian, texts in UTF-8 behind their length. Buffered; belongs to one thread.
 */
public final class BinaryWriter {
  private static final int BUFFER = 1 << 16;
  private static final int MOST_NUMBER = 10;

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private long flushed;

  public BinaryWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes a whole number, 0 or above, in 1 to 9 bytes. */
  public void number(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("value=" + value + ", expected at least 0");
    }
    room(MOST_NUMBER);
    long rest = value;
    while (rest > 0x7f) {
      buffer[at++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    buffer[at++] = (byte) rest;
  }

  /** Writes a count, which is a whole number held as a float. */
  void count(double value) {
    long whole = (long) value;
    if (whole != value) {
      throw new IllegalStateException("a count of " + value + ", expected a whole number");
    }
    number(whole);
  }

  /** Writes any 64 bits. */
  public void fixed(long value) {
    room(Long.BYTES);
    for (int shift = 0; shift < Long.SIZE; shift += 8) {
      buffer[at++] = (byte) (value >>> shift);
    }
  }

  /** Writes a text. */
  public void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes behind their number. */
  public void bytes(byte[] value) {
    number(value.length);
    raw(value);
  }

  /** Writes bytes as they are. */
  public void raw(byte[] value) {
    int from = 0;
    while (from < value.length) {
      room(1);
      int length = Math.min(value.length - from, buffer.length - at);
      System.arraycopy(value, from, buffer, at, length);
      at += length;
      from += length;
    }
  }

  /** Bytes written so far. */
  public long written() {
    return flushed + at;
  }

  /** Hands on what is buffered. */
  public void flush() {
    try {
      out.write(buffer, 0, at);
      flushed += at;
      at = 0;
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void room(int bytes) {
    if (buffer.length - at < bytes) {
      try {
        out.write(buffer, 0, at);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      flushed += at;
      at = 0;
    }
  }
}
