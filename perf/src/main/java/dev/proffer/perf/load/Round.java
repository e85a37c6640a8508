package dev.proffer.perf.load;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one round of load came to.
 *
 * @param elapsedNanos from the first request to the last answer
 * @param clientCpuNanos processor time the load itself took in that span, for all that ran at once
 * @param latencies one for every answer of the status that was expected
 * @param others answers of another status, which only impatient callers may have
 * @param unsent requests that were due while no connection was free, of impatient callers
 */
public record Round(
    long elapsedNanos, long clientCpuNanos, LatencyRecorder latencies, long others, long unsent) {

  /** Answers a second. */
  public double perSecond() {
    return latencies.count() * 1e9 / elapsedNanos;
  }

  /** The share of a core that the load took: near 1, the client is what was measured. */
  public double clientShare() {
    return (double) clientCpuNanos / elapsedNanos;
  }

  /** The rounds of traffic that ran at once, as one line. */
  static String lines(List<Round> rounds) {
    return rounds.stream().map(Round::line).collect(Collectors.joining("\t"));
  }

  private String line() {
    return String.format(
        Locale.ROOT,
        "round %d %d %s %d %d",
        elapsedNanos,
        clientCpuNanos,
        latencies.encode(),
        others,
        unsent);
  }

  /** Reads {@link #lines}. */
  public static List<Round> of(String lines) {
    return Stream.of(lines.split("\t", -1)).map(Round::one).toList();
  }

  private static Round one(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 6 || !words[0].equals("round")) {
      throw new IllegalArgumentException("not a round: " + line);
    }
    return new Round(
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        LatencyRecorder.decode(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]));
  }
}
