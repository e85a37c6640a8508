package dev.proffer.candidates.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import dev.proffer.events.Event;
import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources with parameters, read from YAML and held against the events themselves. */
class DeclaredSourcesTest {
  private static final long HOUR = 3_600_000;
  private static final long NOW = 1_000 * HOUR;
  private static final SequenceSpec SEQUENCE =
      new SequenceSpec(List.of("view"), 200, 1_000_000, "");

  private static final List<String> DEVICES = List.of("phone", "desktop", "watch");

  @TempDir private Path home;
  private final Problems problems = new Problems();
  private final Catalog.Builder items = new Catalog.Builder();
  private final List<Event> events = new ArrayList<>();
  private Statistics statistics = new Statistics();
  private String device = "";

  @BeforeEach
  void makeShop() throws IOException {
    Files.writeString(
        home.resolve(StatisticsSpec.FILE),
        """
        statistics:
          hourly: {by: item, events: [view], bucket-minutes: 60, buckets: 100}
          by_device: {by: item-device, events: [view], bucket-minutes: 60, buckets: 100, devices: [phone, desktop]}
          kinds: {by: category, events: [view], bucket-minutes: 60, buckets: 100}
        """);
    Files.writeString(
        home.resolve("tables.yaml"),
        """
        tables:
          shape: {entity: item, columns: [{name: vector, type: vector, dimensions: 4}, {name: n}]}
          taste: {entity: user, columns: [{name: vector, type: vector, dimensions: 8}]}
        """);
    statistics =
        new Statistics(SEQUENCE.sessionGapMillis(), "", StatisticsSpec.read(home, problems));
    Random random = new Random(5);
    for (int item = 0; item < 40; item++) {
      Map<String, Object> attributes = new HashMap<>();
      if (item % 7 == 0) {
        attributes.put("star", item % 14 == 0 ? (Object) true : (Object) (long) item);
      }
      int unused = items.put(new Item("i" + item, "t", "c" + item % 3, item, attributes));
    }
    for (int event = 0; event < 3_000; event++) {
      long time = NOW - 1 - (long) (random.nextDouble() * 90 * HOUR);
      int item = (int) (40 * Math.pow(random.nextDouble(), 2));
      Map<String, Object> fields =
          event % 5 == 0 ? Map.of() : Map.of("device", DEVICES.get((event + item) % 3));
      Event view = new Event("e" + event, "view", "u", "i" + item, null, null, time, time, fields);
      events.add(view);
      statistics.declared().observe(view, items.index("i" + item), items);
    }
  }

  @Test
  void popularDecaysByHalfEveryHalfLife() throws IOException {
    List<String> found =
        found("{name: popular, reason: r, statistic: hourly, half-life-hours: 12}");
    Map<String, Double> worth = new HashMap<>();
    for (Event event : events) {
      // As the statistic has it: a bucket's age is from its end, and the present one's is 0.
      long bucket = event.timeMillis() / HOUR;
      double age = bucket == (NOW - 1) / HOUR ? 0 : (NOW - (bucket + 1) * HOUR) / (double) HOUR;
      if ((NOW - 1) / HOUR - bucket < 99) {
        worth.merge(event.itemId(), Math.pow(2, -age / 12), Double::sum);
      }
    }
    checkOrder(found, worth, 1e-4);
  }

  @Test
  void popularByDeviceGoesByThoseWithTheSameAndOtherwiseByAllThatAreToldApart() throws IOException {
    String source =
        "{name: popular, reason: r, statistic: by_device, half-life-hours: 12, quota: 100}";
    for (List<String> own : List.of(List.of("phone"), List.of("desktop"), DEVICES.subList(0, 2))) {
      Map<String, Double> worth = new HashMap<>();
      for (Event event : events) {
        long bucket = event.timeMillis() / HOUR;
        double age = bucket == (NOW - 1) / HOUR ? 0 : (NOW - (bucket + 1) * HOUR) / (double) HOUR;
        if (event.fields().get("device") instanceof String device && own.contains(device)) {
          worth.merge(event.itemId(), Math.pow(2, -age / 12), Double::sum);
        }
      }
      device = own.size() == 1 ? own.get(0) : "watch";
      checkOrder(found(source), worth, 1e-4);
    }
  }

