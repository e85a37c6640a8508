package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.Attributes;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.Tables;
import dev.proffer.features.tables.TablesSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features of tables, beside plain maps of what was written into them. */
final class TableTransformationsTest {
  static final Set<String> COVERED =
      Set.of(
          "user-table",
          "user-table-is",
          "user-table-hash",
          "item-table",
          "item-table-is",
          "item-table-hash");

  private static final String TABLES =
      """
      tables:
        profile:
          entity: user
          columns:
            - {name: age, type: number, unit: years}
            - {name: member, type: boolean}
            - {name: tier, type: category}
        shape:
          entity: item
          columns:
            - {name: weight}
            - {name: brand, type: category}
            - {name: vector, type: vector, dimensions: 3}
      """;

  private static final String FEATURES =
      """
      contracts:
        all:
          features:
            - {name: age, transformation: user-table, parameters: {table: profile, column: age}}
            - {name: member, transformation: user-table, parameters: {table: profile, column: member}, default: -1}
            - {name: gold, transformation: user-table-is, parameters: {table: profile, column: tier, value: t1}}
            - {name: tier, transformation: user-table-hash, parameters: {table: profile, column: tier, buckets: 7}}
            - {name: weight, transformation: item-table, parameters: {table: shape, column: weight}}
            - {name: second, transformation: item-table, parameters: {table: shape, column: vector, at: 1}}
            - {name: brand, transformation: item-table-is, parameters: {table: shape, column: brand, value: b2}}
            - {name: brand-hash, transformation: item-table-hash, parameters: {table: shape, column: brand, buckets: 5}}
      """;

  private static final int WIDTH = 8;

  @TempDir private Path home;

  /** What one version was written from: by id, the values in the order of the columns. */
  private record Version(long asOf, Map<String, @Nullable Object[]> rows) {}

