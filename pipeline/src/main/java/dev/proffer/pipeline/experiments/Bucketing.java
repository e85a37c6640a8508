package dev.proffer.pipeline.experiments;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * Where a unit falls under a salt: MurmurHash3 x86 32-bit (Appleby) with seed 0 over the UTF-8
 * bytes of {@code salt/unit}, which other languages have too. Belongs to one thread; allocates the
 * unit's bytes, once a unit.
 */
public final class Bucketing {
  /** How many buckets a layer has. */
  public static final int BUCKETS = 10_000;

  private byte[] text = new byte[256];
  private String id = "";
  private byte[] unit = {};

  /** Takes the unit that is asked about from here on. */
  public void unit(String of) {
    if (!of.equals(id)) {
      id = of;
      unit = of.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Where the unit falls, from 0, inclusive, to 1, exclusive. */
  public double point(Salt salt) {
    return hash(salt) * 0x1p-32;
  }

  /** The unit's bucket, from 0 to {@link #BUCKETS} - 1. */
  public int bucket(Salt salt) {
    return (int) ((hash(salt) * BUCKETS) >>> 32);
  }

  private long hash(Salt salt) {
    byte[] before = salt.bytes;
    int length = before.length + unit.length;
    if (text.length < length) {
      text = new byte[2 * length];
    }
    System.arraycopy(before, 0, text, 0, before.length);
    System.arraycopy(unit, 0, text, before.length, unit.length);
    return Integer.toUnsignedLong(MurmurHash3.hash32x86(text, 0, length, 0));
  }

  /** What makes one division of all units independent of another. Immutable. */
  public static final class Salt {
    private final byte[] bytes;

    public Salt(String text) {
      bytes = (text + "/").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Salt salt && Arrays.equals(bytes, salt.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }
}
