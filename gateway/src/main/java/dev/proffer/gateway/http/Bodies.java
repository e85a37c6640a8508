package dev.proffer.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the body of a request that must be JSON, up to a limit. Refuses by the head where it
 * can; what comes in after a refusal is let go, so that the caller reads the answer.
 */
final class Bodies {
  /** A caller who sends on after a refusal for longer than this is hung up on. */
  private static final long MOST_LET_GO = 16L << 20;

  /** What takes the body; a failure becomes the answer. */
  @FunctionalInterface
  interface Taker {
    void take(byte[] body) throws Exception;
  }

  private final Exchange exchange;
  private final int limit;
  private final int batchLimit;
  private final Taker taker;
  private @Nullable Buffer body;
  private boolean refused;
  private long letGo;

  private Bodies(Exchange exchange, int limit, int batchLimit, Taker taker) {
    this.exchange = exchange;
    this.limit = limit;
    this.batchLimit = batchLimit;
    this.taker = taker;
  }

  /** Reads a body of at most {@code limit} bytes, or {@code batchLimit} when it is an array. */
  static void read(Exchange exchange, int limit, int batchLimit, Taker taker) {
    new Bodies(exchange, limit, Math.max(limit, batchLimit), taker).begin();
  }

  private void begin() {
    HttpServerRequest request = exchange.request();
    request.handler(this::chunk);
    request.endHandler(end -> end());
    request.exceptionHandler(gone -> refused = true);
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (type == null || !isJson(type)) {
      refuse(
          Refused.of(
              Problem.UNSUPPORTED_MEDIA_TYPE,
              "content-type",
              type == null ? "missing" : type,
              "application/json"));
    } else if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      refuse(
          Refused.of(Problem.UNSUPPORTED_MEDIA_TYPE, "content-encoding", encoding, "no encoding"));
    } else {
      long length = declared(request.getHeader(HttpHeaders.CONTENT_LENGTH));
      if (length > batchLimit) {
        refuse(tooLarge(length + " bytes", batchLimit));
      }
    }
  }

  private void chunk(Buffer chunk) {
    if (refused) {
      letGo += chunk.length();
      if (letGo > MOST_LET_GO) {
        exchange.request().connection().close();
      }
      return;
    }
    Buffer soFar = body;
    body = soFar == null ? chunk : soFar.appendBuffer(chunk);
    if (body.length() > limit) {
      int allowed = isArray(body) ? batchLimit : limit;
      if (body.length() > allowed) {
        body = null;
        refuse(tooLarge("more than " + allowed + " bytes", allowed));
      }
    }
  }

  private void end() {
    if (refused) {
      return;
    }
    try {
      Buffer whole = body;
      taker.take(whole == null ? new byte[0] : whole.getBytes());
    } catch (Throwable e) { // also an Error costs this request an answer, not the caller a hang
      exchange.fail(e);
    }
  }

  private void refuse(Refused why) {
    refused = true;
    exchange.refuse(why);
  }

  private static Refused tooLarge(String size, int allowed) {
    return Refused.of(Problem.BODY_TOO_LARGE, "body", size, "at most " + allowed + " bytes");
  }

  private static boolean isArray(Buffer body) {
    for (int at = 0; at < body.length(); at++) {
      byte b = body.getByte(at);
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        return b == '[';
      }
    }
    return false;
  }

  private static long declared(@Nullable String length) {
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE; // Netty has checked the framing; a number this long is too large
    }
  }

  /** {@code application/json}, with no parameter but {@code charset=utf-8}. */
  static boolean isJson(String contentType) {
    if (contentType.equals("application/json")) {
      return true;
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    if (!parts[0].strip().equals("application/json")) {
      return false;
    }
    for (int part = 1; part < parts.length; part++) {
      String parameter = parts[part].strip().replace("\"", "");
      if (!parameter.isEmpty() && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return true;
  }
}