  @Test
  void isWhatTheVersionOfTheInstantSaysWhicheverCatalogIsAsked() throws Exception {
    Files.writeString(home.resolve(TablesSpec.FILE), TABLES);
    Contracts contracts = Yaml.read(home, FEATURES, "");
    FeatureProgram program = contracts.program("all");
    FeatureInput in = new FeatureInput();
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      TableRegistry registry = new TableRegistry(home.resolve("tables-" + seed));
      List<Version> profiles = versions(registry, contracts, "profile", random, "u");
      List<Version> shapes = versions(registry, contracts, "shape", random, "i");
      Tables tables = registry.history(contracts.tables());
      for (int question = 0; question < 60; question++) {
        Catalog catalog = catalog(random);
        String user = "u" + random.nextInt(40);
        long asOf = random.nextInt(600);
        in.set(
            catalog,
            new Statistics(),
            UserSequence.EMPTY,
            contracts.sequence(),
            Catalog.UNKNOWN,
            0,
            RequestContext.NONE,
            Attributes.of(tables, user),
            asOf);
        int[] items = new int[catalog.size()];
        for (int at = 0; at < items.length; at++) {
          items[at] = at;
        }
        float[] rows = new float[items.length * WIDTH];
        program.compute(in, items, items.length, rows);
        for (int at = 0; at < items.length; at++) {
          Object[] profile = row(profiles, asOf, user);
          Object[] shape = row(shapes, asOf, catalog.item(at).id());
          float[] expected = {
            number(profile, 0),
            profile == null || profile[1] == null ? -1 : (Boolean) profile[1] ? 1 : 0,
            is(profile, 2, "t1"),
            hash(profile, 2, 7),
            number(shape, 0),
            shape == null || shape[2] == null
                ? Float.NaN
                : ((float[]) Objects.requireNonNull(shape[2]))[1],
            is(shape, 1, "b2"),
            hash(shape, 1, 5)
          };
          assertThat(java.util.Arrays.copyOfRange(rows, at * WIDTH, (at + 1) * WIDTH))
              .as("seed %d, user %s at %d, item %s", seed, user, asOf, catalog.item(at).id())
              .isEqualTo(expected);
        }
      }
    }
  }

  private static float number(@Nullable Object @Nullable [] row, int place) {
    return row != null && row[place] instanceof Float value ? value : Float.NaN;
  }

  private static float is(@Nullable Object @Nullable [] row, int place, String wanted) {
    return row == null || row[place] == null ? Float.NaN : wanted.equals(row[place]) ? 1 : 0;
  }

  private static float hash(@Nullable Object @Nullable [] row, int place, int buckets) {
    return row != null && row[place] instanceof String text
        ? Math.floorMod(Hash64.of(text), (long) buckets)
        : Float.NaN;
  }

  private static @Nullable Object @Nullable [] row(List<Version> all, long asOf, String id) {
    Version counts = null;
    for (Version one : all) {
      if (one.asOf() <= asOf && (counts == null || one.asOf() > counts.asOf())) {
        counts = one;
      }
    }
    return counts == null ? null : counts.rows().get(id);
  }

  private static List<Version> versions(
      TableRegistry registry, Contracts contracts, String name, Random random, String prefix)
      throws IOException {
    TableSpec spec = Objects.requireNonNull(contracts.tables().table(name));
    List<Version> versions = new java.util.ArrayList<>();
    for (int number = 0; number < 3; number++) {
      Map<String, @Nullable Object[]> rows = new HashMap<>();
      for (int at = 0; at < 40; at++) {
        if (random.nextInt(4) > 0) {
          @Nullable Object[] values = new @Nullable Object[spec.columns().size()];
          for (int place = 0; place < values.length; place++) {
            values[place] = random.nextInt(5) == 0 ? null : value(spec, place, random);
          }
          rows.put(prefix + at, values);
        }
      }
      Version version = new Version(100 + 150L * number, rows);
      versions.add(version);
      registry.publish(
          spec,
          "v" + (9 - number), // names say nothing of the instant
          version.asOf(),
          out -> {
            for (Map.Entry<String, @Nullable Object[]> row : rows.entrySet()) {
              out.begin(row.getKey());
              for (int place = 0; place < row.getValue().length; place++) {
                Object value = row.getValue()[place];
                if (value instanceof Float number1) {
                  out.number(place, number1);
                } else if (value instanceof Boolean flag) {
                  out.flag(place, flag);
                } else if (value instanceof String text) {
                  out.category(place, text);
                } else if (value instanceof float[] vector) {
                  out.vector(place, vector);
                }
              }
            }
          });
    }
    return versions;
  }

  private static Object value(TableSpec spec, int place, Random random) {
    return switch (spec.columns().get(place).type()) {
      case NUMBER -> random.nextFloat();
      case BOOLEAN -> random.nextBoolean();
      case CATEGORY -> spec.columns().get(place).name().charAt(0) + "" + random.nextInt(4);
      case VECTOR -> new float[] {random.nextFloat(), random.nextFloat(), 1};
    };
  }

  /** Items in any order: an item has another index in each. */
  private static Catalog catalog(Random random) {
    Catalog.Builder items = new Catalog.Builder();
    for (int at = 0; at < 30; at++) {
      String id = "i" + random.nextInt(45);
      items.put(new Item(id, id, null, 0, Map.of()));
    }
    return items.build();
  }

  @Test
  void namesEveryMistake() throws Exception {
    Files.writeString(
        home.resolve(TablesSpec.FILE),
        """
        tables:
          profile:
            entity: user
            columns:
              - {name: age, type: number, dimensions: 3}
              - {name: age}
              - {name: tier, type: enum}
          Shape: {entity: item, colour: red}
        """);
    Problems problems = new Problems();
    Yaml.read(
        home,
        """
        contracts:
          all:
            features:
              - {name: a, transformation: user-table, parameters: {table: nowhere, column: age}}
              - {name: b, transformation: user-table, parameters: {table: profile, column: nothing}}
              - {name: c, transformation: item-table, parameters: {table: profile, column: age}}
              - {name: d, transformation: user-table-is, parameters: {table: profile, column: age, value: x}}
              - {name: e, transformation: user-table, parameters: {table: profile, column: age, at: 1}}
              - {name: f, transformation: user-table}
        """,
        "",
        problems);
    assertThat(problems.found().stream().map(p -> p.line() + " " + p.key() + ": " + p.message()))
        .containsExactly(
            "5 tables.profile.columns[0].dimensions: is for columns of type vector",
            "6 tables.profile.columns[1].name: \"age\" is declared twice",
            "7 tables.profile.columns[2].type: \"enum\" is not one of [number, boolean, category,"
                + " vector]",
            "8 tables.Shape.entity: the table's name \"Shape\" is not like-this",
            "8 tables.Shape.columns: at least one column is required",
            "8 tables.Shape.colour: unknown key; known here: [entity, source, id, columns,"
                + " description]",
            "4 contracts.all.features[0].parameters.table: \"nowhere\" is not one of the declared"
                + " tables [profile, Shape]",
            "5 contracts.all.features[1].parameters.column: \"nothing\" is not a column of profile;"
                + " there are [age, tier]",
            "6 contracts.all.features[2].parameters.table: \"profile\" is of user; expected a table"
                + " of item",
            "7 contracts.all.features[3].parameters.column: \"age\" is a NUMBER; expected one of"
                + " [CATEGORY]",
            "8 contracts.all.features[4].parameters.at: 1 is out of range; expected a whole number"
                + " from 0 to 0",
            "9 contracts.all.features[5].parameters.table: is required",
            "9 contracts.all.features[5].parameters.column: is required");
  }

  /** Another type of a column is another value, so a model of the one is refused on the other. */
  @Test
  void theTypeOfAColumnIsPartOfTheContract() throws Exception {
    Files.writeString(home.resolve(TablesSpec.FILE), TABLES);
    String before = Objects.requireNonNull(Yaml.read(home, FEATURES, "").contract("all")).sha256();
    Files.writeString(
        home.resolve(TablesSpec.FILE),
        TABLES.replace("{name: weight}", "{name: weight, type: boolean}"));
    assertThat(Objects.requireNonNull(Yaml.read(home, FEATURES, "").contract("all")).sha256())
        .isNotEqualTo(before);
    Files.writeString(
        home.resolve(TablesSpec.FILE),
        TABLES.replace("unit: years", "unit: months, description: x"));
    assertThat(Objects.requireNonNull(Yaml.read(home, FEATURES, "").contract("all")).sha256())
        .isEqualTo(before);
  }
}