  @Test
  void aCategoryDecaysToo() throws IOException {
    List<String> all = found("{name: popular, reason: r, statistic: hourly}");
    List<String> own = found("{name: category, reason: r, statistic: hourly}", 0, 2, "category");
    assertThat(own)
        .isNotEmpty()
        .isEqualTo(all.stream().filter(id -> items.category(items.index(id)) == 2).toList());
  }

  @Test
  void trendingComparesTheRateOfLateWithThatOfLong() throws IOException {
    List<String> found =
        found(
            "{name: trending, reason: r, statistic: hourly, short-hours: 4, long-hours: 40,"
                + " at-least: 3}");
    Map<String, Double> lately = new HashMap<>();
    Map<String, Double> ever = new HashMap<>();
    for (Event event : events) {
      long ago = (NOW - 1) / HOUR - event.timeMillis() / HOUR;
      lately.merge(event.itemId(), ago < 4 ? 1.0 : 0.0, Double::sum);
      ever.merge(event.itemId(), ago < 40 ? 1.0 : 0.0, Double::sum);
    }
    lately.replaceAll((id, count) -> count < 3 ? 0 : count / 4 / (ever.getOrDefault(id, 0.0) / 40));
    checkOrder(found, lately, 1e-4);
    assertThat(found.size()).isLessThan(40);
  }

  @Test
  void newEndsWhereItemsWereShownOften() throws IOException {
    for (int times = 0; times < 3; times++) {
      statistics.observeImpression(items.index("i39"));
      statistics.observeImpression(items.index("i" + (36 + times)));
    }
    List<String> found = found("{name: new, reason: r, max-impressions: 1}");
    assertThat(found).hasSize(39).startsWith("i38", "i37", "i36", "i35").doesNotContain("i39");
  }

  @Test
  void pinsAreThoseOfTheContextTypeThenThoseForAllThenThoseThatAreMarked() throws IOException {
    String pins =
        "{name: pins, reason: r, items: {search: [i3, gone, i1], always: [i2]}, attribute: star}";
    assertThat(found(pins, 0, 0, "search"))
        .containsExactly("i3", "i1", "i2", "i35", "i21", "i7", "i0", "i14", "i28");
    assertThat(found(pins, 0, 0, "home")).startsWith("i2", "i35").doesNotContain("i3", "i1");
  }

  @Test
  void goesOnFromTheCategoryLookedAt() throws IOException {
    UserSequence sequence = UserSequence.EMPTY;
    long time = 1;
    for (String id : List.of("i0", "i1", "i3", "i1", "i0", "i4", "i6", "i2", "i9", "i4")) {
      int item = items.index(id);
      statistics.observe(sequence, ++time, time, item, items, 200);
      sequence = sequence.with(time, Hash64.of(id), time, 1, SEQUENCE.maxLength());
    }
    // From c0 (i0, i3, i6, i9) people went to i1 twice, to i4 twice and to i2 once.
    assertThat(found("{name: popular-context, reason: r}", 0, items.categoryCode("c0"), "category"))
        .containsExactly("i1", "i4", "i2");
  }

  @Test
  void aSourceThatThrowsCostsWhatItWouldHaveFoundAndNothingElse() {
    CandidateSource broken =
        (in, index, offer) -> {
          assertThat(offer.add(1)).isTrue();
          throw new IllegalStateException("broken");
        };
    Candidates candidates =
        new Candidates(
            new CandidatesSpec(
                100,
                List.of(
                    new CandidatesSpec.Source("new", 5, "r"),
                    new CandidatesSpec.Source("broken", "broken", 5, 100, "r", () -> broken),
                    new CandidatesSpec.Source("popular", 5, "r"))));
    CandidateSet set = new CandidateSet();
    for (int time = 0; time < 2; time++) {
      candidates.find(input(0, 0, "home"), index(), Set.of(), ItemFilter.NONE, set);
      assertThat(candidates.failed()).isEqualTo(2);
      assertThat(candidates.found(1)).isEqualTo(1);
      assertThat(candidates.found(2)).isEqualTo(4);
      assertThat(set.count()).isEqualTo(10);
    }
  }

