package dev.proffer.events.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TimeOrderedIdsTest {
  private static final long NOW = 1_790_000_000_000L;

  /** A clock a test moves by hand. */
  private static final class HandClock implements Time {
    private long millis = NOW;

    @Override
    public long millis() {
      return millis;
    }

    @Override
    public long nanos() {
      return millis * 1_000_000;
    }
  }

  @Test
  void carriesVersionVariantAndTimeWhereRfc9562PutsThem() {
    TimeOrderedIds ids = new TimeOrderedIds(Time.standing(NOW), 1);
    for (int round = 0; round < 5_000; round++) {
      String id = ids.next();
      UUID uuid = UUID.fromString(id);

      assertThat(uuid.toString()).isEqualTo(id);
      assertThat(uuid.version()).isEqualTo(7);
      assertThat(uuid.variant()).isEqualTo(2);
      long millis = uuid.getMostSignificantBits() >>> 16;
      assertThat(millis).isBetween(NOW, NOW + 1);
    }
  }

  @Test
  void staysInOrderWhateverTheClockDoes() {
    long seed = 42;
    Random random = new Random(seed);
    HandClock clock = new HandClock();
    TimeOrderedIds ids = new TimeOrderedIds(clock, seed);
    List<String> made = new ArrayList<>();
    for (int round = 0; round < 100_000; round++) {
      switch (random.nextInt(50)) {
        case 0 -> clock.millis += random.nextInt(1_000);
        case 1 -> clock.millis -= random.nextInt(1_000);
        default -> {}
      }
      made.add(ids.next());
    }
    assertThat(made).isSortedAccordingTo(String::compareTo).doesNotHaveDuplicates();
  }

  @Test
  void staysInOrderWhenMoreThanTheCounterHoldsFallInOneMillisecond() {
    TimeOrderedIds ids = new TimeOrderedIds(Time.standing(NOW), 7);
    List<String> made = new ArrayList<>();
    for (int round = 0; round < 3 * 4_096 + 5; round++) {
      made.add(ids.next());
    }
    assertThat(made).isSortedAccordingTo(String::compareTo).doesNotHaveDuplicates();
  }

  @Test
  void makesTheSameIdsFromTheSameSeedAndOthersFromTheSystem() {
    Time clock = Time.standing(NOW);
    assertThat(new TimeOrderedIds(clock, 5).next()).isEqualTo(new TimeOrderedIds(clock, 5).next());

    Set<String> first = new HashSet<>();
    for (int instance = 0; instance < 1_000; instance++) {
      first.add(new TimeOrderedIds(clock).next());
    }
    assertThat(first).hasSize(1_000);
  }

  @Test
  void worksFromTheBeginningOfTime() {
    TimeOrderedIds ids = new TimeOrderedIds(Time.standing(0), 1);
    assertThat(ids.next()).isLessThan(ids.next());
  }
}
