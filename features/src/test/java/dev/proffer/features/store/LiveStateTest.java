package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveStateTest {
  private static final long MINUTE = 60_000;
  private static final SequenceSpec SPEC =
      new SequenceSpec(List.of("view", "click"), 5, 30 * MINUTE, "place");

  private final LiveState state = new LiveState(SPEC, new HeapSequenceStore());

  @Test
  void foldsItemsEventsAndImpressions() {
    state.apply(item("a"));
    state.apply(item("b"));
    state.apply(event("e1", "view", "u", "a", null, 1));
    state.apply(event("e2", "click", "u", "b", "r1", 2));
    state.apply(event("e3", "view", "v", "b", null, 2));
    state.apply(shown("a", "b", "gone"));

    Catalog catalog = state.catalog();
    Statistics statistics = state.statistics();
    int a = catalog.index("a");
    int b = catalog.index("b");
    assertThat(catalog.size()).isEqualTo(3);
    assertThat(statistics.events(a)).isEqualTo(1);
    assertThat(statistics.events(b)).isEqualTo(2);
    assertThat(statistics.next(1).row(a).of(b)).isEqualTo(1);
    assertThat(statistics.totalSessionStarts()).isEqualTo(2);
    assertThat(statistics.impressions(a)).isEqualTo(1);
    assertThat(statistics.totalImpressions()).isEqualTo(2);
    assertThat(statistics.impressionClicks(b)).isEqualTo(1);
    assertThat(statistics.impressionClicks(a)).isZero();
    assertThat(state.sequences().read("u").size()).isEqualTo(2);
    assertThat(state.sequences().read("nobody").size()).isZero();
    assertThat(state.version()).isEqualTo(6);
  }

  @Test
  void leavesOutEventsThatDoNotMakeASequence() {
    state.apply(item("a"));
    state.apply(event("e1", "conversion", "u", "a", null, 1));
    state.apply(event("e2", "view", "u", null, null, 2));

    assertThat(state.sequences().read("u").size()).isZero();
    assertThat(state.statistics().totalEvents()).isZero();
    assertThat(state.version()).isEqualTo(2 + 1);
  }

  @Test
  void countsAnImpressionOnceHoweverOftenAClientSaysItWasSeen() {
    state.apply(item("a"));
    state.apply(shown("a"));
    state.apply(event("e1", "impression", "u", "a", "r1", 1));
    state.apply(event("e2", "impression", "u", "a", "r1", 2));

    assertThat(state.statistics().impressions(1)).isEqualTo(1);
    assertThat(state.statistics().impressionClicks(1)).isZero();
    assertThat(state.statistics().totalEvents()).isZero();
    assertThat(state.sequences().read("u").size()).isZero();
  }

  @Test
  void countsAnEventOnceHoweverOftenItArrives() {
    state.apply(item("a"));
    for (int copy = 0; copy < 3; copy++) {
      state.apply(event("e1", "view", "u", "a", null, 1));
    }
    assertThat(state.statistics().events(1)).isEqualTo(1);
    assertThat(state.sequences().read("u").size()).isEqualTo(1);
  }

  @Test
  void keepsAnEventAboutAnUnknownItemInTheSequenceAndOutOfTheStatistics() {
    state.apply(item("a"));
    state.apply(item("b"));
    state.apply(event("e1", "view", "u", "a", null, 1));
    state.apply(event("e2", "view", "u", "unknown", null, 2));
    state.apply(event("e3", "view", "u", "b", null, 3));

    assertThat(state.sequences().read("u").size()).isEqualTo(3);
    assertThat(state.statistics().totalEvents()).isEqualTo(2);
    assertThat(state.statistics().next(1).row(1).of(2)).isZero();
    assertThat(state.statistics().next(2).row(1).of(2)).isEqualTo(1);
    assertThat(state.statistics().next(1).row(1).of(Catalog.UNKNOWN)).isZero();

    state.apply(event("e4", "view", "u", "b", null, 0));
    assertThat(state.statistics().next(1).row(2).of(Catalog.UNKNOWN)).isZero();
    assertThat(state.statistics().next(1).row(2).of(1)).isEqualTo(1);
  }

  @Test
  void keepsOnlyTheLatestOfASequence() {
    state.apply(item("a"));
    for (int number = 0; number < 12; number++) {
      state.apply(event("e" + number, "view", "u", "a", null, number));
    }
    UserSequence sequence = state.sequences().read("u");
    assertThat(sequence.size()).isEqualTo(SPEC.maxLength());
    assertThat(sequence.timeMillis(0)).isEqualTo(7);
    assertThat(state.statistics().events(1)).isEqualTo(12);
  }

  @Test
  void keepsFurtherSequencesOfWhatIsAboutAnItemOrNone() {
    SequenceSpec spec =
        new SequenceSpec(
            SPEC.events(),
            5,
            30 * MINUTE,
            "place",
            0,
            List.of(),
            List.of(new SequenceSpec.Named("rare", List.of("call", "click"), 3, 1, 0, "")),
            StatisticsSpec.NONE);
    LiveState all = new LiveState(spec, new HeapSequenceStore());
    all.apply(item("a"));
    all.apply(event("c1", "click", "u", "a", null, 1));
    all.apply(event("c2", "call", "u", null, null, 2));
    all.apply(event("v0", "view", "u", null, null, 3)); // chooses, and names no item
    for (int number = 0; number < 12; number++) {
      all.apply(event("e" + number, "view", "u", "a", null, 10 + number));
    }
    UserSequence sequence = all.sequences().read("u");
    assertThat(sequence.size()).isEqualTo(5);
    assertThat(sequence.beside().size()).isEqualTo(2);
    assertThat(sequence.beside().type(0)).isEqualTo(UserSequence.typeCode("click"));
    assertThat(sequence.beside().type(1)).isEqualTo(UserSequence.typeCode("call"));
    assertThat(all.statistics().totalEvents()).isEqualTo(13);

    all.apply(new Erasure("x", "u", 99));
    assertThat(all.sequences().read("u").beside().size()).isZero();
  }

  @Test
  void buildsTheCatalogAgainOnlyWhenItemsChanged() {
    state.apply(item("a"));
    Catalog first = state.catalog();
    state.apply(event("e1", "view", "u", "a", null, 1));
    assertThat(state.catalog()).isSameAs(first);
    state.apply(item("b"));
    assertThat(state.catalog()).isNotSameAs(first);
    assertThat(first.size()).isEqualTo(2);
    assertThat(state.catalog().size()).isEqualTo(3);
  }

  @Test
  void followsAnEventWithoutCountingIt() {
    state.apply(item("a"));
    state.follow(event("e1", "view", "u", "a", null, 1));
    state.follow(event("e2", "conversion", "u", "a", null, 2));
    state.follow(event("e3", "view", "u", null, null, 3));

    assertThat(state.sequences().read("u").size()).isEqualTo(1);
    assertThat(state.statistics().totalEvents()).isZero();
  }

  /** As after a restart: the same log, decoded again, folded into another store. */
  @Test
  void comesToTheSameStateFromTheSameLog() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<LogEntry> log = log(random);
      LiveState first = new LiveState(SPEC, new HeapSequenceStore());
      log.forEach(first::apply);
      try (SequenceStore store = new ChronicleSequenceStore(100)) {
        LiveState second = new LiveState(SPEC, store);
        for (LogEntry entry : log) {
          byte[] bytes = LogCodec.encode(entry);
          second.apply(LogCodec.decode(bytes, 0, bytes.length));
          if (seed % 2 == 0 || random.nextInt(5) == 0) {
            second.settle(); // the first counts when it is compared, and before each item
          }
          if (random.nextInt(40) == 0) {
            second.catalog();
            second.statistics().snapshot();
          }
        }
        same(seed, first, second);
      }
    }
  }

  @Test
  void comesToTheSameSequencesAndCountsInAnyOrderOfEvents() {
    SequenceSpec roomy = new SequenceSpec(SPEC.events(), 1_000, 30 * MINUTE, "place");
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<LogEntry> items = new ArrayList<>();
      List<LogEntry> others = new ArrayList<>();
      for (LogEntry entry : log(random)) {
        (entry instanceof Item ? items : others).add(entry);
      }
      LiveState first = new LiveState(roomy, new HeapSequenceStore());
      items.forEach(first::apply);
      others.forEach(first::apply);
      Collections.shuffle(others, random);
      LiveState second = new LiveState(roomy, new HeapSequenceStore());
      items.forEach(second::apply);
      others.forEach(second::apply);
      same(seed, first, second);
    }
  }

  private static void same(int seed, LiveState first, LiveState second) {
    assertThat(second.version()).as("seed %d", seed).isEqualTo(first.version());
    assertThat(second.catalog().size()).as("seed %d", seed).isEqualTo(first.catalog().size());
    for (int user = 0; user < 6; user++) {
      assertThat(second.sequences().read("u" + user).encode())
          .as("seed %d", seed)
          .isEqualTo(first.sequences().read("u" + user).encode());
    }
    Statistics a = first.statistics();
    Statistics b = second.statistics();
    assertThat(b.totalEvents()).isEqualTo(a.totalEvents());
    assertThat(b.totalSessionStarts()).as("seed %d", seed).isEqualTo(a.totalSessionStarts());
    assertThat(b.totalImpressions()).isEqualTo(a.totalImpressions());
    assertThat(b.totalImpressionClicks()).isEqualTo(a.totalImpressionClicks());
    for (int item = 0; item < first.catalog().size(); item++) {
      assertThat(second.catalog().item(item)).isEqualTo(first.catalog().item(item));
      assertThat(b.events(item)).isEqualTo(a.events(item));
      assertThat(b.sessionStarts(item)).as("seed %d", seed).isEqualTo(a.sessionStarts(item));
      for (int other = 0; other < first.catalog().size(); other++) {
        for (int lag = 1; lag <= Statistics.MAX_LAG; lag++) {
          assertThat(b.next(lag).row(item).of(other))
              .as("seed %d", seed)
              .isEqualTo(a.next(lag).row(item).of(other));
        }
      }
    }
  }

  private static List<LogEntry> log(Random random) {
    List<LogEntry> log = new ArrayList<>();
    for (int number = 0; number < 150; number++) {
      switch (random.nextInt(8)) {
        case 0 -> log.add(item("i" + random.nextInt(8)));
        case 1 -> log.add(shown("i" + random.nextInt(8), "i" + random.nextInt(10)));
        default ->
            log.add(
                event(
                    "e" + number,
                    random.nextInt(6) == 0 ? "conversion" : random.nextBoolean() ? "view" : "click",
                    "u" + random.nextInt(6),
                    random.nextInt(9) == 0 ? null : "i" + random.nextInt(10),
                    random.nextBoolean() ? "r" : null,
                    random.nextInt(300) * MINUTE));
      }
    }
    return log;
  }

  private static Item item(String id) {
    return new Item(id, "Title of " + id, null, 0, Map.of("place", (long) id.hashCode() % 7));
  }

  private static Event event(
      String id,
      String type,
      String user,
      @Nullable String item,
      @Nullable String request,
      long time) {
    return new Event(id, type, user, item, request, null, time, time, Map.of());
  }

  private static Impression shown(String... items) {
    List<Impression.Shown> shown = new ArrayList<>();
    for (String item : items) {
      shown.add(new Impression.Shown(item, List.of(), 0, 0, 1, new float[0]));
    }
    return new Impression(
        "r", "u", null, null, null, "home", 5, "static", null, "a", null, List.of(), 2, shown);
  }
}
