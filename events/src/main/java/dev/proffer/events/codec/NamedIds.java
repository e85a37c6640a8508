package dev.proffer.events.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * Ids made of names: the same names give the same id in every process and always, and other names
 * another. UUIDs of version 8 (RFC 9562 §5.8) from SHA-256, as its appendix B.2 shows. Not
 * thread-safe; one event loop owns one. Costs about a microsecond.
 */
final class NamedIds {
  private final MessageDigest digest;

  NamedIds() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  /** The id of two names within a space of names; 36 characters in lower case. */
  String of(String space, String first, String second) {
    name(space);
    name(first);
    name(second);
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    long high = (hash.getLong() & 0xffff_ffff_ffff_0fffL) | 0x8000L;
    long low = (hash.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /** A name behind its length, so that two names are never read as two others. */
  private void name(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(utf8.length).flip());
    digest.update(utf8);
  }
}