  @Test
  void refusesWhatIsNotDeclaredAndSaysWhy() throws IOException {
    CandidatesSpec unused =
        read(
            """
            sources:
              - {name: a, kind: popular, reason: r, statistic: nix}
              - {name: b, kind: popular, reason: r, statistic: kinds}
              - {name: c, kind: popular, reason: r, half-life-hours: 5}
              - {name: trending, reason: r}
              - {name: d, kind: trending, reason: r, statistic: hourly, short-hours: 5, long-hours: 500}
              - {name: e, kind: trending, reason: r, statistic: hourly, short-hours: 5, long-hours: 5}
              - {name: pins, reason: r}
              - {name: similar-items, reason: r, table: taste}
              - {name: f, kind: similar-items, reason: r, table: shape, column: n}
              - {name: similar-users, reason: r, users: taste, items: shape}
            """);
    assertThat(problems.found())
        .extracting(Problem::key, Problem::message)
        .containsExactly(
            tuple(
                "sources[0].statistic",
                "\"nix\" is no statistic by item or item-device in statistics.yaml; expected one of"
                    + " [hourly, by_device]"),
            tuple(
                "sources[1].statistic",
                "\"kinds\" is no statistic by item or item-device in statistics.yaml; expected one"
                    + " of [hourly, by_device]"),
            tuple("sources[2].half-life-hours", "wants a statistic to decay"),
            tuple("sources[3].statistic", "is required; expected one by item, which are [hourly]"),
            tuple(
                "sources[4].long-hours",
                "500 is no whole number of \"hourly\"'s buckets of 60 minutes, or more than it"
                    + " keeps; expected at most 99"),
            tuple("sources[5].long-hours", "5 is no longer than short-hours, which are 5"),
            tuple(
                "sources[6].items",
                "nothing is pinned; expected items by context type or an attribute"),
            tuple(
                "sources[7].table",
                "\"taste\" is no table of items in tables.yaml; expected one of [shape]"),
            tuple("sources[8].table", "the table shape has no column n of vectors"),
            tuple("sources[9].users", "its vectors have 8 floats, those of the items 4"));
  }

  private static void checkOrder(List<String> found, Map<String, Double> worth, double apart) {
    assertThat(found)
        .containsExactlyInAnyOrderElementsOf(
            worth.entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .map(Map.Entry::getKey)
                .toList());
    List<String> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparingDouble((String id) -> -worth.getOrDefault(id, 0.0)));
    for (int at = 0; at < found.size(); at++) {
      double is = worth.getOrDefault(found.get(at), 0.0);
      double should = worth.getOrDefault(sorted.get(at), 0.0);
      assertThat(is).as("place %d", at).isCloseTo(should, within(apart));
    }
  }

  private List<String> found(String source) throws IOException {
    return found(source, 0, 0, "home");
  }

  private List<String> found(String source, int item, int category, String contextType)
      throws IOException {
    CandidatesSpec spec = read("max-candidates: 100\nsources:\n  - " + source + "\n");
    assertThat(problems.none()).as(problems.toString()).isTrue();
    CandidateSet set = new CandidateSet();
    new Candidates(spec)
        .find(input(item, category, contextType), index(), Set.of(), ItemFilter.NONE, set);
    List<String> ids = new ArrayList<>();
    for (int at = 0; at < set.count(); at++) {
      ids.add(items.item(set.items()[at]).id());
    }
    return ids;
  }

  private CandidatesSpec read(String yaml) throws IOException {
    Files.writeString(home.resolve(CandidatesSpec.FILE), yaml);
    return CandidatesSpec.read(home, problems);
  }

  private CatalogIndex index() {
    return new CatalogIndex(items.build(), statistics.snapshot());
  }

  private FeatureInput input(int item, int category, String contextType) {
    FeatureInput in = new FeatureInput();
    in.set(
        items.build(),
        statistics.snapshot(),
        UserSequence.EMPTY,
        SEQUENCE,
        item,
        category,
        new RequestContext(device, contextType, ""),
        NOW);
    return in;
  }
}
