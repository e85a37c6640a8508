package dev.proffer.candidates.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.source.Vectors;
import dev.proffer.events.Hash64;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NearVectorsTest {
  private static final int DIMENSIONS = 32;
  private static final int WANTED = 100;
  private static final TableSpec SPEC =
      new TableSpec(
          "shape", TableSpec.ITEM, List.of(TableSpec.Column.vector("vector", DIMENSIONS)), "");

  @TempDir private Path home;

  @Test
  void findsAlmostAllOfTheNearestHundredOfRandomVectors() throws Exception {
    Random random = new Random(1);
    float[][] vectors = new float[4_000][];
    Arrays.setAll(vectors, at -> around(random, new float[DIMENSIONS], 1));
    checkRecall(vectors, random, 0.95, 0.95);
  }

  /** As learned vectors lie: many in a few places. */
  @Test
  void findsAlmostAllOfTheNearestHundredOfVectorsInHeaps() throws Exception {
    Random random = new Random(2);
    float[][] middles = new float[40][];
    Arrays.setAll(middles, at -> around(random, new float[DIMENSIONS], 1));
    float[][] vectors = new float[4_000][];
    Arrays.setAll(vectors, at -> around(random, middles[random.nextInt(middles.length)], 0.3));
    checkRecall(vectors, random, 0.95, 0.8);
  }

  @Test
  void knowsNothingNearNothing() throws Exception {
    AttributeTable table = table(new float[][] {new float[DIMENSIONS]});
    Vectors near = NearVectors.of(table, wanted(true));
    assertThat(near.nearest(around(new Random(3), new float[DIMENSIONS], 1), new int[5])).isZero();
    Vectors some = NearVectors.of(table(new float[][] {{1, 2}, {2, 1}}), wanted(false));
    assertThat(some.nearest(new float[DIMENSIONS], new int[5])).isZero();
    float[] first = new float[DIMENSIONS];
    assertThat(some.vector(Hash64.of("i0"), first)).isTrue();
    assertThat(first[1]).isEqualTo(2);
    assertThat(some.vector(Hash64.of("i7"), first)).isFalse();
  }

  private void checkRecall(
      float[][] vectors, Random random, double leastByCosine, double leastByProduct)
      throws Exception {
    AttributeTable table = table(vectors);
    for (boolean cosine : new boolean[] {true, false}) {
      NearVectors near = NearVectors.of(table, wanted(cosine));
      int[] found = new int[WANTED];
      long right = 0;
      int queries = 50;
      for (int query = 0; query < queries; query++) {
        float[] target = vectors[random.nextInt(vectors.length)];
        assertThat(near.nearest(target, found)).isEqualTo(WANTED);
        Set<Long> exact = nearest(vectors, target, cosine);
        for (int row : found) {
          right += exact.contains(near.idHash(row)) ? 1 : 0;
        }
      }
      double recall = (double) right / (queries * WANTED);
      System.out.printf("recall@%d %.4f, %s%n", WANTED, recall, cosine ? "cosine" : "product");
      assertThat(recall).isGreaterThan(cosine ? leastByCosine : leastByProduct);
    }
  }

  private static Set<Long> nearest(float[][] vectors, float[] target, boolean cosine) {
    Integer[] all = new Integer[vectors.length];
    Arrays.setAll(all, at -> at);
    double[] values = new double[all.length];
    Arrays.setAll(values, at -> -product(vectors[at], target, cosine));
    Arrays.sort(all, (a, b) -> Double.compare(values[a], values[b]));
    Set<Long> hashes = new HashSet<>();
    for (int at = 0; at < WANTED; at++) {
      hashes.add(Hash64.of("i" + all[at]));
    }
    return hashes;
  }

  private static double product(float[] a, float[] b, boolean cosine) {
    double product = 0;
    double ofA = 0;
    double ofB = 0;
    for (int at = 0; at < a.length; at++) {
      product += a[at] * b[at];
      ofA += a[at] * a[at];
      ofB += b[at] * b[at];
    }
    return cosine ? product / Math.sqrt(ofA * ofB) : product;
  }

  private static float[] around(Random random, float[] middle, double spread) {
    float[] vector = new float[DIMENSIONS];
    for (int at = 0; at < DIMENSIONS; at++) {
      vector[at] = (float) (middle[at] + spread * random.nextGaussian());
    }
    return vector;
  }

  private static Vectors.Wanted wanted(boolean cosine) {
    return new Vectors.Wanted(new Vectors.Of("shape", "vector", DIMENSIONS), cosine);
  }

  private AttributeTable table(float[][] vectors) throws Exception {
    TableRegistry registry = new TableRegistry(home);
    String version = "v" + registry.versions("shape").size();
    int unused =
        registry.publish(
            SPEC,
            version,
            1,
            out -> {
              for (int at = 0; at < vectors.length; at++) {
                out.begin("i" + at);
                out.vector(0, Arrays.copyOf(vectors[at], DIMENSIONS));
              }
            });
    return registry.open(SPEC, version);
  }
}
