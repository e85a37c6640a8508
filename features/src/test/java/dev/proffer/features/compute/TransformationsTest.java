package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every transformation beside {@link Definitions}, which counts again from the plain choices. */
class TransformationsTest {
  private static final int WORLDS = 120;
  private static final int QUERIES = 6;
  private static final List<Definitions.Case> CASES = Definitions.cases();

  @TempDir Path home;

  @Test
  void isCheckedWhateverItsName() {
    Set<String> covered = new HashSet<>(Definitions.covered().keySet());
    covered.addAll(StatisticTransformationsTest.COVERED);
    covered.addAll(TableTransformationsTest.COVERED);
    covered.addAll(EmbeddingTransformationsTest.COVERED);
    assertThat(covered)
        .as("every transformation needs a case in Definitions.cases()")
        .containsExactlyInAnyOrderElementsOf(Transformations.names());
  }

  /** {@code -Dproffer.write-docs=true} writes it. */
  @Test
  void isListedInTheDocumentsWithItsTest() throws IOException {
    Path page = Path.of("../docs/transformations.md");
    String expected = page();
    if (Boolean.getBoolean("proffer.write-docs")) {
      Files.writeString(page, expected);
    }
    assertThat(Files.readString(page)).isEqualTo(expected);
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append("# The transformations and their tests\n\n");
    page.append(
        "Every transformation is held against its definition, computed again from the plain");
    page.append(
        " events, items and rows in double precision by code that\nshares nothing with it,");
    page.append(
        " in random worlds. `TransformationsTest` holds this list: one without a test fails");
    page.append(" the build. What each one is: [features.md](features.md).\n\n");
    page.append("| transformation | of | test |\n|---|---|---|\n");
    Set<String> defined = Definitions.covered().keySet();
    for (String name : Transformations.names()) {
      String test =
          defined.contains(name)
              ? "TransformationsTest"
              : StatisticTransformationsTest.COVERED.contains(name)
                  ? "StatisticTransformationsTest"
                  : TableTransformationsTest.COVERED.contains(name)
                      ? "TableTransformationsTest"
                      : "EmbeddingTransformationsTest";
      page.append("| `").append(name).append("` | ").append(Transformations.entity(name));
      page.append(" | `").append(test).append('`');
      switch (name) {
        case "text-bm25" -> page.append(", `Bm25Test` (beside Lucene)");
        case "sentiment" -> page.append(", `SentimentTest` (beside NLTK's VADER)");
        default -> {}
      }
      page.append(" |\n");
    }
    return page.toString();
  }

  @Test
  void isWhatItsDefinitionSays() {
    FeatureProgram program = Yaml.read(home, Yaml.everyCase(), "place").program("all");
    FeatureInput in = new FeatureInput();
    int[] finite = new int[CASES.size()];
    for (int seed = 0; seed < WORLDS; seed++) {
      Random random = new Random(seed);
      RawWorld world = RawWorld.random(random, RawWorld.spec());
      Definitions definitions = new Definitions(world);
      for (int question = 0; question < QUERIES; question++) {
        check(world, definitions, program, in, world.query(random), seed, finite);
      }
    }
    for (int column = 0; column < finite.length; column++) {
      Definitions.Case one = CASES.get(column);
      assertThat(finite[column] > 0)
          .as("%s {%s} had a value somewhere", one.transformation(), one.parameters())
          .isEqualTo(!alwaysMissing(one));
    }
  }

  /** A text is no number, and an attribute that no item has is missing. */
  private static boolean alwaysMissing(Definitions.Case one) {
    return one.transformation().matches("(current-)?attribute")
        && !one.parameters().contains("place");
  }

  private static void check(
      RawWorld world,
      Definitions definitions,
      FeatureProgram program,
      FeatureInput in,
      RawWorld.Query query,
      int seed,
      int[] finite) {
    definitions.ask(query);
    world.ask(in, query);
    int[] items = world.everything();
    float[] rows = new float[items.length * CASES.size()];
    program.compute(in, items, items.length, rows);
    for (int row = 0; row < items.length; row++) {
      String item = world.state.catalog().item(items[row]).id();
      for (int column = 0; column < CASES.size(); column++) {
        Definitions.Case one = CASES.get(column);
        double expected = one.expected().of(definitions, item);
        float actual = rows[row * CASES.size() + column];
        if (!same(expected, actual)) {
          assertThat((double) actual)
              .as(
                  "seed %d, %s {%s} of \"%s\" for %s",
                  seed, one.transformation(), one.parameters(), item, query)
              .isEqualTo(expected);
        }
        finite[column] += Float.isFinite(actual) ? 1 : 0;
      }
    }
  }

