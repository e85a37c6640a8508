package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.features.spec.EveryStatistic;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatisticsCodecTest {
  private static final long MINUTE = 60_000;
  private static final SequenceSpec SPEC =
      new SequenceSpec(List.of("view", "click"), 200, 30 * MINUTE, "place", EveryStatistic.spec());

  /** Sequences that lose their beginnings, under events that come late. */
  private static final SequenceSpec SHORT =
      new SequenceSpec(List.of("view", "click"), 6, 30 * MINUTE, "place", EveryStatistic.spec());

  @Test
  void readsBackWhatItWroteOverCatalogsInTheSameOrder() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<Item> items = items(random);
      Statistics statistics = fold(items, history(random, items));
      Catalog.Builder catalog = catalog(items);
      byte[] bytes = StatisticsCodec.encode(statistics, catalog);
      Statistics again = empty();
      StatisticsCodec.add(bytes, again, catalog);
      assertThat(StatisticsCodec.encode(again, catalog)).as("seed %d", seed).isEqualTo(bytes);
      assertThat(again.totalEvents()).isEqualTo(statistics.totalEvents());
      for (int item = 0; item <= items.size(); item++) {
        assertThat(again.together().row(item).total())
            .isEqualTo(statistics.together().row(item).total());
        assertThat(again.sessions(item)).isEqualTo(statistics.sessions(item));
      }
    }
  }

  /** A state that was saved and read again forgets what it would have forgotten anyway. */
  @Test
  void forgetsTheSameWhereverItWasSavedAndWentOn() {
    Random random = new Random(9);
    SequenceSpec spec =
        new SequenceSpec(
            List.of("click"), 200, 30 * MINUTE, "place", new StatisticsSpec(List.of(), 1_000));
    LiveState whole = new LiveState(spec, new HeapSequenceStore());
    HeapSequenceStore kept = new HeapSequenceStore();
    LiveState paused = new LiveState(spec, kept);
    for (int item = 0; item < 200; item++) {
      Item known = new Item("i" + item, "", "c" + item % 7, 0, Map.of("place", (double) item));
      whole.apply(known);
      paused.apply(known);
    }
    for (int number = 0; number < 3 * Statistics.FORGET_EVERY; number++) {
      Event event =
          new Event(
              "e" + number,
              "click",
              "u" + random.nextInt(50),
              "i" + (int) (200 * Math.pow(random.nextDouble(), 2)),
              null,
              null,
              number * 20_000L,
              number * 20_000L,
              Map.of());
      whole.apply(event);
      paused.apply(event);
      if (number % 7_001 == 7_000) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryWriter out = new BinaryWriter(bytes);
        paused.writeTo(out, kept);
        out.flush();
        kept = new HeapSequenceStore();
        paused = new LiveState(spec, kept);
        paused.readFrom(BinaryReader.of(bytes.toByteArray()));
      }
    }
    Statistics statistics = whole.statistics();
    for (PairCounts pairs :
        List.of(
            statistics.next(1), statistics.next(2), statistics.next(3), statistics.together())) {
      // Down to half when last looked at, and what came since: nothing, the last event was the one.
      assertThat(pairs.pairs()).isBetween(400, 1_000);
    }
    assertThat(statistics.nextAfterTwo().counts()).isBetween(400, 1_000);
    Catalog.Builder catalog = new Catalog.Builder();
    for (int item = 0; item < 200; item++) {
      catalog.put(new Item("i" + item, "", "c" + item % 7, 0, Map.of("place", (double) item)));
    }
    assertThat(StatisticsCodec.encode(paused.statistics(), catalog))
        .isEqualTo(StatisticsCodec.encode(statistics, catalog));
  }

  /** Parts may hold as many pairs each as their sum may. */
  @Test
  void aSumOfPartsIsBroughtDownToItsBoundAndKeepsItsTotals() {
    Random random = new Random(11);
    List<Item> items = new ArrayList<>();
    for (int item = 0; item < 300; item++) {
      items.add(item("i" + item, "c" + item % 7, item));
    }
    SequenceSpec spec =
        new SequenceSpec(
            List.of("click"), 200, 30 * MINUTE, "place", new StatisticsSpec(List.of(), 1_000));
    Statistics sum = new Statistics(30 * MINUTE, "place", spec.statistics());
    Statistics unbounded =
        new Statistics(30 * MINUTE, "place", new StatisticsSpec(List.of(), 1_000_000));
    for (int part = 0; part < 4; part++) {
      List<LogEntry> history = new ArrayList<>();
      for (int number = 0; number < 5_000; number++) {
        history.add(
            new Event(
                part + "e" + number,
                "click",
                part + "u" + random.nextInt(50),
                "i" + random.nextInt(300),
                null,
                null,
                number * 20_000L,
                number * 20_000L,
                Map.of()));
      }
      byte[] bytes = StatisticsCodec.encode(fold(spec, items, history), catalog(items));
      StatisticsCodec.add(bytes, sum, catalog(items));
      StatisticsCodec.add(bytes, unbounded, catalog(items));
    }
    assertThat(sum.next(1).pairs()).isGreaterThan(1_000);

    sum.forgetRarest();

    assertThat(sum.next(1).pairs()).isBetween(500, 1_000);
    assertThat(sum.nextAfterTwo().counts()).isBetween(1, 1_000);
    int emptied = 0;
    for (int item = 1; item <= 300; item++) {
      assertThat(sum.next(1).row(item).total()).isEqualTo(unbounded.next(1).row(item).total());
      emptied += sum.next(1).row(item).size() == 0 ? 1 : 0;
    }
    assertThat(emptied).isPositive();
    Statistics again = new Statistics(30 * MINUTE, "place", spec.statistics());
    byte[] bytes = StatisticsCodec.encode(sum, catalog(items));
    StatisticsCodec.add(bytes, again, catalog(items));
    assertThat(StatisticsCodec.encode(again, catalog(items))).isEqualTo(bytes);
    for (int item = 1; item <= 300; item++) {
      assertThat(again.next(1).row(item).total()).isEqualTo(sum.next(1).row(item).total());
      assertThat(again.next(1).row(item).forgotten()).isEqualTo(sum.next(1).row(item).forgotten());
    }
  }

  /** The ground under partitions: each user's events are counted on one side only. */
  @Test
  void isTheSumOfTheStatisticsOfEachSetOfUsersInAnyOrderOfArrivalAndOfAddition() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<Item> items = items(random);
      List<LogEntry> history = history(random, items);
      SequenceSpec spec = seed % 2 == 0 ? SPEC : SHORT;
      byte[] whole = StatisticsCodec.encode(fold(spec, items, history), catalog(items));
      List<byte[]> parts = new ArrayList<>();
      for (int partition = 0; partition < 3; partition++) {
        int own = partition;
        // Every part's catalog came in another order.
        List<Item> shuffled = new ArrayList<>(items);
        Collections.shuffle(shuffled, random);
        parts.add(
            StatisticsCodec.encode(
                fold(
                    spec, shuffled, history.stream().filter(one -> partition(one) == own).toList()),
                catalog(shuffled)));
      }
      Collections.shuffle(parts, random);
      Statistics merged = empty();
      parts.forEach(part -> StatisticsCodec.add(part, merged, catalog(items)));
      assertThat(StatisticsCodec.encode(merged, catalog(items)))
          .as("seed %d", seed)
          .isEqualTo(whole);
    }
  }

  @Test
  void leavesOutWhatTheCatalogLacksFromTheTotalsToo() {
    List<Item> items = List.of(item("a", "x", 0), item("b", "x", 1), item("c", "y", 0));
    Statistics all =
        fold(
            items,
            List.of(event("1", "u0", "a", 1), event("2", "u0", "b", 2), event("3", "u0", "c", 3)));
    List<Item> known = List.of(item("c", "y", 0), item("a", "x", 0));
    Statistics some = empty();
    StatisticsCodec.add(StatisticsCodec.encode(all, catalog(items)), some, catalog(known));
    assertThat(some.totalEvents()).isEqualTo(2);
    assertThat(some.events(1)).isEqualTo(1);
    assertThat(some.events(2)).isEqualTo(1);
    assertThat(some.totalSessionStarts()).isEqualTo(1);
    assertThat(some.next(2).row(2).of(1)).isEqualTo(1);
    assertThat(some.next(1).row(2).size()).isZero();
    assertThat(some.together().row(2).total()).isEqualTo(1);
    assertThat(some.nextAfterTwo(2, 1).size()).isZero();
  }

  @Test
  void refusesWhatIsCutOrOfAnotherKindInWords() {
    Random random = new Random(5);
    List<Item> items = items(random);
    Catalog.Builder catalog = catalog(items);
    byte[] bytes = StatisticsCodec.encode(fold(items, history(random, items)), catalog);
    for (int length = 0; length < bytes.length; length += 1 + bytes.length / 200) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> StatisticsCodec.add(cut, empty(), catalog))
          .as("cut at %d", length)
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> StatisticsCodec.add(longer, empty(), catalog))
        .hasMessageContaining("more than statistics");
    byte[] foreign = bytes.clone();
    foreign[0] = 3;
    assertThatThrownBy(() -> StatisticsCodec.add(foreign, empty(), catalog))
        .hasMessageContaining("statistics of format 3, expected 1 or 2");
    Statistics undeclared = new Statistics(SPEC.sessionGapMillis(), SPEC.orderAttribute());
    assertThatThrownBy(() -> StatisticsCodec.add(bytes, undeclared, catalog))
        .hasMessageContaining("declared statistics [chosen by=ITEM events=[view, click]")
        .hasMessageContaining("expected [] as in statistics.yaml");
    assertThatThrownBy(() -> StatisticsCodec.add(bytes, new Statistics(7, "place"), catalog))
        .hasMessageContaining("session gap of 1800000 ms")
        .hasMessageContaining("expected 7 ms");
    for (int seed = 0; seed < 500; seed++) {
      byte[] garbage = bytes.clone();
      garbage[new Random(seed).nextInt(bytes.length)] ^= (byte) (1 << seed % 8);
      try {
        StatisticsCodec.add(garbage, empty(), catalog);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("byte");
      }
    }
  }

  /** Format 1 is format 2 without declarations. */
  @Test
  void readsTheFormatBeforeWhereNothingIsDeclared() {
    Random random = new Random(9);
    List<Item> items = items(random);
    Catalog.Builder catalog = catalog(items);
    SequenceSpec plain =
        new SequenceSpec(List.of("view", "click"), 200, SPEC.sessionGapMillis(), "place");
    byte[] bytes = StatisticsCodec.encode(fold(plain, items, history(random, items)), catalog);
    int head = 1 + 3 + 1 + "place".length();
    assertThat(bytes[0]).isEqualTo((byte) 2);
    assertThat(bytes[head]).isEqualTo((byte) 0);
    byte[] before = new byte[bytes.length - 1];
    System.arraycopy(bytes, 0, before, 0, head);
    System.arraycopy(bytes, head + 1, before, head, before.length - head);
    before[0] = 1;

    Statistics read =
        new Statistics(SPEC.sessionGapMillis(), SPEC.orderAttribute(), StatisticsSpec.NONE);
    StatisticsCodec.add(before, read, catalog);
    assertThat(StatisticsCodec.encode(read, catalog)).isEqualTo(bytes);
    assertThatThrownBy(() -> StatisticsCodec.add(before, empty(), catalog))
        .hasMessageContaining("declared statistics [], expected [chosen by=ITEM");
  }

  private static int partition(LogEntry entry) {
    String user = entry instanceof Event event ? event.userId() : ((Impression) entry).userId();
    return user.charAt(1) % 3;
  }

  private static Statistics empty() {
    return new Statistics(SPEC.sessionGapMillis(), SPEC.orderAttribute(), SPEC.statistics());
  }

  private static Catalog.Builder catalog(List<Item> items) {
    Catalog.Builder catalog = new Catalog.Builder();
    items.forEach(catalog::put);
    return catalog;
  }

  private static Statistics fold(List<Item> items, List<? extends LogEntry> entries) {
    return fold(SPEC, items, entries);
  }

  private static Statistics fold(
      SequenceSpec spec, List<Item> items, List<? extends LogEntry> entries) {
    LiveState state = new LiveState(spec, new HeapSequenceStore());
    items.forEach(state::apply);
    entries.forEach(state::apply);
    return state.statistics();
  }

  private static List<Item> items(Random random) {
    List<Item> items = new ArrayList<>();
    for (int number = 0; number < 12; number++) {
      items.add(item("i" + number, "category " + random.nextInt(3), random.nextInt(9)));
    }
    return items;
  }

  private static List<LogEntry> history(Random random, List<Item> items) {
    List<LogEntry> history = new ArrayList<>();
    for (int number = 0; number < 300; number++) {
      String user = "u" + random.nextInt(7);
      String item = items.get(random.nextInt(items.size())).id();
      history.add(
          random.nextInt(8) == 0
              ? shown(user, item)
              : event("e" + number, user, item, random.nextInt(400) * MINUTE));
    }
    return history;
  }

  private static Item item(String id, String category, long place) {
    return new Item(id, "Title of " + id, category, 0, Map.of("place", place));
  }

  private static Event event(String id, String user, String item, long time) {
    Map<String, Object> fields =
        Map.of(
            "position",
            1 + time % 5,
            "context",
            "looking at " + time % 7,
            "device",
            "d" + time % 3,
            "value",
            (time % 11 - 3) / 7.0);
    return new Event(
        id, "click", user, item, id.endsWith("3") ? null : "r", null, time, time, fields);
  }

  private static Impression shown(String user, String item) {
    return new Impression(
        "r",
        user,
        null,
        "phone",
        "beside " + item,
        "item",
        item.charAt(1) * 40 * MINUTE,
        "static",
        null,
        "a",
        null,
        List.of(),
        2,
        List.of(
            new Impression.Shown(item, List.of(), 0, 0, 1, new float[0]),
            new Impression.Shown("i3", List.of(), 0, 0, 1, new float[0])));
  }
}
