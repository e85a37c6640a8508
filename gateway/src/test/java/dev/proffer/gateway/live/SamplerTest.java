package dev.proffer.gateway.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Erasure;
import dev.proffer.events.Hash64;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.time.Time;
import dev.proffer.features.state.UserSequence;
import dev.proffer.pipeline.sample.SampleFile;
import dev.proffer.pipeline.sample.ServedSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplerTest {
  private static final float NAN = Float.intBitsToFloat(0x7fc00123);

  @TempDir private Path home;
  private final AtomicLong now = new AtomicLong(1_750_000_000_000L);
  private final Time time =
      new Time() {
        @Override
        public long millis() {
          return now.get();
        }

        @Override
        public long nanos() {
          return Time.system().nanos();
        }
      };

  private static ServedSample sample(String request, String user, long index) {
    return new ServedSample(
        request,
        Hash64.of(user),
        index,
        ServedSample.hash(UserSequence.EMPTY),
        "sha",
        List.of("a", "b"),
        2,
        new float[] {1.5f, NAN, -0f, Float.MIN_VALUE});
  }

  private List<ServedSample> written() throws IOException {
    List<ServedSample> all = new ArrayList<>();
    for (Path file : SampleFile.list(home.resolve(SampleFile.DIRECTORY))) {
      all.addAll(SampleFile.read(file));
    }
    return all;
  }

  private List<String> requests() throws IOException {
    return written().stream().map(ServedSample::requestId).toList();
  }

  @Test
  void keepsEveryBitAndEndsAtWhatWasLeftHalfWritten() throws Exception {
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      try (Sampler sampler = new Sampler(home, log, 1, 1, time)) {
        sampler.start();
        sampler.offer(sample("r1", "u", 7));
        sampler.offer(sample("r2", "u", 8));
      }
      assertThat(requests()).containsExactly("r1", "r2");
      ServedSample read = written().get(0);
      ServedSample was = sample("r1", "u", 7);
      assertThat(read).usingRecursiveComparison().ignoringFields("rows").isEqualTo(was);
      assertThat(bits(read)).isEqualTo(bits(was));

      Path file = SampleFile.list(home.resolve(SampleFile.DIRECTORY)).get(0);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
      assertThat(requests()).containsExactly("r1");
    }
  }

  private static int[] bits(ServedSample sample) {
    int[] bits = new int[sample.rows().length];
    for (int at = 0; at < bits.length; at++) {
      bits[at] = Float.floatToRawIntBits(sample.rows()[at]);
    }
    return bits;
  }

  @Test
  void takesAForgottenUserOutWhileItRunsAndAtAStartThatMissedIt() throws Exception {
    try (EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Appender appender = log.appender()) {
      appender.append(LogCodec.encode(new Erasure("before", "late", 1)));
      long index = log.lastIndex();
      try (Sampler sampler = new Sampler(home, log, 1, 1, time)) {
        sampler.start();
        sampler.offer(sample("gone", "u", index));
        sampler.offer(sample("stays", "v", index));
        await().untilAsserted(() -> assertThat(requests()).hasSize(2));
        sampler.forget("u");
        await().untilAsserted(() -> assertThat(requests()).containsExactly("stays"));
        sampler.offer(sample("new", "late", index));
        await().untilAsserted(() -> assertThat(requests()).contains("new"));
      }
      appender.append(LogCodec.encode(new Erasure("after", "v", 2)));
      try (Sampler sampler = new Sampler(home, log, 1, 1, time)) {
        sampler.start();
        await().untilAsserted(() -> assertThat(requests()).containsExactly("new"));
      }
    }
  }

  @Test
  void deletesWhatIsOldAndSamplesAboutItsShare() throws Exception {
    try (EventLog log = EventLog.open(home.resolve("log"));
        Sampler sampler = new Sampler(home, log, 0.1, 2, time)) {
      sampler.start();
      sampler.offer(sample("old", "u", 1));
      await().untilAsserted(() -> assertThat(requests()).containsExactly("old"));
      now.addAndGet(TimeUnit.HOURS.toMillis(4));
      await() // a file may be deleted between being found and being read
          .ignoreExceptionsInstanceOf(NoSuchFileException.class)
          .untilAsserted(() -> assertThat(requests()).isEmpty());

      int wanted = 0;
      for (int request = 0; request < 10_000; request++) {
        wanted += sampler.wants("request-" + request) ? 1 : 0;
      }
      assertThat(wanted).isBetween(850, 1_150);
      assertThat(new Sampler(home, log, 0, 1, time).wants("request-1")).isFalse();
      assertThat(new Sampler(home, log, 1, 1, time).wants("request-1")).isTrue();
    }
  }
}
