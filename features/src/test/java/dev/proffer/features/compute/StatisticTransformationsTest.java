package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every transformation of declared statistics beside a recount of the plain events. */
class StatisticTransformationsTest {
  private static final long HOUR = 3_600_000;
  private static final long START = 24 * 20_000 * HOUR;
  private static final int SLOTS = 3;
  private static final String STATISTICS =
      """
      statistics:
        chosen: {by: item, events: [view, click], bucket-minutes: 60, buckets: 49}
        clicks: {by: item, events: [click], bucket-minutes: 120, buckets: 25}
        answers: {by: item, events: [click], answering: true, bucket-minutes: 60, buckets: 49}
        revenue: {by: item, events: [conversion], sum: value, bucket-minutes: 60, buckets: 49}
        shown: {by: item, impressions: true, bucket-minutes: 60, buckets: 49}
        category_chosen: {by: category, events: [view, click], bucket-minutes: 60, buckets: 49}
        category_shown: {by: category, impressions: true, bucket-minutes: 60, buckets: 49}
        context_shown: {by: context, impressions: true, bucket-minutes: 60, buckets: 49}
        context_clicks: {by: context, events: [click], bucket-minutes: 60, buckets: 49}
        device_shown: {by: device, impressions: true, bucket-minutes: 60, buckets: 49}
        slot_shown: {by: position, impressions: true, bucket-minutes: 60, buckets: 49, max-position: 3}
        slot_answers: {by: position, events: [click], answering: true, bucket-minutes: 60, buckets: 49, max-position: 3}
        slots_of_item: {by: item-position, impressions: true, bucket-minutes: 60, buckets: 49, max-position: 3}
        everything: {by: all, events: [view, click, conversion], bucket-minutes: 60, buckets: 49}
      """;

  private static final List<Case> CASES = cases();

  /** The transformations that have a case here. */
  static final Set<String> COVERED =
      CASES.stream().map(Case::transformation).collect(Collectors.toSet());

  @TempDir Path home;

  private record Query(long asOf, @Nullable String context, @Nullable String device) {}

  private interface Value {
    double of(World world, Query query, String item);
  }

  private record Case(String transformation, String parameters, Value expected) {}

  /** Plain lists of what happened. */
  private static final class World {
    final List<Item> items = new ArrayList<>();
    final List<LogEntry> happened = new ArrayList<>();

    @Nullable String category(@Nullable String item) {
      return items.stream()
          .filter(one -> one.id().equals(item))
          .findFirst()
          .map(Item::category)
          .orElse(null);
    }

    boolean knows(@Nullable String item) {
      return items.stream().anyMatch(one -> one.id().equals(item));
    }
  }

  private static final Predicate<Event> VIEW_OR_CLICK = e -> !e.type().equals("conversion");
  private static final Predicate<Event> CLICK = e -> e.type().equals("click");
  private static final Predicate<Event> ANSWER = CLICK.and(e -> e.requestId() != null);

  /** The start of the window: so many buckets up to that of the millisecond before. */
  private static long start(Query query, int hours, int bucketHours) {
    long width = bucketHours * HOUR;
    return (Math.floorDiv(query.asOf() - 1, width) + 1) * width - hours * HOUR;
  }

  private static double events(
      World world, Query query, int hours, int bucketHours, Predicate<Event> wanted) {
    long from = start(query, hours, bucketHours);
    return world.happened.stream()
        .filter(one -> one instanceof Event e && e.timeMillis() >= from && wanted.test(e))
        .count();
  }

  private interface Slot {
    boolean test(Impression impression, String item, int slot);
  }

  private static double slots(World world, Query query, int hours, Slot wanted) {
    long from = start(query, hours, 1);
    double count = 0;
    for (LogEntry one : world.happened) {
      if (one instanceof Impression impression && impression.timeMillis() >= from) {
        for (int at = 0; at < impression.shown().size(); at++) {
          count += wanted.test(impression, impression.shown().get(at).itemId(), at + 1) ? 1 : 0;
        }
      }
    }
    return count;
  }

