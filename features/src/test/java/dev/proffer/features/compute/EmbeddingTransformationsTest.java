package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.Attributes;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.Tables;
import dev.proffer.features.tables.TablesSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Likeness of vectors, beside plain sums over the vectors that were written. */
class EmbeddingTransformationsTest {
  static final Set<String> COVERED = Set.of("embedding-similarity");

  private static final int DIMENSIONS = 5;
  private static final long AS_OF = 2_000_000;
  private static final List<String> FEATURES =
      List.of(
          "to: context",
          "to: last",
          "to: recent, steps: 4, decay: 0.5",
          "to: context, as: dot",
          "to: recent, as: dot");

  @TempDir Path home;

  @Test
  void isWhatTheVectorsSay() throws Exception {
    Files.writeString(
        home.resolve(TablesSpec.FILE),
        "tables: {shape: {entity: item, columns: [{name: vector, type: vector, dimensions: "
            + DIMENSIONS
            + "}]}}\n");
    StringBuilder yaml = new StringBuilder("contracts:\n  all:\n    features:\n");
    for (String parameters : FEATURES) {
      yaml.append("      - {name: f").append(yaml.length());
      yaml.append(", transformation: embedding-similarity, parameters: {table: shape,");
      yaml.append(" column: vector, ").append(parameters).append("}}\n");
    }
    Contracts contracts = Yaml.read(home, yaml.toString(), "");
    FeatureProgram program = contracts.program("all");
    FeatureInput in = new FeatureInput();
    int found = 0;
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      RawWorld world = RawWorld.random(random, contracts.sequence());
      Map<String, float[]> vectors = new HashMap<>();
      for (int item = 0; item < 12; item++) {
        if (random.nextInt(4) != 0) {
          vectors.put("i" + item, vector(random));
        }
      }
      Tables tables = publish(contracts, vectors, "v" + seed);
      for (int question = 0; question < 6; question++) {
        RawWorld.Query query = world.query(random);
        boolean early = query.asOf() < AS_OF;
        Catalog catalog = world.state.catalog();
        in.set(
            catalog,
            world.state.statistics(),
            world.state.sequences().read(query.user()),
            contracts.sequence(),
            catalog.index(query.contextItem()),
            0,
            RequestContext.NONE,
            Attributes.of(tables, query.user()),
            query.asOf());
        int[] items = world.everything();
        float[] rows = new float[items.length * FEATURES.size()];
        program.compute(in, items, items.length, rows);
        Definitions definitions = new Definitions(world);
        definitions.ask(query);
        for (int row = 0; row < items.length; row++) {
          float[] own = known(world, vectors, catalog.item(items[row]).id());
          double[] expected = expected(world, vectors, definitions, own);
          for (int column = 0; column < expected.length; column++) {
            double actual = rows[row * expected.length + column];
            if (early || Double.isNaN(expected[column])) {
              assertThat(actual).as("seed %d %s", seed, FEATURES.get(column)).isNaN();
            } else {
              found++;
              assertThat(actual)
                  .as("seed %d %s", seed, FEATURES.get(column))
                  .isCloseTo(expected[column], within(1e-5));
            }
          }
        }
      }
    }
    assertThat(found).isGreaterThan(1_000);
  }

  private static float[] vector(Random random) {
    float[] vector = new float[DIMENSIONS];
    for (int at = 0; at < DIMENSIONS; at++) {
      vector[at] = (float) random.nextGaussian();
    }
    return vector;
  }

  private Tables publish(Contracts contracts, Map<String, float[]> vectors, String version)
      throws Exception {
    TableRegistry registry = new TableRegistry(home.resolve("tables-" + version));
    registry.publish(
        Objects.requireNonNull(contracts.tables().table("shape")),
        version,
        AS_OF,
        out -> {
          for (Map.Entry<String, float[]> row : vectors.entrySet()) {
            out.begin(row.getKey());
            out.vector(0, row.getValue());
          }
        });
    return registry.history(contracts.tables());
  }

  private static float @Nullable [] known(
      RawWorld world, Map<String, float[]> vectors, String item) {
    return world.items.stream().anyMatch(i -> i.id().equals(item)) ? vectors.get(item) : null;
  }

  private static double[] expected(
      RawWorld world, Map<String, float[]> vectors, Definitions d, float @Nullable [] own) {
    float[] current = known(world, vectors, d.current());
    List<String> latest = new ArrayList<>();
    for (int at = d.own().size() - 1; at >= 0; at--) {
      latest.add(d.own().get(at).item());
    }
    return new double[] {
      cosine(of(current), own),
      cosine(mean(world, vectors, latest, 1, 1), own),
      cosine(mean(world, vectors, latest, 4, 0.5), own),
      dot(of(current), own),
      dot(mean(world, vectors, latest, 10, 0.8), own)
    };
  }

  private static double @Nullable [] of(float @Nullable [] vector) {
    if (vector == null) {
      return null;
    }
    double[] copy = new double[DIMENSIONS];
    for (int at = 0; at < DIMENSIONS; at++) {
      copy[at] = vector[at];
    }
    return copy;
  }

  private static double @Nullable [] mean(
      RawWorld world, Map<String, float[]> vectors, List<String> latest, int steps, double decay) {
    double[] sum = new double[DIMENSIONS];
    double weights = 0;
    for (int back = 0; back < Math.min(steps, latest.size()); back++) {
      float[] vector = known(world, vectors, latest.get(back));
      if (vector != null) {
        double worth = Math.pow(decay, back);
        weights += worth;
        for (int at = 0; at < DIMENSIONS; at++) {
          sum[at] += worth * vector[at];
        }
      }
    }
    for (int at = 0; at < DIMENSIONS; at++) {
      sum[at] /= weights;
    }
    return weights == 0 ? null : sum;
  }

  private static double dot(double @Nullable [] one, float @Nullable [] other) {
    if (one == null || other == null) {
      return Double.NaN;
    }
    double sum = 0;
    for (int at = 0; at < DIMENSIONS; at++) {
      sum += one[at] * other[at];
    }
    return sum;
  }

  private static double cosine(double @Nullable [] one, float @Nullable [] other) {
    if (one == null || other == null) {
      return Double.NaN;
    }
    return dot(one, other)
        / Math.sqrt(java.util.Arrays.stream(one).map(v -> v * v).sum() * dot(of(other), other));
  }
}
