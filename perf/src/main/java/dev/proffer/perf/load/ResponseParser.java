package dev.proffer.perf.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the end of an HTTP/1.1 answer in a stream of bytes: the status line, {@code Content-Length}
 * and as many bytes more. One connection's, one answer outstanding; allocates only to say what is
 * wrong. Anything else that HTTP allows (chunks, 1xx, answers without a length) is refused: the
 * servers measured here send none of it.
 */
final class ResponseParser {
  private static final int MAX_HEAD = 16_384;
  private static final int KEPT_OF_BODY = 512;
  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PROTOCOL = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);

  private final byte[] head = new byte[MAX_HEAD];
  private final byte[] kept = new byte[KEPT_OF_BODY];
  private int headLength;
  private int lineStart;
  private boolean inBody;
  private int status;
  private long bodyLength;
  private long bodyLeft;
  private int keptLength;

  /**
   * Takes bytes; true when the answer is whole.
   *
   * @throws IllegalArgumentException when they are not the one answer that is waited for
   */
  boolean feed(ByteBuffer bytes) {
    if (!inBody && headLength == 0) {
      lineStart = 0;
      status = 0;
      bodyLength = -1;
      keptLength = 0;
    }
    while (!inBody && bytes.hasRemaining()) {
      byte b = bytes.get();
      if (headLength == MAX_HEAD) {
        throw new IllegalArgumentException("a head of more than " + MAX_HEAD + " bytes");
      }
      head[headLength++] = b;
      if (b == '\n') {
        line();
      }
    }
    if (!inBody) {
      return false;
    }
    if (bytes.remaining() > bodyLeft) {
      throw new IllegalArgumentException(
          (bytes.remaining() - bodyLeft) + " bytes more than the answer has");
    }
    bodyLeft -= bytes.remaining();
    if (status >= 300 && keptLength < KEPT_OF_BODY) {
      int more = Math.min(KEPT_OF_BODY - keptLength, bytes.remaining());
      bytes.get(kept, keptLength, more);
      keptLength += more;
    }
    bytes.position(bytes.limit());
    if (bodyLeft > 0) {
      return false;
    }
    inBody = false;
    headLength = 0;
    return true;
  }

  private void line() {
    int end = headLength - 1;
    if (end > lineStart && head[end - 1] == '\r') {
      end--;
    }
    if (lineStart == 0) {
      status = status(end);
    } else if (end == lineStart) {
      if (bodyLength < 0) {
        throw new IllegalArgumentException("an answer without Content-Length");
      }
      inBody = true;
      bodyLeft = bodyLength;
    } else if (isLength(end)) {
      bodyLength = number(lineStart + LENGTH.length, end);
    }
    lineStart = headLength;
  }

  private int status(int end) {
    for (int at = 0; at < PROTOCOL.length; at++) {
      if (at >= end || head[at] != PROTOCOL[at]) {
        throw new IllegalArgumentException("not HTTP/1.1: " + text(head, 0, end));
      }
    }
    int found = (int) number(PROTOCOL.length, Math.min(end, PROTOCOL.length + 3));
    if (found < 200 || found > 599) {
      throw new IllegalArgumentException("not a final status: " + text(head, 0, end));
    }
    return found;
  }

  private boolean isLength(int end) {
    if (end - lineStart <= LENGTH.length) {
      return false;
    }
    for (int at = 0; at < LENGTH.length; at++) {
      byte b = head[lineStart + at];
      if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != LENGTH[at]) {
        return false;
      }
    }
    return true;
  }

  private long number(int from, int to) {
    long number = 0;
    int digits = 0;
    for (int at = from; at < to; at++) {
      byte b = head[at];
      if (b >= '0' && b <= '9' && digits < 15) {
        number = number * 10 + b - '0';
        digits++;
      } else if (b != ' ' || digits > 0) {
        throw new IllegalArgumentException("not a number: " + text(head, from, to - from));
      }
    }
    if (digits == 0) {
      throw new IllegalArgumentException("not a number: " + text(head, from, to - from));
    }
    return number;
  }

  /** The status of the last whole answer. */
  int status() {
    return status;
  }

  /** How long the body of the last whole answer was, in bytes. */
  long bodyLength() {
    return bodyLength;
  }

  /** The start of the last whole answer's body; empty when its status was below 300. */
  String said() {
    return text(kept, 0, keptLength);
  }

  private static String text(byte[] bytes, int from, int length) {
    return new String(bytes, from, Math.max(0, length), StandardCharsets.UTF_8);
  }
}
