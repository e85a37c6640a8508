package dev.proffer.perf.jmh;

import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.configs.Problems;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.codec.EventReader;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.codec.JsonInput;
import dev.proffer.events.time.Time;
import dev.proffer.events.time.TimeOrderedIds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Reading events of a body and holding them against the registry, a batch of 100 at a time; the
 * figure is that of one event. {@code bare} has whom, what and where; {@code full} has ids, an RFC
 * 3339 time and a field of its own as well.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EventReaderBenchmark {
  private static final int EVENTS = 100;
  private static final long NOW = 1_790_000_000_000L;

  /** What an event holds. */
  @Param({"bare", "full"})
  public String what = "full";

  private byte[] body = {};
  private @Nullable EventReader reader;

  /** Writes a body, and reads the shipped registry. */
  @Setup
  public void write() {
    Problems problems = new Problems();
    Path configs = Path.of(System.getProperty("proffer.bench.config", "configs"));
    EventRegistry registry = EventRegistry.read(configs, problems);
    problems.throwIfAny();
    reader = new EventReader(registry, new TimeOrderedIds(Time.standing(NOW), 1));
    String more =
        what.equals("bare")
            ? ""
            : ",\"request_id\":\"0195c1f0-9d3a-7000-8a55-1c0f6f1c2a01\",\"session_id\":\"s-77\","
                + "\"event_id\":\"0195c1f0-9d3a-7000-8a55-%1$012d\","
                + "\"timestamp\":\"2026-05-17T09:30:00.%1$03dZ\",\"position\":3";
    body =
        IntStream.range(0, EVENTS)
            .mapToObj(
                at ->
                    String.format(
                        java.util.Locale.ROOT,
                        "{\"type\":\"click\",\"user_id\":\"u%1$d\",\"item_id\":\"A%1$d\""
                            + more
                            + "}",
                        at))
            .collect(Collectors.joining(",", "[", "]"))
            .getBytes(StandardCharsets.UTF_8);
  }

  /** The batch. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void read(Blackhole events) throws InvalidInput {
    EventReader reading = Objects.requireNonNull(reader);
    try (JsonInput in = new JsonInput(body, 0, body.length)) {
      in.next();
      while (in.next() != JsonToken.END_ARRAY) {
        events.consume(reading.read(in, NOW));
      }
    }
  }
}
