package dev.proffer.perf.load;

import java.util.Locale;

/**
 * What one round of load came to.
 *
 * @param elapsedNanos from the first request to the last answer
 * @param clientCpuNanos processor time the load itself took in that span
 * @param latencies one for every answer, all of status 200
 */
public record Round(long elapsedNanos, long clientCpuNanos, LatencyRecorder latencies) {

  /** Answers a second. */
  public double perSecond() {
    return latencies.count() * 1e9 / elapsedNanos;
  }

  /** The share of a core that the load took: near 1, the client is what was measured. */
  public double clientShare() {
    return (double) clientCpuNanos / elapsedNanos;
  }

  String line() {
    return String.format(
        Locale.ROOT, "round %d %d %s", elapsedNanos, clientCpuNanos, latencies.encode());
  }

  /** Reads {@link #line}. */
  public static Round of(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 4 || !words[0].equals("round")) {
      throw new IllegalArgumentException("not a round: " + line);
    }
    return new Round(
        Long.parseLong(words[1]), Long.parseLong(words[2]), LatencyRecorder.decode(words[3]));
  }
}
