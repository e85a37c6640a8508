package dev.proffer.gateway.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * Inflates gzip (RFC 1952) up to a limit, so that a small body cannot become a large one: at the
 * limit it stops, and what is behind is never inflated. A megabyte takes a few milliseconds.
 */
final class Gunzip {
  private static final int CHUNK = 16 * 1024;

  private Gunzip() {}

  /**
   * The inflated bytes; of more than {@code limit} the first {@code limit + 1}.
   *
   * @throws IOException when it is not gzip, ends too early, or its checksum is another
   */
  static byte[] inflate(byte[] gzip, int limit) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip), CHUNK)) {
      byte[] out = new byte[Math.min(limit + 1, Math.max(CHUNK, 4 * gzip.length))];
      int length = 0;
      while (true) {
        int read = in.read(out, length, out.length - length);
        if (read < 0) {
          return Arrays.copyOf(out, length);
        }
        length += read;
        if (length > limit) {
          return out;
        }
        if (length == out.length) {
          out = Arrays.copyOf(out, Math.min(limit + 1, 2 * out.length));
        }
      }
    }
  }
}
