package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UserSequenceTest {
  private record Event(long time, long item, long id, int type) {}

  private static final Comparator<Event> ORDER =
      Comparator.comparingLong(Event::time).thenComparingLong(Event::id);

  @Test
  void isTheSameToTheByteInWhateverOrderEventsArrive() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int most = 2 + random.nextInt(12);
      List<Event> events = events(random, random.nextInt(30));
      List<Event> arriving = new ArrayList<>(events);
      arriving.addAll(events.subList(0, random.nextInt(events.size() + 1))); // sent again
      byte[] expected = null;
      for (int order = 0; order < 5; order++) {
        Collections.shuffle(arriving, random);
        byte[] bytes = of(arriving, most).encode();
        expected = expected == null ? bytes : expected;
        assertThat(bytes).as("seed %d", seed).isEqualTo(expected);
      }
    }
  }

  @Test
  void keepsTheNewestEventsOldestFirst() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int most = 2 + random.nextInt(12);
      List<Event> events = events(random, random.nextInt(30));
      List<Event> sorted = new ArrayList<>(events);
      sorted.sort(ORDER);
      assertThat(listed(of(events, most)))
          .as("seed %d", seed)
          .isEqualTo(sorted.subList(Math.max(0, sorted.size() - most), sorted.size()));
    }
  }

  @Test
  void isItselfWhenNothingChanges() {
    UserSequence sequence = of(List.of(new Event(10, 1, 1, 0), new Event(20, 2, 2, 0)), 2);

    assertThat(sequence.with(20, 2, 2, 0, 2)).isSameAs(sequence);
    assertThat(sequence.with(20, 99, 2, 7, 2))
        .as("a repeated id says nothing new")
        .isSameAs(sequence);
    assertThat(sequence.with(5, 3, 3, 0, 2)).as("older than all that is kept").isSameAs(sequence);
    assertThat(sequence.before(21)).isSameAs(sequence);
    assertThat(UserSequence.EMPTY.before(0)).isSameAs(UserSequence.EMPTY);
  }

  @Test
  void isNotChangedByWhatIsAddedToIt() {
    UserSequence sequence = of(List.of(new Event(10, 1, 1, 5)), 3);
    byte[] was = sequence.encode();
    UserSequence longer = sequence.with(5, 2, 2, 6, 3).with(20, 3, 3, 7, 3);

    assertThat(sequence.encode()).isEqualTo(was);
    assertThat(longer.size()).isEqualTo(3);
    assertThat(longer.type(0)).isEqualTo(6);
    assertThat(longer.itemHash(2)).isEqualTo(3);
    assertThat(longer.timeMillis(1)).isEqualTo(10);
  }

  @Test
  void findsWhereAnEventStandsOrWouldStand() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<Event> events = events(random, 1 + random.nextInt(20));
      UserSequence sequence = of(events, 100);
      Event asked = random.nextBoolean() ? events.get(0) : events(random, 1).get(0);
      int smaller = 0;
      boolean there = false;
      for (Event event : events) {
        smaller += ORDER.compare(event, asked) < 0 ? 1 : 0;
        there |= ORDER.compare(event, asked) == 0;
      }
      int at = sequence.position(asked.time(), asked.id());
      assertThat(at).as("seed %d", seed).isEqualTo(smaller);
      assertThat(sequence.holds(at, asked.time(), asked.id())).as("seed %d", seed).isEqualTo(there);
    }
  }

  @Test
  void leavesOutWhatHappenedAtOrAfterAnInstant() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<Event> events = events(random, random.nextInt(20));
      long instant = random.nextInt(60);
      List<Event> earlier = new ArrayList<>(events);
      earlier.removeIf(event -> event.time() >= instant);
      assertThat(of(events, 100).before(instant).encode())
          .as("seed %d", seed)
          .isEqualTo(of(earlier, 100).encode());
    }
  }

  @Test
  void comesBackFromItsBytes() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      UserSequence sequence = of(events(random, random.nextInt(40)), 30);
      byte[] bytes = sequence.encode();
      UserSequence back = UserSequence.decode(bytes);
      assertThat(listed(back)).as("seed %d", seed).isEqualTo(listed(sequence));
      assertThat(back.encode()).isEqualTo(bytes);
    }
    assertThat(UserSequence.decode(UserSequence.EMPTY.encode()).size()).isZero();
  }

  @Test
  void refusesBytesThatAreNotWholeOrOfAnotherFormat() {
    byte[] bytes = of(events(new Random(1), 5), 30).encode();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> UserSequence.decode(cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> UserSequence.decode(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] other = bytes.clone();
    other[0] = 2;
    assertThatThrownBy(() -> UserSequence.decode(other))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] negative = {1, 0, 0, 0, (byte) 0x80};
    assertThatThrownBy(() -> UserSequence.decode(negative))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void numbersEventTypesAlikeInEveryProcess() {
    assertThat(UserSequence.typeCode("click")).isEqualTo(94_750_088);
    assertThat(UserSequence.typeCode("view")).isEqualTo(3_619_493);
  }

  /** Few instants and few ids of either sign, so that many are equal. No two are the same event. */
  private static List<Event> events(Random random, int count) {
    List<Event> events = new ArrayList<>();
    while (events.size() < count) {
      long time = random.nextInt(60);
      long id = random.nextInt(400) - 200L;
      boolean known = events.stream().anyMatch(event -> event.time() == time && event.id() == id);
      if (!known) {
        events.add(new Event(time, random.nextLong(), id, random.nextInt()));
      }
    }
    return events;
  }

  private static UserSequence of(List<Event> events, int most) {
    UserSequence sequence = UserSequence.EMPTY;
    for (Event event : events) {
      sequence = sequence.with(event.time(), event.item(), event.id(), event.type(), most);
    }
    return sequence;
  }

  private static List<Event> listed(UserSequence sequence) {
    List<Event> events = new ArrayList<>();
    for (int at = 0; at < sequence.size(); at++) {
      long time = sequence.timeMillis(at);
      long id = 0;
      for (long guess = -200; guess < 200; guess++) {
        if (sequence.holds(at, time, guess)) {
          id = guess;
        }
      }
      events.add(new Event(time, sequence.itemHash(at), id, sequence.type(at)));
    }
    return events;
  }
}
