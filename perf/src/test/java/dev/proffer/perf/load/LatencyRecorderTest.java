package dev.proffer.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LatencyRecorderTest {
  private final LatencyRecorder recorder = new LatencyRecorder();

  @Test
  void countsFromTheIntendedStart() {
    recorder.record(1_000_000, 3_500_000);

    assertThat(recorder.count()).isEqualTo(1);
    assertThat(recorder.micros(50)).isCloseTo(2_500, within(3.0));
    assertThat(recorder.maxMicros()).isCloseTo(2_500, within(3.0));
  }

  @Test
  void givesPercentilesToThreeDigits() {
    for (int micros = 1; micros <= 10_000; micros++) {
      recorder.record(0, micros * 1_000L);
    }

    assertThat(recorder.micros(50)).isCloseTo(5_000, within(5.0));
    assertThat(recorder.micros(99)).isCloseTo(9_900, within(10.0));
    assertThat(recorder.micros(99.9)).isCloseTo(9_990, within(10.0));
  }

  @Test
  void keepsWhatLiesBeyondItsRange() {
    recorder.record(5, 0);
    recorder.record(0, 2 * LatencyRecorder.MAX_NANOS);

    assertThat(recorder.count()).isEqualTo(2);
    assertThat(recorder.micros(1)).isZero();
    assertThat(recorder.maxMicros()).isCloseTo(LatencyRecorder.MAX_NANOS / 1e3, within(60_000.0));
  }

  @Test
  void addsWhatAnotherRecorded() {
    LatencyRecorder other = new LatencyRecorder();
    recorder.record(0, 1_000);
    other.record(0, 9_000);
    recorder.add(other);

    assertThat(recorder.count()).isEqualTo(2);
    assertThat(recorder.maxMicros()).isCloseTo(9, within(0.1));
  }

  @Test
  void comesThroughALineOfText() {
    recorder.record(0, 1_000);
    recorder.record(0, 42_000_000);
    Round round =
        Round.of(Round.lines(List.of(new Round(2_000_000_000L, 500_000_000L, recorder, 3, 4))))
            .get(0);

    assertThat(round.perSecond()).isEqualTo(1);
    assertThat(round.others()).isEqualTo(3);
    assertThat(round.unsent()).isEqualTo(4);
    assertThat(round.clientShare()).isEqualTo(0.25);
    assertThat(round.latencies().count()).isEqualTo(2);
    assertThat(round.latencies().maxMicros()).isEqualTo(recorder.maxMicros());
    assertThat(round.latencies().micros(50)).isEqualTo(recorder.micros(50));
  }
}
