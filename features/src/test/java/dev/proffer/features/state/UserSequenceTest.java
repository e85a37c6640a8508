package dev.proffer.features.state;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UserSequenceTest {
  private record Event(long time, long item, long id, int type) {}

  private static final Comparator<Event> ORDER =
      Comparator.comparingLong(Event::time).thenComparingLong(Event::id);

  private static final Retention NINE = Retention.latest(9);

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
    other[0] = 3;
    assertThatThrownBy(() -> UserSequence.decode(other))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] negative = {1, 0, 0, 0, (byte) 0x80};
    assertThatThrownBy(() -> UserSequence.decode(negative))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] endless = {2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    assertThatThrownBy(() -> UserSequence.decode(endless))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsTheFormatBefore() {
    ByteBuffer before = ByteBuffer.allocate(5 + 2 * 28).order(ByteOrder.LITTLE_ENDIAN);
    before.put((byte) 1).putInt(2);
    before.putLong(1_000).putLong(11).putLong(-5).putInt(UserSequence.typeCode("view"));
    before.putLong(2_000).putLong(12).putLong(7).putInt(UserSequence.typeCode("click"));
    UserSequence read = UserSequence.decode(before.array());

    UserSequence written =
        UserSequence.EMPTY
            .with(1_000, 11, -5, UserSequence.typeCode("view"), 9)
            .with(2_000, 12, 7, UserSequence.typeCode("click"), 9);
    assertThat(read.encode()).isEqualTo(written.encode());
    assertThat(read.with(3_000, 13, 8, 0, 9).encode())
        .isEqualTo(written.with(3_000, 13, 8, 0, 9).encode());
  }

  @Test
  void isWrittenToTheByteAsTheFormatSays() {
    UserSequence sequence =
        UserSequence.EMPTY
            .with(1_000, 11, -5, 0x0a0b0c0d, new float[] {Float.NaN, 2}, NINE)
            .with(1_300, 12, 7, 1, new float[] {1, Float.NaN}, NINE);
    String time = "e803000000000000";
    String first = "0b00000000000000" + "fbffffffffffffff" + "01" + "00000040";
    String second = "ac02" + "0c00000000000000" + "0700000000000000" + "06" + "0000803f";
    assertThat(HexFormat.of().formatHex(sequence.encode()))
        .isEqualTo("02" + "02" + "02" + "02" + "0d0c0b0a" + "01000000" + time + first + second);
  }

  @Test
  void keepsTheNumbersOfEachEvent() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int width = random.nextInt(8 + 1);
      List<Event> events = events(random, random.nextInt(30));
      Map<Long, float[]> numbers = new HashMap<>();
      UserSequence sequence = UserSequence.EMPTY;
      for (Event event : events) {
        float[] values = new float[width];
        for (int column = 0; column < width; column++) {
          values[column] = random.nextInt(3) == 0 ? Float.NaN : random.nextFloat();
        }
        numbers.put(event.item(), values);
        sequence =
            sequence.with(
                event.time(), event.item(), event.id(), event.type(), values, Retention.latest(20));
      }
      UserSequence back = UserSequence.decode(sequence.encode());
      assertThat(back.encode()).isEqualTo(sequence.encode());
      for (int at = 0; at < back.size(); at++) {
        float[] expected = requireNonNull(numbers.get(back.itemHash(at)));
        for (int column = 0; column < width; column++) {
          assertThat(back.number(at, column))
              .as("seed %d", seed)
              .isEqualTo(Float.valueOf(expected[column]));
        }
      }
    }
  }

  @Test
  void twoContinuationsOfOneSequenceDoNotSeeEachOther() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<UserSequence> sequences = new ArrayList<>(List.of(UserSequence.EMPTY));
      List<List<Event>> expected = new ArrayList<>(List.of(List.of()));
      int most = 2 + random.nextInt(12);
      for (Event event : events(random, 40)) {
        int of = random.nextInt(sequences.size());
        sequences.add(
            sequences.get(of).with(event.time(), event.item(), event.id(), event.type(), most));
        List<Event> longer = new ArrayList<>(expected.get(of));
        longer.add(event);
        longer.sort(ORDER);
        expected.add(longer.subList(Math.max(0, longer.size() - most), longer.size()));
      }
      for (int at = 0; at < sequences.size(); at++) {
        assertThat(listed(sequences.get(at))).as("seed %d", seed).isEqualTo(expected.get(at));
      }
    }
  }

  @Test
  void numbersEventTypesAlikeInEveryProcess() {
    assertThat(UserSequence.typeCode("click")).isEqualTo(94_750_088);
    assertThat(UserSequence.typeCode("view")).isEqualTo(3_619_493);
  }

  /** Types "a", "b" and "c": the sequence takes two of them, named sequences some of all three. */
  @Test
  void keepsBesideItWhatNamedSequencesKeepLonger() {
    List<String> names = List.of("a", "b", "c");
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      List<SequenceSpec.Named> named = new ArrayList<>();
      for (int one = 0; one < 1 + random.nextInt(3); one++) {
        List<String> types = new ArrayList<>(names);
        Collections.shuffle(types, random);
        named.add(
            new SequenceSpec.Named(
                "n" + one,
                types.subList(0, 1 + random.nextInt(3)),
                1 + random.nextInt(9),
                1,
                0,
                ""));
      }
      int most = 2 + random.nextInt(8);
      SequenceSpec spec =
          new SequenceSpec(
              List.of("a", "b"), most, 1, "", 0, List.of("n"), named, StatisticsSpec.NONE);
      List<Event> events = new ArrayList<>();
      for (Event event : events(random, random.nextInt(40))) {
        String type = names.get(random.nextInt(3));
        events.add(new Event(event.time(), event.item(), event.id(), UserSequence.typeCode(type)));
      }
      checkKept(spec, events, random, seed);
    }
  }

  private static void checkKept(SequenceSpec spec, List<Event> events, Random random, int seed) {
    List<Event> sorted = new ArrayList<>(events);
    sorted.sort(ORDER);
    List<Event> own = latest(sorted, spec.events(), spec.maxLength());
    List<Event> beside = new ArrayList<>();
    for (Event event : sorted) {
      boolean kept =
          spec.named().stream()
              .anyMatch(one -> latest(sorted, one.events(), one.maxLength()).contains(event));
      if (kept && !own.contains(event)) {
        beside.add(event);
      }
    }
    Retention retention = Retention.of(spec);
    List<Event> arriving = new ArrayList<>(events);
    arriving.addAll(events.subList(0, random.nextInt(events.size() + 1))); // sent again
    Collections.shuffle(arriving, random);
    int half = random.nextInt(arriving.size() + 1);
    UserSequence whole = UserSequence.EMPTY;
    UserSequence some = UserSequence.EMPTY;
    UserSequence others = UserSequence.EMPTY;
    for (int at = 0; at < arriving.size(); at++) {
      whole = with(whole, arriving.get(at), retention);
      some = at < half ? with(some, arriving.get(at), retention) : some;
      others = at < half ? others : with(others, arriving.get(at), retention);
    }
    assertThat(listed(whole)).as("seed %d", seed).isEqualTo(own);
    assertThat(listed(whole.beside())).as("seed %d, beside it", seed).isEqualTo(beside);
    byte[] bytes = whole.encode();
    assertThat(bytes[0]).isEqualTo((byte) (beside.isEmpty() ? 2 : 3));
    assertThat(UserSequence.decode(bytes).encode()).as("seed %d", seed).isEqualTo(bytes);
    assertThat(some.merged(others, retention).encode()).as("seed %d", seed).isEqualTo(bytes);
    assertThat(whole.merged(some, retention)).isSameAs(whole);
    long instant = random.nextInt(60);
    assertThat(listed(whole.before(instant)))
        .isEqualTo(own.stream().filter(event -> event.time() < instant).toList());
    assertThat(listed(whole.before(instant).beside()))
        .isEqualTo(beside.stream().filter(event -> event.time() < instant).toList());
  }

  private static UserSequence with(UserSequence sequence, Event event, Retention retention) {
    return sequence.with(
        event.time(), event.item(), event.id(), event.type(), new float[] {event.id()}, retention);
  }

  private static List<Event> latest(List<Event> sorted, List<String> types, int most) {
    List<Event> of =
        sorted.stream()
            .filter(
                event ->
                    types.stream().anyMatch(type -> UserSequence.typeCode(type) == event.type()))
            .toList();
    return of.subList(Math.max(0, of.size() - most), of.size());
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
