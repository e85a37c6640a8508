package dev.proffer.features.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The counts kept event by event beside a plain recount over the finished sequences, which walks
 * each session from its beginning and shares no code with them.
 */
class StatisticsTest {
  private static final long GAP = 30;
  private static final int ITEMS = 9;

  /** An item of 0 is one the catalog does not know. */
  private record Choice(int user, long time, long id, int item) {}

  /** Everything counted, as plain maps, so that two can be compared. */
  private static final class Counts {
    final Map<Integer, Integer> events = new TreeMap<>();
    final Map<Integer, Integer> categoryEvents = new TreeMap<>();
    final Map<Integer, Integer> starts = new TreeMap<>();
    final Map<Integer, Integer> sessions = new TreeMap<>();
    final List<Map<Integer, Map<Integer, Integer>>> next =
        List.of(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    final Map<Integer, Map<Integer, Integer>> together = new TreeMap<>();
    final Map<Integer, Map<Integer, Integer>> categoryNext = new TreeMap<>();
    final Map<Integer, Map<Integer, Integer>> arrivals = new TreeMap<>();
    final Map<Integer, Map<Integer, Integer>> steps = new TreeMap<>();
    final Map<Integer, Map<Integer, Integer>> stepsAfterStep = new TreeMap<>();
    final Map<List<Integer>, Map<Integer, Integer>> nextAfterTwo = new HashMap<>();

    /** What does not depend on the order of arrival. */
    List<Object> settled() {
      return List.of(
          events,
          categoryEvents,
          starts,
          next,
          categoryNext,
          arrivals,
          steps,
          stepsAfterStep,
          nextAfterTwo);
    }

    /** What a late event that joins two sessions may leave behind. */
    List<Object> bySession() {
      return List.of(sessions, together);
    }
  }

