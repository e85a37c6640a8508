package dev.proffer.offline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.offline.Settings;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.ingest.DatasetSpec;
import dev.proffer.offline.replay.History;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ImplicitAlsTest {
  private static final Path CONFIGS = Path.of("../configs");
  private static final Path DATA = Path.of("../data/eshop");

  @Test
  void aHalfStepIsTheMinimumWorkedOutByHand() {
    // One dimension: x = sum (1 + a r) p y / (sum (1 + a r [chosen]) y^2 + lambda).
    Interactions interactions = Interactions.of(new float[][] {{3, 0, 1}, {0, 2, 0}});
    double[][] items = {{2}, {-1}, {0.5}};
    double[][] users = new double[2][1];
    new ImplicitAls(1, 1, 4, 0.5, 0).solve(interactions, items, users);
    assertThat(users[0][0])
        .isCloseTo((13 * 2 + 5 * 0.5) / (13 * 4 + 1 + 5 * 0.25 + 0.5), within(1e-12));
    assertThat(users[1][0]).isCloseTo(9 * -1 / (4 + 9 * 1 + 0.25 + 0.5), within(1e-12));
  }

  @Test
  void theLossNeverGrowsAndIsWhatItsDefinitionSays() {
    Random random = new Random(3);
    float[][] counts = new float[40][15];
    for (float[] user : counts) {
      for (int choice = 0; choice < 5; choice++) {
        user[random.nextInt(user.length)]++;
      }
    }
    List<Double> losses = new ArrayList<>();
    ImplicitAls als = new ImplicitAls(4, 12, 5, 0.3, 1);
    double[][] items = als.items(Interactions.of(counts), losses::add);
    assertThat(losses).hasSize(12).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(losses.get(11)).isLessThan(losses.get(0));

    // The users' vectors that go with the last items lower it at most a little further.
    double[][] users = new double[counts.length][4];
    als.solve(Interactions.of(counts), items, users);
    double loss = 0;
    for (int user = 0; user < counts.length; user++) {
      for (int item = 0; item < 15; item++) {
        double product = 0;
        for (int at = 0; at < 4; at++) {
          product += users[user][at] * items[item][at];
        }
        double chosen = counts[user][item] > 0 ? 1 : 0;
        loss += (1 + 5 * counts[user][item]) * (chosen - product) * (chosen - product);
      }
    }
    for (double[][] side : new double[][][] {users, items}) {
      for (double[] vector : side) {
        for (double value : vector) {
          loss += 0.3 * value * value;
        }
      }
    }
    assertThat(loss).isLessThanOrEqualTo(losses.get(11)).isCloseTo(losses.get(11), within(2.0));
  }

  @Test
  void isTheSameAgain() {
    Interactions interactions = Interactions.of(new float[][] {{1, 0, 2}, {0, 1, 1}, {1, 1, 0}});
    double[][] one = new ImplicitAls(3, 5, 2, 0.1, 9).items(interactions, loss -> {});
    double[][] two = new ImplicitAls(3, 5, 2, 0.1, 9).items(interactions, loss -> {});
    assertThat(one).isDeepEqualTo(two);
  }

  /** Learned from April; the next clicks of May, from the item before. */
  @Tag("slow")
  @Test
  void whatComesNextIsOftenAmongTheNearest() throws IOException {
    History april = read("2008-04.csv.gz");
    List<Double> losses = new ArrayList<>();
    Interactions interactions = Interactions.of(april, april.end());
    double[][] vectors = new ImplicitAls(32, 15, 10, 1, 1).items(interactions, losses::add);
    assertThat(losses).isSortedAccordingTo(Comparator.reverseOrder());

    Map<String, Integer> numbers = new HashMap<>();
    interactions.items().forEach(item -> numbers.put(item, numbers.size()));
    int[] chosen = new int[vectors.length];
    for (Event event : april.events()) {
      chosen[number(numbers, event)]++;
    }
    int[][] nearest = new int[vectors.length][];
    for (int item = 0; item < vectors.length; item++) {
      int of = item;
      nearest[item] = best(vectors.length, other -> cosine(vectors[of], vectors[other]));
    }
    int[] popular = best(vectors.length, item -> chosen[item]);

    int asked = 0;
    int hits = 0;
    int popularHits = 0;
    Map<String, Integer> before = new HashMap<>();
    for (Event event : read("2008-05.csv.gz").events()) {
      int item = numbers.getOrDefault(Objects.requireNonNull(event.itemId()), -1);
      Integer last = before.put(event.userId(), item);
      if (last != null && last >= 0 && item >= 0) {
        asked++;
        hits += IntStream.of(nearest[last]).anyMatch(one -> one == item) ? 1 : 0;
        popularHits += IntStream.of(popular).anyMatch(one -> one == item) ? 1 : 0;
      }
    }
    double share = (double) hits / asked;
    double ofPopular = (double) popularHits / asked;
    System.out.printf(
        "embeddings: next item among the 10 nearest %.4f, among the 10 most popular %.4f, of %d%n",
        share, ofPopular, asked);
    assertThat(asked).isGreaterThan(10_000);
    assertThat(share).isGreaterThan(2 * ofPopular);
  }

  private static int number(Map<String, Integer> numbers, Event event) {
    return Objects.requireNonNull(numbers.get(event.itemId()));
  }

  private interface Score {
    double of(int item);
  }

  /** The ten of the highest scores. */
  private static int[] best(int items, Score score) {
    return IntStream.range(0, items)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer item) -> -score.of(item)))
        .limit(10)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double cosine(double[] one, double[] other) {
    double product = 0;
    double first = 0;
    double second = 0;
    for (int at = 0; at < one.length; at++) {
      product += one[at] * other[at];
      first += one[at] * one[at];
      second += other[at] * other[at];
    }
    return product / Math.sqrt(first * second);
  }

  private static History read(String file) throws IOException {
    Settings settings = Settings.read(CONFIGS);
    Problems problems = new Problems();
    DatasetSpec spec = DatasetSpec.read(CONFIGS.resolve("datasets/eshop.yaml"), problems);
    problems.throwIfAny();
    Dataset data =
        Dataset.read(spec, List.of(DATA.resolve(file)), settings.events(), Long.MAX_VALUE);
    List<dev.proffer.events.LogEntry> entries = new ArrayList<>(data.items());
    entries.addAll(data.events());
    return History.of(entries, settings.contracts().sequence());
  }
}
