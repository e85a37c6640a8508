package dev.proffer.perf.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Encoded {@code POST} requests of JSON, sent in their order again and again. Where a body holds
 * {@link #NEW_ID} an id is written that was never sent before; where it holds {@link #OLD_ID}, one
 * that was; where it holds {@link #ROUND}, how often all of them were sent before. Belongs to one
 * thread; writing an id allocates nothing.
 */
public final class Requests {
  /** Stands in a body for an id of as many characters, another one each time it is sent. */
  public static final String NEW_ID = "@@@@@@@@@@@@@@@@";

  /** Stands in a body for an id that was sent a while before, as a caller does who tries again. */
  public static final String OLD_ID = "%%%%%%%%%%%%%%%%";

  /** Stands in a body for a number that is another one each time all bodies were sent. */
  public static final String ROUND = "~~~~~~~~";

  private static final int ID_LENGTH = NEW_ID.length();
  private static final int BACK = 1_000;
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final List<Request> requests = new ArrayList<>();
  private final Ids ids;
  private int next;
  private long round;

  /** Hands out ids; one for all requests of a process. */
  static final class Ids {
    private long latest;
  }

  private record Request(ByteBuffer bytes, int[] newIds, int[] oldIds, int[] rounds) {}

  Requests(String path, List<String> bodies, Ids ids) {
    this(path, bodies, 0, ids);
  }

  /** The same with a header that says how long the caller waits, if that is above 0. */
  Requests(String path, List<String> bodies, int timeoutMillis, Ids ids) {
    String timeout = timeoutMillis > 0 ? "X-Request-Timeout-Ms: " + timeoutMillis + "\r\n" : "";
    this.ids = ids;
    for (String text : bodies) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      byte[] head =
          ("POST "
                  + path
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + timeout
                  + "Content-Length: "
                  + body.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      requests.add(
          new Request(
              ByteBuffer.allocateDirect(head.length + body.length).put(head).put(body).flip(),
              places(body, NEW_ID, head.length),
              places(body, OLD_ID, head.length),
              places(body, ROUND, head.length)));
    }
  }

  private static int[] places(byte[] body, String marker, int shift) {
    String text = new String(body, StandardCharsets.ISO_8859_1);
    List<Integer> places = new ArrayList<>();
    for (int at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + marker.length())) {
      places.add(at + shift);
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The next request, whole; valid until the one after it is asked for on the same place. */
  ByteBuffer next() {
    Request request = requests.get(next);
    for (int place : request.newIds()) {
      write(request.bytes(), place, ++ids.latest, ID_LENGTH);
    }
    for (int place : request.oldIds()) {
      write(request.bytes(), place, Math.max(1, ids.latest - BACK), ID_LENGTH);
    }
    for (int place : request.rounds()) {
      write(request.bytes(), place, round, ROUND.length());
    }
    if (++next == requests.size()) {
      next = 0;
      round++;
    }
    return request.bytes().duplicate();
  }

  private static void write(ByteBuffer bytes, int place, long id, int length) {
    for (int digit = 0; digit < length; digit++) {
      bytes.put(place + digit, DIGITS[(int) (id >>> (4 * (length - 1 - digit))) & 0xf]);
    }
  }
}
