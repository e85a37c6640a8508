package dev.proffer.perf.load;

import java.nio.file.Path;

/**
 * One kind of request that a round of load sends.
 *
 * @param path where it is posted
 * @param bodies a file that holds one body a line; see {@link Requests}
 * @param connections kept alive, each with one request outstanding: nothing is pipelined
 * @param perSecond 0 for a closed loop, in which a connection sends its next request when the
 *     answer is whole; else requests are due at this rate, and wait when no connection is free
 * @param status the answer that counts as one; the only one there may be, unless callers are
 *     impatient
 * @param timeoutMillis above 0 for impatient callers: they say so ({@code X-Request-Timeout-Ms}),
 *     take another status for an answer that counts apart, and go away when no connection is free
 */
public record Traffic(
    String path, Path bodies, int connections, int perSecond, int status, int timeoutMillis) {
  private static final String SEPARATOR = "\t";
  private static final int WORDS = 6;

  /** One request after another on each connection, as fast as the server answers. */
  public static Traffic closed(String path, Path bodies, int connections, int status) {
    return new Traffic(path, bodies, connections, 0, status, 0);
  }

  /** Requests that are due at a fixed rate, whatever the server does. */
  public static Traffic open(String path, Path bodies, int connections, int perSecond, int status) {
    return new Traffic(path, bodies, connections, perSecond, status, 0);
  }

  /** The same of callers who wait so long and no longer. */
  public Traffic impatient(int millis) {
    return new Traffic(path, bodies, connections, perSecond, status, millis);
  }

  String line() {
    return String.join(
        SEPARATOR,
        path,
        bodies.toString(),
        String.valueOf(connections),
        String.valueOf(perSecond),
        String.valueOf(status),
        String.valueOf(timeoutMillis));
  }

  /** Reads a {@link #line} out of words, from one of them on. */
  static Traffic of(String[] words, int from) {
    return new Traffic(
        words[from],
        Path.of(words[from + 1]),
        Integer.parseInt(words[from + 2]),
        Integer.parseInt(words[from + 3]),
        Integer.parseInt(words[from + 4]),
        Integer.parseInt(words[from + WORDS - 1]));
  }

  /** How many words a {@link #line} has. */
  static int words() {
    return WORDS;
  }

  /** An order to the load: this traffic, all at once, on one port for a while. */
  public static String order(int port, long millis, Traffic... traffic) {
    StringBuilder line = new StringBuilder().append(port).append(SEPARATOR).append(millis);
    for (Traffic one : traffic) {
      line.append(SEPARATOR).append(one.line());
    }
    return line.toString();
  }
}