  /** Missing only where the definition is, and never infinite. */
  private static boolean same(double expected, float actual) {
    return Double.isNaN(expected)
        ? Float.isNaN(actual)
        : Math.abs(expected - actual) <= 2e-5 * Math.max(1e-3, Math.abs(expected));
  }

  @Test
  void isTheSameAgainWhateverWasAskedBefore() {
    Contracts contracts = Yaml.read(home, Yaml.everyCase(), "place");
    FeatureProgram reused = contracts.program("all");
    FeatureInput reusedInput = new FeatureInput();
    RawWorld other = RawWorld.random(new Random(-1), RawWorld.spec());
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      RawWorld world = RawWorld.random(random, RawWorld.spec());
      RawWorld.Query query = world.query(random);
      FeatureInput fresh = new FeatureInput();
      world.ask(fresh, query);
      world.ask(reusedInput, query);
      int[] items = world.everything();
      float[] expected = new float[items.length * CASES.size()];
      float[] actual = new float[expected.length];
      contracts.program("all").compute(fresh, items, items.length, expected);
      reused.compute(reusedInput, items, items.length, actual);
      assertSameBits("seed " + seed, actual, expected);
      // As a gateway asks: of a snapshot, some of whose values are known from the request before.
      Statistics snapshot = world.state.statistics().snapshot();
      for (int again = 0; again < 2; again++) {
        world.ask(reusedInput, query, snapshot);
        reused.compute(reusedInput, items, items.length, actual);
        assertSameBits("snapshot of seed " + seed, actual, expected);
      }
      if (random.nextBoolean()) {
        other.ask(reusedInput, other.query(random)); // set and never computed
        other = world;
      }
    }
  }

  @Test
  void isTheSameForAnItemWhicheverOthersAreAskedFor() {
    FeatureProgram program = Yaml.read(home, Yaml.everyCase(), "place").program("all");
    FeatureInput in = new FeatureInput();
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      RawWorld world = RawWorld.random(random, RawWorld.spec());
      world.ask(in, world.query(random));
      int[] items = world.everything();
      float[] all = new float[items.length * CASES.size()];
      program.compute(in, items, items.length, all);
      int item = random.nextInt(items.length);
      float[] alone = new float[CASES.size()];
      program.compute(in, new int[] {item}, 1, alone);
      float[] ofAll = new float[CASES.size()];
      System.arraycopy(all, item * CASES.size(), ofAll, 0, ofAll.length);
      assertSameBits("seed " + seed, alone, ofAll);
    }
  }

  @Test
  void ofTheRequestIsEqualOnAllRows() {
    FeatureProgram program = Yaml.read(home, Yaml.everyCase(), "place").program("all");
    FeatureInput in = new FeatureInput();
    RawWorld world = RawWorld.random(new Random(5), RawWorld.spec());
    assertThat(world.items).hasSizeGreaterThan(3);
    List<String> ofRequest =
        List.of(
            "session-length",
            "sequence-length",
            "distinct-items",
            "distinct-categories",
            "repeat-share",
            "immediate-repeat-share",
            "direction",
            "last-step",
            "current-transitions",
            "current-place",
            "current-attribute",
            "current-category-share",
            "times-current-chosen",
            "furthest-place",
            "exit-rate");
    Random random = new Random(6);
    int columns = 0;
    for (int question = 0; question < 50; question++) {
      world.ask(in, world.query(random));
      int[] items = world.everything();
      float[] rows = new float[items.length * CASES.size()];
      program.compute(in, items, items.length, rows);
      float[] row = new float[CASES.size()];
      program.compute(in, row);
      for (int column = 0; column < CASES.size(); column++) {
        if (!ofRequest.contains(CASES.get(column).transformation())) {
          continue;
        }
        columns++;
        for (int at = 0; at < items.length; at++) {
          assertThat(Float.floatToRawIntBits(rows[at * CASES.size() + column]))
              .as("%s, row %d", CASES.get(column), at)
              .isEqualTo(Float.floatToRawIntBits(row[column]));
        }
      }
    }
    assertThat(columns).isGreaterThanOrEqualTo(50 * ofRequest.size());
  }

  @Test
  void withoutAnOrderAttributeEverythingAboutPlacesIsMissing() {
    String yaml =
        """
        contracts:
          all:
            features:
              - {name: a, transformation: place}
              - {name: b, transformation: place, parameters: {relative: true}}
              - {name: c, transformation: place-from}
              - {name: d, transformation: last-step}
              - {name: e, transformation: current-place}
              - {name: f, transformation: furthest-place}
              - {name: g, transformation: step-probability}
              - {name: h, transformation: step-probability, parameters: {by-arrival: true}}
              - {name: i, transformation: direction}
        """;
    Contracts contracts = Yaml.read(home, yaml, "");
    RawWorld world = RawWorld.random(new Random(2), contracts.sequence());
    assertThat(world.items).hasSizeGreaterThan(3);
    FeatureInput in = new FeatureInput();
    Random random = new Random(3);
    for (int question = 0; question < 20; question++) {
      world.ask(in, world.query(random));
      int[] items = world.everything();
      float[] rows = new float[items.length * 9];
      contracts.program("all").compute(in, items, items.length, rows);
      for (int at = 0; at < rows.length; at++) {
        assertThat((Float) rows[at]).isEqualTo((Float) (at % 9 < 6 ? Float.NaN : 0f));
      }
    }
  }

  @Test
  void isDefinedForAWorldOfNothing() {
    FeatureProgram program = Yaml.read(home, Yaml.everyCase(), "place").program("all");
    FeatureInput in = new FeatureInput();
    in.set(
        Catalog.EMPTY,
        new Statistics(),
        UserSequence.EMPTY,
        RawWorld.spec(),
        Catalog.UNKNOWN,
        0,
        1_000);
    float[] row = new float[CASES.size()];
    program.compute(in, row);
    for (int column = 0; column < row.length; column++) {
      assertThat(Float.isInfinite(row[column])).as("%s", CASES.get(column)).isFalse();
    }
  }

  @Test
  void tellsTheFirstCategoryFromTheLast() {
    String yaml =
        """
        contracts:
          all:
            features:
              - {name: share, transformation: share-of-category}
              - {name: favourite, transformation: popularity-in-category}
              - {name: next, transformation: category-next-probability}
        """;
    Contracts contracts = Yaml.read(home, yaml, "place");
    RawWorld world = RawWorld.random(new Random(0), contracts.sequence());
    world.add("in-first", "first-of-new", Map.of("place", 1L));
    world.add("in-last", "last-of-new", Map.of("place", 1L));
    world.choose("someone", "in-first", world.clock + 1, false);
    world.choose("someone", "in-last", world.clock + 1, false);
    world.choose("someone", "in-last", world.clock + 1, false);
    FeatureInput in = new FeatureInput();
    world.ask(in, new RawWorld.Query("someone", "", "", RequestContext.NONE, world.clock + 1));
    Catalog catalog = world.state.catalog();
    int[] items = {catalog.index("in-first"), catalog.index("in-last")};
    assertThat(catalog.category(items[1])).isEqualTo(catalog.categoryCount() - 1);
    float[] rows = new float[6];
    contracts.program("all").compute(in, items, 2, rows);
    float categories = catalog.categoryCount() - 1;
    assertThat(rows)
        .containsExactly(
            1 / 3f, 1f, 5 / (1 + 5 * categories), 2 / 3f, 1f, (1 + 5) / (1 + 5 * categories));
  }

  @Test
  void leavesOutEventsAtOrAfterTheInstant() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      RawWorld world = RawWorld.random(random, RawWorld.spec());
      RawWorld.Query query = world.query(random);
      FeatureInput in = new FeatureInput();
      in.set(
          world.state.catalog(),
          world.state.statistics(),
          world.state.sequences().read(query.user()),
          world.state.spec(),
          Catalog.UNKNOWN,
          0,
          query.asOf());
      List<RawWorld.Choice> before =
          world.choices.stream()
              .filter(choice -> choice.user().equals(query.user()) && choice.time() < query.asOf())
              .toList();
      assertThat(in.length()).as("seed %d", seed).isEqualTo(before.size());
      for (int at = 0; at < before.size(); at++) {
        assertThat(in.timeMillis(at)).as("seed %d", seed).isEqualTo(before.get(at).time());
        assertThat(in.item(at))
            .as("seed %d", seed)
            .isEqualTo(world.state.catalog().index(before.get(at).item()));
      }
      assertThat(in.asOfMillis()).isEqualTo(query.asOf());
    }
  }

  @Test
  void countsTheItemLookedAtOnceAsTheLastOfTheSession() {
    Contracts contracts =
        Yaml.read(
            home,
            """
            contracts:
              all:
                features:
                  - {name: length, transformation: session-length}
                  - {name: times, transformation: times-chosen}
            """,
            "place");
    RawWorld world = RawWorld.random(new Random(1), contracts.sequence());
    world.add("a", null, Map.of());
    world.add("b", null, Map.of());
    world.choose("someone", "a", world.clock + 1, false);
    int a = world.state.catalog().index("a");
    int b = world.state.catalog().index("b");
    FeatureInput in = new FeatureInput();
    float[] rows = new float[4];

    world.ask(in, new RawWorld.Query("someone", "a", "", RequestContext.NONE, world.clock + 1));
    contracts.program("all").compute(in, new int[] {a, b}, 2, rows);
    assertThat(rows).containsExactly(1, 1, 1, 0);

    world.ask(in, new RawWorld.Query("someone", "b", "", RequestContext.NONE, world.clock + 1));
    contracts.program("all").compute(in, new int[] {a, b}, 2, rows);
    assertThat(rows).containsExactly(2, 1, 2, 1);

    world.ask(
        in,
        new RawWorld.Query(
            "someone", "b", "", RequestContext.NONE, world.clock + RawWorld.GAP + 1));
    contracts.program("all").compute(in, new int[] {a, b}, 2, rows);
    assertThat(rows).containsExactly(1, 0, 1, 1);

    world.ask(in, new RawWorld.Query("nobody", "b", "", RequestContext.NONE, world.clock + 1));
    contracts.program("all").compute(in, new int[] {a, b}, 2, rows);
    assertThat(rows).containsExactly(1, 0, 1, 1);
  }

  @Test
  void growsWithTheCatalogAndTheSession() {
    FeatureProgram program = Yaml.read(home, Yaml.everyCase(), "place").program("all");
    FeatureInput in = new FeatureInput();
    RawWorld world = RawWorld.random(new Random(1), RawWorld.spec());
    int[] finite = new int[CASES.size()];
    for (int round = 0; round < 2; round++) {
      int many = round == 0 ? 90 : 620;
      for (int item = world.items.size(); item < many; item++) {
        world.add(
            "more-" + item,
            "category-" + item % 40,
            Map.of("place", (long) item, "colour", "colour-" + item));
      }
      for (int choice = 0; choice < 75; choice++) {
        Item item = world.items.get((choice * 7 + round) % world.items.size());
        world.choose("someone", item.id(), world.clock + 1, false);
      }
      RawWorld.Query query =
          new RawWorld.Query("someone", "", "", RequestContext.NONE, world.clock + 1);
      Definitions definitions = new Definitions(world);
      if (round == 0) {
        check(world, definitions, program, in, query, 1, finite);
      } else {
        FeatureInput fresh = new FeatureInput();
        world.ask(fresh, query);
        world.ask(in, query);
        float[] expected = new float[world.everything().length * CASES.size()];
        float[] actual = new float[expected.length];
        program.compute(fresh, world.everything(), world.everything().length, expected);
        program.compute(in, world.everything(), world.everything().length, actual);
        assertSameBits("grown", actual, expected);
      }
    }
  }

  private static void assertSameBits(String where, float[] actual, float[] expected) {
    for (int at = 0; at < expected.length; at++) {
      if (Float.floatToRawIntBits(actual[at]) != Float.floatToRawIntBits(expected[at])) {
        assertThat(actual[at])
            .as("%s, %s, row %d", where, CASES.get(at % CASES.size()), at / CASES.size())
            .isEqualTo(expected[at]);
        throw new AssertionError(where + ": equal, but not to the bit");
      }
    }
  }
}
