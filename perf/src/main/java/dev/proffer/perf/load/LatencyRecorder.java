package dev.proffer.perf.load;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * Latencies from the intended start of each request, in a histogram of three digits. Belongs to one
 * thread.
 *
 * <p>In a closed loop a request is meant to start when the answer before it was seen on its
 * connection; in an open one at its place in the schedule. What the client itself loses until the
 * write is part of the latency.
 */
public final class LatencyRecorder {
  /** Longer than any request is waited for. */
  public static final long MAX_NANOS = 60_000_000_000L;

  private static final int DIGITS = 3;

  private final Histogram histogram = new Histogram(MAX_NANOS, DIGITS);

  /**
   * Records one answer.
   *
   * @param intendedNanos when its request was meant to start
   * @param answeredNanos when its last byte was read
   */
  public void record(long intendedNanos, long answeredNanos) {
    histogram.recordValue(Math.min(Math.max(0, answeredNanos - intendedNanos), MAX_NANOS));
  }

  /** Adds what another recorded. */
  public void add(LatencyRecorder other) {
    histogram.add(other.histogram);
  }

  /** How many answers were recorded. */
  public long count() {
    return histogram.getTotalCount();
  }

  /** The latency that the given percentage of the answers did not exceed, in microseconds. */
  public double micros(double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e3;
  }

  /** The longest latency, in microseconds. */
  public double maxMicros() {
    return histogram.getMaxValue() / 1e3;
  }

  /** As one word of text, for {@link #decode}. */
  String encode() {
    ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(bytes);
    return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(bytes.array(), length));
  }

  /** What {@link #encode} wrote. */
  static LatencyRecorder decode(String word) {
    LatencyRecorder recorder = new LatencyRecorder();
    try {
      recorder.histogram.add(
          Histogram.decodeFromCompressedByteBuffer(
              ByteBuffer.wrap(Base64.getDecoder().decode(word)), 0));
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("not a histogram: " + word, e);
    }
    return recorder;
  }
}
