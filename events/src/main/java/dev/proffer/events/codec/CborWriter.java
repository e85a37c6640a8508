package dev.proffer.events.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes CBOR (RFC 8949) into an array that grows: the hot way of {@link LogCodec}, which writes
 * one entry for every event and every answer. Texts and numbers in their shortest form. Not
 * thread-safe.
 */
final class CborWriter {
  private static final int UNSIGNED = 0x00;
  private static final int NEGATIVE = 0x20;
  private static final int BYTES = 0x40;
  private static final int TEXT = 0x60;
  private static final int FALSE = 0xf4;
  private static final int TRUE = 0xf5;
  private static final int FLOAT = 0xfa;
  private static final int DOUBLE = 0xfb;
  private static final int BREAK = 0xff;

  private byte[] bytes;
  private int size;

  CborWriter(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  /** A copy of what was written. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  /** Begins anew, in the same array unless that has become larger than {@code most} bytes. */
  CborWriter anew(int most) {
    size = 0;
    if (bytes.length > most) {
      bytes = new byte[most];
    }
    return this;
  }

  /** A field's name as it is written, made once. */
  static byte[] name(String name) {
    CborWriter out = new CborWriter(16);
    out.text(name);
    return out.toBytes();
  }

  /** A map or an array of open length, by its first byte; ended by {@link #end}. */
  void begin(int kind) {
    room(1);
    bytes[size++] = (byte) kind;
  }

  void end() {
    begin(BREAK);
  }

  void raw(byte[] encoded) {
    room(encoded.length);
    System.arraycopy(encoded, 0, bytes, size, encoded.length);
    size += encoded.length;
  }

  void text(String text) {
    int length = text.length();
    room(3 * length + 5);
    int before = size;
    if (length < 24) {
      bytes[size++] = (byte) (TEXT | length);
    } else {
      head(TEXT, length);
    }
    for (int at = 0; at < length; at++) {
      char c = text.charAt(at);
      if (c > 0x7f) {
        size = before;
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        head(TEXT, encoded.length);
        raw(encoded);
        return;
      }
      bytes[size++] = (byte) c;
    }
  }

  void number(long value) {
    room(9);
    if (value >= 0) {
      head(UNSIGNED, value);
    } else {
      head(NEGATIVE, ~value);
    }
  }

  void number(float value) {
    room(5);
    bytes[size++] = (byte) FLOAT;
    bigEndian(Float.floatToRawIntBits(value) & 0xffffffffL, 4);
  }

  void number(double value) {
    room(9);
    bytes[size++] = (byte) DOUBLE;
    bigEndian(Double.doubleToRawLongBits(value), 8);
  }

  void flag(boolean value) {
    begin(value ? TRUE : FALSE);
  }

  /** A row of 32-bit floats as a byte string, little-endian. */
  void row(float[] row) {
    room(9 + 4 * row.length);
    head(BYTES, 4L * row.length);
    for (float value : row) {
      int bits = Float.floatToRawIntBits(value);
      bytes[size++] = (byte) bits;
      bytes[size++] = (byte) (bits >>> 8);
      bytes[size++] = (byte) (bits >>> 16);
      bytes[size++] = (byte) (bits >>> 24);
    }
  }

  private void head(int kind, long value) {
    if (value < 24) {
      bytes[size++] = (byte) (kind | (int) value);
    } else if (value <= 0xff) {
      bytes[size++] = (byte) (kind | 24);
      bigEndian(value, 1);
    } else if (value <= 0xffff) {
      bytes[size++] = (byte) (kind | 25);
      bigEndian(value, 2);
    } else if (value <= 0xffffffffL) {
      bytes[size++] = (byte) (kind | 26);
      bigEndian(value, 4);
    } else {
      bytes[size++] = (byte) (kind | 27);
      bigEndian(value, 8);
    }
  }

  private void bigEndian(long value, int length) {
    for (int shift = 8 * (length - 1); shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }
}