  private static double revenue(World world, Query query, int hours, @Nullable String item) {
    long from = start(query, hours, 1);
    long units = 0;
    for (LogEntry one : world.happened) {
      if (one instanceof Event e
          && e.timeMillis() >= from
          && e.type().equals("conversion")
          && world.knows(e.itemId())
          && (item == null || item.equals(e.itemId()))
          && e.fields().get("value") instanceof Double value) {
        units += Math.round(value * 10_000);
      }
    }
    return units / 10_000.0;
  }

  private static Value known(Value value) {
    return (w, q, item) -> w.knows(item) ? value.of(w, q, item) : Double.NaN;
  }

  private static Value inCategory(Value value) {
    return (w, q, item) -> w.category(item) != null ? value.of(w, q, item) : Double.NaN;
  }

  private static Predicate<Event> about(String item) {
    return e -> item.equals(e.itemId());
  }

  private static Predicate<Event> aboutCategory(World world, @Nullable String category) {
    return e -> category != null && category.equals(world.category(e.itemId()));
  }

  private static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    all.add(
        new Case(
            "statistic",
            "statistic: chosen, hours: 24",
            known((w, q, i) -> events(w, q, 24, 1, VIEW_OR_CLICK.and(about(i))))));
    all.add(
        new Case(
            "statistic",
            "statistic: clicks, hours: 6",
            known((w, q, i) -> events(w, q, 6, 2, CLICK.and(about(i))))));
    all.add(
        new Case(
            "statistic",
            "statistic: answers, hours: 48",
            known((w, q, i) -> events(w, q, 48, 1, ANSWER.and(about(i))))));
    all.add(
        new Case(
            "statistic",
            "statistic: revenue, hours: 48",
            known((w, q, i) -> revenue(w, q, 48, i))));
    all.add(
        new Case(
            "statistic",
            "statistic: category_chosen, hours: 7",
            inCategory(
                (w, q, i) ->
                    events(w, q, 7, 1, VIEW_OR_CLICK.and(aboutCategory(w, w.category(i)))))));
    all.add(
        new Case(
            "statistic",
            "statistic: context_shown, hours: 48",
            (w, q, i) ->
                q.context() == null
                    ? Double.NaN
                    : slots(
                        w,
                        q,
                        48,
                        (one, item, slot) -> Objects.equals(q.context(), one.context()))));
    all.add(
        new Case(
            "statistic",
            "statistic: device_shown, hours: 3",
            (w, q, i) ->
                q.device() == null
                    ? Double.NaN
                    : slots(
                        w, q, 3, (one, item, slot) -> Objects.equals(q.device(), one.device()))));
    all.add(
        new Case(
            "statistic",
            "statistic: slot_shown, hours: 48, position: 2",
            (w, q, i) -> slots(w, q, 48, (one, item, slot) -> slot == 2)));
    all.add(
        new Case(
            "statistic",
            "statistic: everything, hours: 1",
            (w, q, i) -> events(w, q, 1, 1, e -> true)));
    all.add(
        new Case(
            "statistic-share",
            "statistic: chosen, hours: 12",
            known(
                (w, q, i) ->
                    events(w, q, 12, 1, VIEW_OR_CLICK.and(about(i)))
                        / events(w, q, 12, 1, VIEW_OR_CLICK.and(e -> w.knows(e.itemId()))))));
    all.add(
        new Case(
            "statistic-trend",
            "statistic: chosen, short-hours: 6, long-hours: 48, prior: 2",
            known(
                (w, q, i) ->
                    (events(w, q, 6, 1, VIEW_OR_CLICK.and(about(i))) + 2)
                        / (events(w, q, 48, 1, VIEW_OR_CLICK.and(about(i))) * 6 / 48 + 2))));
    all.add(
        new Case(
            "decayed-statistic",
            "statistic: clicks, half-life-hours: 5",
            known((w, q, i) -> decayed(w, q, i, 5, 2, 24))));
    all.add(
        new Case(
            "rate",
            "statistic: answers, over: shown, hours: 48, weight: 3",
            known((w, q, i) -> rate(w, q, i, 3))));
    all.add(
        new Case(
            "rate",
            "statistic: answers, over: shown, hours: 48",
            known((w, q, i) -> rate(w, q, i, estimated(w, q)))));
    all.add(
        new Case(
            "rate",
            "statistic: context_clicks, over: context_shown, hours: 48, weight: 9",
            StatisticTransformationsTest::rateInContext));
    all.add(
        new Case(
            "value-per-impression",
            "statistic: revenue, over: shown, hours: 48, weight: 4",
            known(
                (w, q, i) ->
                    (revenue(w, q, 48, i) + 4 * revenue(w, q, 48, null) / showings(w, q, null))
                        / (showings(w, q, i) + 4))));
    all.add(
        new Case(
            "position-debiased-rate",
            "clicks: answers, impressions: slots_of_item, clicks-by-position: slot_answers,"
                + " impressions-by-position: slot_shown, hours: 48, weight: 5",
            known(StatisticTransformationsTest::debiased)));
    return all;
  }

  private static double decayed(
      World world, Query query, String item, double halfLife, int bucketHours, int buckets) {
    long width = bucketHours * HOUR;
    long last = Math.floorDiv(query.asOf() - 1, width);
    double sum = 0;
    for (LogEntry one : world.happened) {
      if (one instanceof Event e && CLICK.and(about(item)).test(e)) {
        long bucket = Math.floorDiv(e.timeMillis(), width);
        double age = Math.max(0, query.asOf() - (bucket + 1) * width);
        sum += bucket > last - buckets ? Math.exp(-Math.log(2) * age / (halfLife * HOUR)) : 0;
      }
    }
    return sum;
  }

  private static double showings(World world, Query query, @Nullable String of) {
    return slots(
        world, query, 48, (one, item, slot) -> of == null ? world.knows(item) : item.equals(of));
  }

  private static double answers(World world, Query query, @Nullable String of) {
    return events(
        world,
        query,
        48,
        1,
        ANSWER.and(e -> of == null ? world.knows(e.itemId()) : of.equals(e.itemId())));
  }

  private static double rate(World world, Query query, String item, double weight) {
    double mean = answers(world, query, null) / showings(world, query, null);
    return Double.isFinite(mean)
        ? (answers(world, query, item) + weight * mean) / (showings(world, query, item) + weight)
        : Double.NaN;
  }

  /** Kleinman's estimate by the textbook, over all items. */
  private static double estimated(World world, Query query) {
    List<double[]> keys = new ArrayList<>();
    for (Item item : world.items) {
      double trials = showings(world, query, item.id());
      if (trials > 0) {
        keys.add(new double[] {trials, Math.min(1, answers(world, query, item.id()) / trials)});
      }
    }
    double n = keys.stream().mapToDouble(key -> key[0]).sum();
    double squares = keys.stream().mapToDouble(key -> key[0] * key[0]).sum();
    double p = keys.stream().mapToDouble(key -> key[0] * key[1]).sum() / n;
    double between = keys.stream().mapToDouble(key -> key[0] * Math.pow(key[1] - p, 2)).sum();
    double variance = (between - (keys.size() - 1) * p * (1 - p)) / (n - squares / n);
    return keys.size() < 2 || !(variance > 0)
        ? 1e6
        : Math.min(1e6, Math.max(1, p * (1 - p) / variance - 1));
  }

  private static double rateInContext(World world, Query query, String item) {
    String context = query.context();
    if (context == null) {
      return Double.NaN;
    }
    double shown = slots(world, query, 48, (one, i, slot) -> one.context() != null);
    double clicks = events(world, query, 48, 1, CLICK.and(e -> e.fields().containsKey("context")));
    double here = slots(world, query, 48, (one, i, slot) -> context.equals(one.context()));
    double own =
        events(world, query, 48, 1, CLICK.and(e -> context.equals(e.fields().get("context"))));
    return (own + 9 * clicks / shown) / (here + 9);
  }

  private static double debiased(World world, Query query, String item) {
    double[] clicks = new double[SLOTS + 1];
    double[] shown = new double[SLOTS + 1];
    double[] own = new double[SLOTS + 1];
    double allClicks = 0;
    double allShown = 0;
    for (int slot = 1; slot <= SLOTS; slot++) {
      Long wanted = (long) slot;
      int here = slot;
      clicks[slot] =
          events(world, query, 48, 1, ANSWER.and(e -> wanted.equals(e.fields().get("position"))));
      shown[slot] = slots(world, query, 48, (one, i, at) -> at == here);
      own[slot] = slots(world, query, 48, (one, i, at) -> at == here && i.equals(item));
      allClicks += clicks[slot];
      allShown += shown[slot];
    }
    double rate = (allClicks + 1) / (allShown + 2);
    double first = (clicks[1] + 1) / (shown[1] + 1 / rate);
    double examinedAll = 0;
    double examined = 0;
    for (int slot = 1; slot <= SLOTS; slot++) {
      double examination = Math.min(1, (clicks[slot] + 1) / (shown[slot] + 1 / rate) / first);
      examinedAll += shown[slot] * examination;
      examined += own[slot] * examination;
    }
    double mean = answers(world, query, null) / examinedAll;
    return Double.isFinite(mean)
        ? (answers(world, query, item) + 5 * mean) / (examined + 5)
        : Double.NaN;
  }

  @BeforeEach
  void writeFiles() throws IOException {
    Files.writeString(home.resolve(StatisticsSpec.FILE), STATISTICS);
  }

  private Contracts contracts() {
    StringBuilder yaml = new StringBuilder("contracts:\n  all:\n    features:\n");
    for (int column = 0; column < CASES.size(); column++) {
      yaml.append("      - {name: f").append(column);
      yaml.append(", transformation: ").append(CASES.get(column).transformation());
      yaml.append(", parameters: {").append(CASES.get(column).parameters()).append("}}\n");
    }
    return Yaml.read(home, yaml.toString(), "place");
  }

  @Test
  void isTheRecountOfWhatHappenedBeforeTheInstantInAnyOrderAndNothingOfWhatCameLater() {
    Contracts contracts = contracts();
    FeatureProgram program = contracts.program("all");
    FeatureInput in = new FeatureInput();
    int[] finite = new int[CASES.size()];
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      World world = new World();
      world.items.addAll(items(random));
      long asOf = START + (random.nextBoolean() ? 0 : random.nextInt((int) (100 * HOUR)));
      int count = random.nextInt(8) == 0 ? random.nextInt(3) : 200;
      for (int number = 0; number < count; number++) {
        world.happened.add(
            happening(random, number, asOf - 1 - (long) (random.nextDouble() * 60 * HOUR)));
      }
      LiveState state = new LiveState(contracts.sequence(), new HeapSequenceStore());
      world.items.forEach(state::apply);
      world.happened.forEach(state::apply);
      Query query =
          new Query(
              asOf,
              random.nextInt(5) == 0 ? null : "c" + random.nextInt(5),
              random.nextInt(5) == 0 ? null : "d" + random.nextInt(3));
      float[] rows = rows(program, in, state, state.statistics().snapshot(), query);
      for (int at = 0; at < rows.length; at++) {
        int column = at % CASES.size();
        String item = state.catalog().item(at / CASES.size()).id();
        double expected = CASES.get(column).expected().of(world, query, item);
        finite[column] += Float.isFinite(rows[at]) ? 1 : 0;
        if (!same(expected, rows[at])) {
          assertThat((double) rows[at])
              .as("seed %d, %s of \"%s\" for %s", seed, CASES.get(column), item, query)
              .isEqualTo(expected);
        }
      }

      // In another order, to the bit; and what comes after the bucket of the instant is not seen.
      Collections.shuffle(world.happened, random);
      LiveState other = new LiveState(contracts.sequence(), new HeapSequenceStore());
      world.items.forEach(other::apply);
      world.happened.forEach(other::apply);
      assertBits(seed, rows(program, in, other, other.statistics(), query), rows);
      long later = (Math.floorDiv(asOf - 1, 2 * HOUR) + 1) * 2 * HOUR;
      boolean ahead = Math.floorDiv(asOf - 1, HOUR) % 2 != 0;
      for (int number = 0; ahead && number < 100; number++) {
        other.apply(happening(random, 1_000 + number, later + random.nextInt((int) HOUR)));
      }
      assertBits(seed, rows(program, in, other, other.statistics(), query), rows);
    }
    for (int column = 0; column < finite.length; column++) {
      assertThat(finite[column]).as("%s had a value somewhere", CASES.get(column)).isPositive();
    }
  }

  private static boolean same(double expected, float actual) {
    return Double.isFinite(expected)
        ? Math.abs(expected - actual) <= 2e-6 * Math.max(1e-3, Math.abs(expected))
        : Float.isNaN(actual);
  }

  private static void assertBits(int seed, float[] actual, float[] expected) {
    for (int at = 0; at < expected.length; at++) {
      if (Float.floatToRawIntBits(actual[at]) != Float.floatToRawIntBits(expected[at])) {
        assertThat((Float) actual[at])
            .as("seed %d, %s", seed, CASES.get(at % CASES.size()))
            .isEqualTo((Float) expected[at]);
      }
    }
  }

  private static float[] rows(
      FeatureProgram program,
      FeatureInput in,
      LiveState state,
      Statistics statistics,
      Query query) {
    Catalog catalog = state.catalog();
    String device = query.device();
    in.set(
        catalog,
        statistics,
        UserSequence.EMPTY,
        state.spec(),
        Catalog.UNKNOWN,
        0,
        new RequestContext(
            device == null ? "" : device, "", query.context() == null ? "" : query.context()),
        query.asOf());
    int[] items = new int[catalog.size()];
    for (int item = 0; item < items.length; item++) {
      items[item] = item;
    }
    float[] rows = new float[items.length * CASES.size()];
    program.compute(in, items, items.length, rows);
    return rows;
  }

  private static List<Item> items(Random random) {
    List<Item> items = new ArrayList<>();
    for (int number = 0; number < 6; number++) {
      String category = random.nextInt(5) == 0 ? null : "category " + random.nextInt(3);
      items.add(new Item("i" + number, "Title", category, 0, Map.of()));
    }
    return items;
  }

  private static LogEntry happening(Random random, int number, long time) {
    if (random.nextInt(3) == 0) {
      List<Impression.Shown> shown = new ArrayList<>();
      for (int slot = random.nextInt(SLOTS); slot >= 0; slot--) {
        String item = "i" + random.nextInt(7); // one that the catalog lacks
        shown.add(new Impression.Shown(item, List.of(), 0, 0, 1, new float[0]));
      }
      return new Impression(
          "r" + number,
          "u",
          null,
          random.nextInt(4) == 0 ? null : "d" + random.nextInt(3),
          random.nextInt(4) == 0 ? null : "c" + random.nextInt(4),
          "item",
          time,
          "ml_ranker",
          null,
          "",
          null,
          List.of(),
          2,
          shown);
    }
    Map<String, Object> fields = new HashMap<>();
    if (random.nextInt(4) != 0) {
      fields.put("position", 1L + random.nextInt(SLOTS));
    }
    if (random.nextInt(4) != 0) {
      fields.put("context", "c" + random.nextInt(4));
    }
    String type = List.of("view", "click", "click", "conversion").get(random.nextInt(4));
    if (type.equals("conversion")) {
      fields.put("value", random.nextInt(100_000) / 100.0);
    }
    return new Event(
        "e" + number,
        type,
        "u" + random.nextInt(9),
        "i" + random.nextInt(7),
        random.nextBoolean() ? "r" : null,
        null,
        time,
        time,
        fields);
  }

  @Test
  void isMissingOrNothingInAWorldOfNothing() {
    Contracts contracts = contracts();
    FeatureInput in = new FeatureInput();
    in.set(
        Catalog.EMPTY,
        new Statistics(),
        UserSequence.EMPTY,
        contracts.sequence(),
        Catalog.UNKNOWN,
        0,
        new RequestContext("", "", "c1"),
        START);
    float[] row = new float[CASES.size()];
    contracts.program("all").compute(in, row);
    for (float value : row) {
      assertThat(Float.isInfinite(value)).isFalse();
      assertThat(Float.isNaN(value) || value == 0).isTrue();
    }
  }

  @Test
  void namesWhatIsWrongWithAStatistic() {
    Problems problems = new Problems();
    Yaml.read(
        home,
        """
        contracts:
          all:
            features:
              - {name: a, transformation: statistic, parameters: {statistic: nothing, hours: 1}}
              - {name: b, transformation: statistic, parameters: {statistic: clicks, hours: 3}}
              - {name: c, transformation: statistic, parameters: {statistic: clicks, hours: 50}}
              - {name: d, transformation: statistic, parameters: {statistic: slot_shown, hours: 1}}
              - {name: e, transformation: statistic, parameters: {statistic: slots_of_item, hours: 1}}
              - {name: f, transformation: rate, parameters: {statistic: answers, over: category_shown, hours: 1}}
              - {name: g, transformation: rate, parameters: {statistic: context_clicks, over: context_shown, hours: 1}}
              - {name: h, transformation: value-per-impression, parameters: {statistic: clicks, over: chosen, hours: 2}}
              - {name: i, transformation: decayed-statistic, parameters: {statistic: clicks, half-life-hours: 13}}
              - {name: j, transformation: statistic-trend, parameters: {statistic: chosen, short-hours: 4, long-hours: 4}}
              - {name: k, transformation: statistic, parameters: {statistic: chosen}}
              - {name: l, transformation: statistic, parameters: {statistic: chosen, hours: 1, days: 2}}
        """,
        "place",
        problems);
    assertThat(problems.found().stream().map(one -> one.line() + " " + one.message()))
        .containsExactly(
            "4 \"nothing\" is not one of [chosen, clicks, answers, revenue, shown, category_chosen,"
                + " category_shown, context_shown, context_clicks, device_shown, slot_shown,"
                + " slot_answers, slots_of_item, everything]",
            "5 3 hours are not 1 to 24 buckets of 120 minutes, as clicks has them",
            "6 50 hours are not 1 to 24 buckets of 120 minutes, as clicks has them",
            "7 is required, since slot_shown is by position",
            "8 slots_of_item is by item-position; see position-debiased-rate",
            "9 category_shown is by category, expected item as answers",
            "10 is required, since context_shown is by context",
            "11 counts; expected a statistic with a sum",
            "11 counts events; expected a statistic of impressions",
            "12 13 is out of range; expected a number from 0.001 to 12.5",
            "13 expected more than short-hours",
            "14 is required",
            "15 unknown key; known here: [statistic, hours]");
  }

  /**
   * Another window of counting is another feature; a statistic that no feature reads is nothing.
   */
  @Test
  void theContractKnowsHowItsStatisticsCountAndNoOthers() throws IOException {
    String sha = sha();
    Files.writeString(
        home.resolve(StatisticsSpec.FILE),
        STATISTICS.replace(
            "by: device, impressions: true, bucket-minutes: 60",
            "by: device, impressions: true, bucket-minutes: 30"));
    assertThat(sha()).isEqualTo(sha);
    Files.writeString(
        home.resolve(StatisticsSpec.FILE),
        STATISTICS.replace(
            "events: [click], bucket-minutes: 120", "events: [click], bucket-minutes: 60"));
    assertThat(sha()).isNotEqualTo(sha);
  }

  private String sha() {
    Contracts contracts =
        Yaml.read(
            home,
            """
            contracts:
              one:
                features:
                  - {name: a, transformation: statistic, parameters: {statistic: clicks, hours: 2}}
            """,
            "place");
    return Objects.requireNonNull(contracts.contract("one")).sha256();
  }

  @Test
  void sequencesCarryWhatIsDeclared() {
    SequenceSpec sequence = contracts().sequence();
    assertThat(sequence.statistics().names()).hasSize(14).contains("chosen", "everything");
  }
}
