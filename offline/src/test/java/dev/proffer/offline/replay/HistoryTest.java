package dev.proffer.offline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.LiveState;
import dev.proffer.offline.Shop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final SequenceSpec SPEC =
      new SequenceSpec(List.of("click"), 50, Shop.GAP, "number");
  private static final long WINDOW = 100;

  @Test
  void ordersByTimeAndKeepsTheLogsOrderOfEquals() {
    History history =
        history(
            click("late", "u", "a", 30),
            click("b1", "u", "a", 20),
            click("a2", "v", "a", 20),
            click("first", "u", "a", 10),
            shown("r2", "u", 25, "a"),
            shown("r1", "u", 5, "a"));
    assertThat(history.events()).extracting(Event::id).containsExactly("first", "b1", "a2", "late");
    assertThat(history.impressions()).extracting(Impression::requestId).containsExactly("r1", "r2");
    assertThat(history.entries()).isEqualTo(6);
    assertThat(history.end()).isEqualTo(31);
    assertThat(history.instantBeforeLast(0.25)).isEqualTo(30);
    assertThat(history.instantBeforeLast(0.5)).isEqualTo(20);
    assertThat(history.instantBeforeLast(1)).isEqualTo(10);
    assertThat(history().end()).isZero();
    assertThat(history().instantBeforeLast(0.1)).isZero();
  }

  @Test
  void holdsNothingThatStandsBeforeTheTombstoneOfItsUser() {
    History history =
        history(
            click("gone", "u", "a", 10),
            shown("gone too", "u", 9, "a"),
            click("stays", "v", "a", 11),
            new Erasure("x", "u", 12),
            click("new", "u", "a", 5),
            shown("new too", "u", 4, "a"));
    assertThat(history.events()).extracting(Event::id).containsExactly("new", "stays");
    assertThat(history.impressions()).extracting(Impression::requestId).containsExactly("new too");
    assertThat(history.entries()).isEqualTo(6);
  }

  @Test
  void countsAnIdOnceAndAnItemAsItLastStood() {
    History history =
        history(
            item("a", "old"),
            item("b", "b"),
            click("e", "u", "a", 10),
            click("e", "u", "b", 20),
            new Event("c", "conversion", "u", "a", null, null, 11, 11, Map.of()),
            new Event("n", "click", "u", null, null, null, 12, 12, Map.of()),
            item("a", "new"));
    assertThat(history.events()).extracting(Event::timeMillis).containsExactly(10L);
    assertThat(history.items()).extracting(Item::title).containsExactly("new", "b");
    assertThat(history.entries()).isEqualTo(7);
  }

  @Test
  void learnsNothingFromWhatAClientSaysWasSeen() {
    Event viewed = new Event("v", "impression", "u", "a", "r1", null, 12, 12, Map.of());
    History history = history(shown("r1", "u", 10, "a"), viewed, click("c", "u", "a", 20));

    assertThat(history.events()).extracting(Event::id).containsExactly("c");
    assertThat(history.impressions()).hasSize(1);
  }

  @Test
  void joinsAChoiceWithWhatItAnswers() {
    Impression named = shown("r1", "u", 10, "a", "b");
    Impression later = shown("r2", "u", 50, "a", "c");
    Impression others = shown("r3", "v", 60, "a", "d");
    Map<String, @Nullable Impression> expected = new HashMap<>();
    List<LogEntry> entries = new ArrayList<>(List.of(named, later, others));
    expect(entries, expected, answer("by request", "u", "a", "r1", 70), named);
    expect(entries, expected, answer("by request long after", "u", "b", "r1", 10_000), named);
    expect(entries, expected, answer("request without the item", "u", "c", "r1", 71), later);
    expect(entries, expected, answer("unknown request", "u", "a", "r9", 72), later);
    expect(entries, expected, click("latest by window", "u", "a", 73), later);
    expect(entries, expected, click("earlier one shows it", "u", "b", 74), named);
    expect(entries, expected, click("before the latest", "u", "a", 49), named);
    expect(entries, expected, click("at its instant", "u", "c", 50), later);
    expect(entries, expected, click("at the window's end", "u", "c", 50 + WINDOW), later);
    expect(entries, expected, click("past the window", "u", "c", 51 + WINDOW), null);
    expect(entries, expected, click("shown to another", "u", "d", 75), null);
    expect(entries, expected, click("never shown", "u", "x", 76), null);
    expect(entries, expected, click("before everything", "u", "a", 9), null);
    expect(entries, expected, click("nobody", "w", "a", 77), null);
    History history = History.of(entries, SPEC);
    @Nullable Impression[] answered = history.answered(WINDOW);
    assertThat(answered).hasSize(expected.size());
    for (int at = 0; at < answered.length; at++) {
      String id = history.events().get(at).id();
      assertThat(answered[at]).as(id).isEqualTo(expected.get(id));
    }
  }

  private static void expect(
      List<LogEntry> entries,
      Map<String, @Nullable Impression> expected,
      Event event,
      @Nullable Impression answer) {
    entries.add(event);
    expected.put(event.id(), answer);
  }

  @Test
  void knowsEachUsersNextEvent() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<Event> events = new ArrayList<>();
      for (int at = 0; at < 40; at++) {
        events.add(click("e" + at, "u" + random.nextInt(4), "a", random.nextInt(1_000)));
      }
      History history = History.of(events, SPEC);
      long[] next = history.nextTimes();
      for (int at = 0; at < next.length; at++) {
        long expected = Long.MAX_VALUE;
        for (int later = next.length - 1; later > at; later--) {
          boolean same =
              history.events().get(later).userId().equals(history.events().get(at).userId());
          expected = same ? history.events().get(later).timeMillis() : expected;
        }
        assertThat(next[at]).as("seed %d, event %d", seed, at).isEqualTo(expected);
      }
    }
  }

  @Test
  void isTheSameDigestForTheSamePastOnly() {
    Event one = click("e1", "u", "a", 10);
    Event two = click("e2", "u", "a", 20);
    String digest = history(item("a", "a"), one).sha256(20);
    assertThat(history(item("a", "a"), two, one).sha256(20)).isEqualTo(digest);
    assertThat(history(item("a", "a"), two, one).sha256(21)).isNotEqualTo(digest);
    assertThat(history(item("b", "a"), one).sha256(20)).isNotEqualTo(digest);
    assertThat(digest).matches("[0-9a-f]{64}");
  }

  /** Replay beside plain filters over the entries. */
  @Test
  void replaysWhatCameBeforeAndNothingElse() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      List<LogEntry> entries = new ArrayList<>();
      for (int item = 0; item < 6; item++) {
        entries.add(item("i" + item, "t"));
      }
      long time = 1_000;
      for (int at = 0; at < 60; at++) {
        time += 1 + random.nextInt((int) (Shop.GAP / 3));
        String user = "u" + random.nextInt(3);
        if (random.nextBoolean()) {
          entries.add(
              shown("r" + at, user, time, "i" + random.nextInt(8), "i" + random.nextInt(6)));
        } else {
          entries.add(click("e" + at, user, "i" + random.nextInt(8), time));
        }
      }
      History history = History.of(entries, SPEC);
      Replay replay = new Replay(history, SPEC);
      long instant = 0;
      while (instant < time + Shop.GAP) {
        instant += random.nextInt((int) (3 * Shop.GAP));
        replay.runTo(instant);
        check(seed, replay, entries, instant);
        if (replay.hasNext() && random.nextBoolean()) {
          instant = replay.peek().timeMillis() + 1;
          replay.step();
          check(seed, replay, entries, instant);
        }
      }
      assertThat(replay.hasNext()).isFalse();
    }
  }

  private static void check(int seed, Replay replay, List<LogEntry> entries, long instant) {
    LiveState state = replay.state();
    double choices = 0;
    double showings = 0;
    Map<String, Long> last = new HashMap<>();
    Map<String, Integer> lengths = new HashMap<>();
    for (LogEntry entry : entries) {
      if (entry instanceof Event event && event.timeMillis() < instant) {
        choices += state.catalog().index(String.valueOf(event.itemId())) == 0 ? 0 : 1;
        last.put(event.userId(), event.timeMillis());
        lengths.merge(event.userId(), 1, Integer::sum);
      }
      if (entry instanceof Impression impression && impression.timeMillis() < instant) {
        showings +=
            impression.shown().stream()
                .filter(one -> state.catalog().index(one.itemId()) != 0)
                .count();
      }
    }
    assertThat(state.statistics().totalEvents()).as("seed %d", seed).isEqualTo(choices);
    assertThat(state.statistics().totalImpressions()).as("seed %d", seed).isEqualTo(showings);
    lengths.forEach(
        (user, length) ->
            assertThat(state.sequences().read(user).size()).as("seed %d", seed).isEqualTo(length));
    if (replay.hasNext()) {
      Event next = replay.peek();
      assertThat(next.timeMillis()).isGreaterThanOrEqualTo(instant);
      Long before = last.get(next.userId());
      assertThat(replay.continuesSession())
          .as("seed %d", seed)
          .isEqualTo(before != null && next.timeMillis() - before <= Shop.GAP);
      assertThat(replay.target()).isEqualTo(state.catalog().index(String.valueOf(next.itemId())));
      assertThat(history(entries).events().get(replay.position())).isEqualTo(next);
    }
  }

  private static History history(List<LogEntry> entries) {
    return History.of(entries, SPEC);
  }

  private static History history(LogEntry... entries) {
    return History.of(List.of(entries), SPEC);
  }

  private static Item item(String id, String title) {
    return new Item(id, title, "c", 0, Map.of());
  }

  private static Event click(String id, String user, String item, long time) {
    return Shop.event(id, user, item, null, time);
  }

  private static Event answer(String id, String user, String item, String request, long time) {
    return Shop.event(id, user, item, request, time);
  }

  private static Impression shown(String request, String user, long time, String... items) {
    List<Impression.Shown> slots = new ArrayList<>();
    for (String item : items) {
      slots.add(new Impression.Shown(item, List.of(), 0, 0, 1, new float[0]));
    }
    return new Impression(
        request,
        user,
        null,
        null,
        null,
        "home",
        time,
        "rule_based",
        null,
        "",
        null,
        List.of(),
        9,
        slots);
  }
}