  @Test
  void countsInAnyOrderOfArrivalWhatARecountOfTheSequencesCounts() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Catalog.Builder catalog = catalog(random);
      List<Choice> history = history(random, 1);
      Counts expected = recount(history, catalog);
      for (int order = 0; order < 3; order++) {
        Collections.shuffle(history, random);
        Statistics statistics = observed(history, catalog);
        assertThat(counted(statistics).settled()).as("seed %d", seed).isEqualTo(expected.settled());
        checkTotals(seed, statistics, expected);
      }
    }
  }

  @Test
  void countsAlsoAroundItemsTheCatalogDoesNotKnow() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Catalog.Builder catalog = catalog(random);
      List<Choice> history = history(random, 0);
      Counts expected = recount(history, catalog);
      Collections.shuffle(history, random);
      Statistics statistics = observed(history, catalog);
      assertThat(counted(statistics).settled()).as("seed %d", seed).isEqualTo(expected.settled());
      checkTotals(seed, statistics, expected);
    }
  }

  @Test
  void countsWhatStoodInOneSessionWhenEventsArriveInTheirOrder() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Catalog.Builder catalog = catalog(random);
      List<Choice> history = history(random, random.nextInt(2));
      history.sort(
          Comparator.comparingLong(Choice::time)
              .thenComparingLong(Choice::id)
              .thenComparingInt(Choice::user));
      Counts counted = counted(observed(history, catalog));
      Counts expected = recount(history, catalog);
      assertThat(counted.bySession()).as("seed %d", seed).isEqualTo(expected.bySession());
      assertThat(counted.settled()).as("seed %d", seed).isEqualTo(expected.settled());
    }
  }

  /** What a client sends is not in our hands, nor when the catalog comes to know an item. */
  @Test
  void neverCountsBelowNothingNorTheUnknownItemWhateverArrivesWhen() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Catalog.Builder catalog = new Catalog.Builder();
      Statistics statistics = new Statistics(GAP, "place");
      Map<Integer, UserSequence> sequences = new HashMap<>();
      int most = 3 + random.nextInt(8);
      for (Choice choice : history(random, 1)) {
        if (random.nextInt(3) == 0) {
          catalog.put(item(1 + random.nextInt(ITEMS), random));
        }
        observe(statistics, sequences, choice, catalog, most);
      }
      counted(statistics); // says so when a row holds a count that is not above 0
      for (int item = 0; item <= ITEMS; item++) {
        assertThat(statistics.events(item)).as("seed %d", seed).isNotNegative();
        assertThat(statistics.sessionStarts(item)).as("seed %d", seed).isNotNegative();
        for (int lag = 1; lag <= Statistics.MAX_LAG; lag++) {
          assertThat(statistics.next(lag).row(item).of(Catalog.UNKNOWN))
              .as("seed %d", seed)
              .isZero();
          assertThat(statistics.next(lag).row(item).total()).isNotNegative();
        }
      }
      for (int lag = 1; lag <= Statistics.MAX_LAG; lag++) {
        assertThat(statistics.next(lag).row(Catalog.UNKNOWN).size()).as("seed %d", seed).isZero();
      }
      assertThat(statistics.totalSessionStarts()).isNotNegative();
    }
  }

  @Test
  void keepsASnapshotAsItWas() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      Catalog.Builder catalog = catalog(random);
      List<Choice> history = history(random, 1);
      Collections.shuffle(history, random);
      List<Choice> first = history.subList(0, history.size() / 2);
      Statistics statistics = new Statistics(GAP, "place");
      Map<Integer, UserSequence> sequences = new HashMap<>();
      first.forEach(choice -> observe(statistics, sequences, choice, catalog, 1_000));
      statistics.observeImpression(3);
      Statistics snapshot = statistics.snapshot();
      Counts then = counted(snapshot);
      double totalThen = snapshot.totalEvents();
      history
          .subList(first.size(), history.size())
          .forEach(choice -> observe(statistics, sequences, choice, catalog, 1_000));
      statistics.observeImpression(3);
      statistics.observeImpressionClick(3);

      assertThat(counted(snapshot).settled()).as("seed %d", seed).isEqualTo(then.settled());
      assertThat(counted(snapshot).bySession()).as("seed %d", seed).isEqualTo(then.bySession());
      assertThat(then.settled()).isEqualTo(recount(first, catalog).settled());
      assertThat(snapshot.totalEvents()).isEqualTo(totalThen);
      assertThat(snapshot.impressions(3)).isEqualTo(1);
      assertThat(snapshot.impressionClicks(3)).isZero();
      assertThat(counted(statistics).settled()).isEqualTo(recount(history, catalog).settled());
    }
  }

  @Test
  void countsImpressionsAndTheirClicks() {
    Statistics statistics = new Statistics();
    for (int shown = 0; shown < 100; shown++) {
      statistics.observeImpression(shown % 40);
    }
    statistics.observeImpressionClick(39);
    assertThat(statistics.impressions(0)).isEqualTo(3);
    assertThat(statistics.impressions(39)).isEqualTo(2);
    assertThat(statistics.impressions(4_000)).isZero();
    assertThat(statistics.totalImpressions()).isEqualTo(100);
    assertThat(statistics.impressionClicks(39)).isEqualTo(1);
    assertThat(statistics.totalImpressionClicks()).isEqualTo(1);
    assertThat(statistics.totalEvents()).isZero();
  }

  @Test
  void numbersStepsAndArrivals() {
    assertThat(Statistics.step(3, 5, 25)).isEqualTo(27);
    assertThat(Statistics.step(5, 3, 25)).isEqualTo(23);
    assertThat(Statistics.step(0, 1_000, 25)).isEqualTo(50);
    assertThat(Statistics.step(1_000, 0, 25)).isZero();
    assertThat(Statistics.step(Float.NaN, 0, 25)).isEqualTo(-1);
    assertThat(Statistics.arrival(0, 1, 0, 1, Float.NaN, 1)).isEqualTo(Statistics.AT_START);
    assertThat(Statistics.arrival(2, 1, 2, 1, 0, 1)).isEqualTo(Statistics.FROM_ELSEWHERE);
    assertThat(Statistics.arrival(2, 1, 1, 1, 4, 5)).isEqualTo(Statistics.MAX_ARRIVAL + 1);
    assertThat(Statistics.arrival(2, 1, 1, 1, Float.NaN, 5)).isEqualTo(Statistics.FROM_ELSEWHERE);
  }

  private static void checkTotals(int seed, Statistics statistics, Counts expected) {
    assertThat(statistics.totalEvents()).as("seed %d", seed).isEqualTo(sum(expected.events));
    assertThat(statistics.totalSessionStarts()).as("seed %d", seed).isEqualTo(sum(expected.starts));
  }

  private static double sum(Map<Integer, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static Catalog.Builder catalog(Random random) {
    Catalog.Builder catalog = new Catalog.Builder();
    for (int item = 1; item <= ITEMS; item++) {
      catalog.put(item(item, random));
    }
    return catalog;
  }

  private static Item item(int item, Random random) {
    String category = random.nextInt(4) == 0 ? null : "category-" + random.nextInt(3);
    return new Item(
        "item-" + item,
        "",
        category,
        0,
        random.nextInt(5) == 0 ? Map.of() : Map.of("place", (long) random.nextInt(1_200)));
  }

  /** Short pauses and long ones, equal times, several users, no event twice. */
  private static List<Choice> history(Random random, int firstItem) {
    List<Choice> history = new ArrayList<>();
    Set<List<Long>> known = new HashSet<>();
    int spread = 20 + random.nextInt(600);
    for (int count = random.nextInt(60); count > 0; count--) {
      Choice choice =
          new Choice(
              random.nextInt(3),
              random.nextInt(spread),
              random.nextInt(50) - 25,
              firstItem + random.nextInt(ITEMS + 1 - firstItem));
      if (known.add(List.of((long) choice.user(), choice.time(), choice.id()))) {
        history.add(choice);
      }
    }
    return history;
  }

  private static Statistics observed(List<Choice> history, Catalog.Builder catalog) {
    Statistics statistics = new Statistics(GAP, "place");
    Map<Integer, UserSequence> sequences = new HashMap<>();
    history.forEach(choice -> observe(statistics, sequences, choice, catalog, 1_000));
    return statistics;
  }

  private static void observe(
      Statistics statistics,
      Map<Integer, UserSequence> sequences,
      Choice choice,
      Catalog.Builder catalog,
      int most) {
    UserSequence before = sequences.getOrDefault(choice.user(), UserSequence.EMPTY);
    String id = "item-" + choice.item();
    statistics.observe(before, choice.time(), choice.id(), catalog.index(id), catalog, most);
    sequences.put(choice.user(), before.with(choice.time(), Hash64.of(id), choice.id(), 1, most));
  }

  private static Counts recount(List<Choice> history, Catalog.Builder builder) {
    Counts counts = new Counts();
    Catalog catalog = builder.build();
    Map<Integer, List<Choice>> byUser = new HashMap<>();
    history.forEach(
        choice -> byUser.computeIfAbsent(choice.user(), user -> new ArrayList<>()).add(choice));
    for (List<Choice> choices : byUser.values()) {
      choices.sort(Comparator.comparingLong(Choice::time).thenComparingLong(Choice::id));
      List<List<Integer>> sessions = new ArrayList<>();
      long last = Long.MIN_VALUE / 2;
      for (Choice choice : choices) {
        if (choice.time() - last > GAP) {
          sessions.add(new ArrayList<>());
        }
        last = choice.time();
        sessions.get(sessions.size() - 1).add(choice.item());
      }
      sessions.forEach(session -> recount(session, catalog, counts));
    }
    return counts;
  }

  private static void recount(List<Integer> session, Catalog catalog, Counts counts) {
    float[] place = catalog.numbers("place");
    if (session.get(0) != 0) {
      counts.starts.merge(session.get(0), 1, Integer::sum);
    }
    Set<Integer> different = new TreeSet<>(session);
    different.remove(0);
    for (int a : different) {
      counts.sessions.merge(a, 1, Integer::sum);
      for (int b : different) {
        if (a != b) {
          add(counts.together, a, b);
        }
      }
    }
    for (int at = 0; at < session.size(); at++) {
      int item = session.get(at);
      if (item == 0) {
        continue;
      }
      counts.events.merge(item, 1, Integer::sum);
      counts.categoryEvents.merge(catalog.category(item), 1, Integer::sum);
      for (int lag = 1; lag <= Math.min(3, at); lag++) {
        if (session.get(at - lag) != 0) {
          add(counts.next.get(lag - 1), session.get(at - lag), item);
        }
      }
      int one = at >= 1 ? session.get(at - 1) : 0;
      int two = at >= 2 ? session.get(at - 2) : 0;
      if (one == 0) {
        continue;
      }
      if (two != 0) {
        add(counts.nextAfterTwo, List.of(two, one), item);
      }
      add(counts.categoryNext, catalog.category(one), catalog.category(item));
      if (catalog.category(one) != catalog.category(item)) {
        add(counts.arrivals, catalog.category(one), item);
        continue;
      }
      float step = place[item] - place[one];
      if (Float.isNaN(step)) {
        continue;
      }
      int number = (int) Math.max(-500, Math.min(500, step)) + 500;
      add(counts.steps, catalog.category(item), number);
      int arrival;
      if (two == 0) {
        arrival = Statistics.AT_START;
      } else if (catalog.category(two) != catalog.category(one) || Float.isNaN(place[two])) {
        arrival = Statistics.FROM_ELSEWHERE;
      } else {
        arrival = (int) Math.max(-25, Math.min(25, place[one] - place[two])) + 25;
      }
      add(counts.stepsAfterStep, arrival, number);
    }
  }

  private static <K> void add(Map<K, Map<Integer, Integer>> counts, K from, int to) {
    counts.computeIfAbsent(from, f -> new TreeMap<>()).merge(to, 1, Integer::sum);
  }

  private static Counts counted(Statistics statistics) {
    Counts counts = new Counts();
    for (int item = 0; item <= ITEMS; item++) {
      put(counts.events, item, statistics.events(item));
      put(counts.starts, item, statistics.sessionStarts(item));
      put(counts.sessions, item, statistics.sessions(item));
      put(counts.categoryEvents, item, statistics.categoryEvents(item));
      for (int lag = 1; lag <= 3; lag++) {
        put(counts.next.get(lag - 1), item, statistics.next(lag).row(item));
      }
      put(counts.together, item, statistics.together().row(item));
      put(counts.categoryNext, item, statistics.categoryNext().row(item));
      put(counts.arrivals, item, statistics.arrivals().row(item));
      put(counts.steps, item, statistics.steps().row(item));
      for (int one = 0; one <= ITEMS; one++) {
        put(counts.nextAfterTwo, List.of(item, one), statistics.nextAfterTwo(item, one));
      }
    }
    for (int arrival = 0; arrival <= Statistics.AT_START; arrival++) {
      put(counts.stepsAfterStep, arrival, statistics.stepsAfterStep().row(arrival));
    }
    return counts;
  }

  private static void put(Map<Integer, Integer> counts, int item, float count) {
    if (count != 0) {
      counts.put(item, (int) count);
    }
  }

  private static <K> void put(Map<K, Map<Integer, Integer>> counts, K from, PairCounts.Row row) {
    if (row.size() > 0) {
      Map<Integer, Integer> counted = PairCountsTest.counted(row);
      assertThat(row.total()).isEqualTo((float) sum(counted));
      counts.put(from, counted);
    }
  }
}
