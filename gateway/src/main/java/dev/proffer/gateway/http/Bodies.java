package dev.proffer.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the body of a request, which is JSON of one kind or another, up to a limit that holds
 * for what was sent and for what it inflates to. Refuses by the head where it can; what comes in
 * after a refusal is let go, so that the caller reads the answer.
 */
final class Bodies {
  /** A caller who sends on after a refusal for longer than this is hung up on. */
  private static final long MOST_LET_GO = 16L << 20;

  /** What takes the body; a failure becomes the answer. */
  @FunctionalInterface
  interface Taker {
    void take(Media media, byte[] body) throws Exception;
  }

  private static final Set<Media> JSON = EnumSet.of(Media.JSON);
  private static final Set<Media> EVENTS =
      EnumSet.of(Media.JSON, Media.CLOUDEVENT, Media.CLOUDEVENTS);

  private final Exchange exchange;
  private final int limit;
  private final int batchLimit;
  private final Set<Media> medias;
  private final Taker taker;
  private Media media = Media.JSON;
  private boolean gzip;
  private @Nullable Buffer body;
  private boolean refused;
  private long letGo;

  private Bodies(Exchange exchange, int limit, int batchLimit, Set<Media> medias, Taker taker) {
    this.exchange = exchange;
    this.limit = limit;
    this.batchLimit = batchLimit;
    this.medias = medias;
    this.taker = taker;
  }

  /** Reads JSON of at most {@code limit} bytes. */
  static void json(Exchange exchange, int limit, Taker taker) {
    new Bodies(exchange, limit, limit, JSON, taker).begin();
  }

  /**
   * Reads events, which may be compressed: at most {@code limit} bytes, or {@code batchLimit} when
   * it is an array.
   */
  static void events(Exchange exchange, int limit, int batchLimit, Taker taker) {
    new Bodies(exchange, limit, Math.max(limit, batchLimit), EVENTS, taker).begin();
  }

  private void begin() {
    HttpServerRequest request = exchange.request();
    request.handler(this::chunk);
    request.endHandler(end -> end());
    request.exceptionHandler(gone -> refused = true);
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    Media named = type == null ? null : Media.of(type, medias);
    gzip = medias == EVENTS && encoding != null && encoding.equalsIgnoreCase("gzip");
    if (named == null) {
      refuse(
          Refused.of(
              Problem.UNSUPPORTED_MEDIA_TYPE,
              "content-type",
              type == null ? "missing" : type,
              Media.words(medias)));
    } else if (encoding != null && !gzip && !encoding.equalsIgnoreCase("identity")) {
      refuse(
          Refused.of(
              Problem.UNSUPPORTED_MEDIA_TYPE,
              "content-encoding",
              encoding,
              medias == EVENTS ? "gzip, or no encoding" : "no encoding"));
    } else {
      media = named;
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
      int allowed = gzip || isArray(body) ? batchLimit : limit;
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
      byte[] sent = whole == null ? new byte[0] : whole.getBytes();
      taker.take(media, gzip ? inflated(sent) : sent);
    } catch (Throwable e) { // also an Error costs this request an answer, not the caller a hang
      exchange.fail(e);
    }
  }

  private byte[] inflated(byte[] sent) throws Refused {
    byte[] body;
    try {
      body = Gunzip.inflate(sent, batchLimit);
    } catch (IOException e) {
      throw Refused.of(
          Problem.MALFORMED_REQUEST,
          "body",
          "not gzip, or cut off",
          "gzip, as content-encoding says");
    }
    if (body.length > limit) {
      int allowed = isArray(Buffer.buffer(body)) ? batchLimit : limit;
      if (body.length > allowed) {
        throw tooLarge("inflates to more than " + allowed + " bytes", allowed);
      }
    }
    return body;
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
}
