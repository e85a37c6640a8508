package dev.proffer.offline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log with a known bias: people look at slot {@code k} with probability {@code 1 / k} and click
 * what they look at by its relevance, which only the first two features tell. The policy that
 * showed it puts items in the order of a third feature that has nothing to do with relevance, so
 * that what it favours stands where people look; a fifth of the pages it draws evenly. {@code
 * -Dproffer.bias.seeds=10} prints the table of docs/evaluation.md.
 */
class PositionBiasTest {
  private static final int ITEMS = 60;
  private static final int POOL = 12;
  private static final int SLOTS = 8;
  private static final int LISTS = 400;
  private static final String NONE = "{correct: none}";
  private static final String IPW = "{correct: ipw}";
  private static final String KNOWN =
      "{correct: ipw, examination: [1, 0.5, 0.3333, 0.25, 0.2, 0.1667, 0.1429, 0.125]}";

  @TempDir Path home;

  @Test
  void ofChoicesIsCorrectedByHowOftenTheirSlotIsLookedAt() throws Exception {
    int seeds = Integer.getInteger("proffer.bias.seeds", 1);
    Map<String, List<Double>> ndcg = new TreeMap<>();
    for (int seed = 1; seed <= seeds; seed++) {
      for (String trainer : new String[] {"xgboost", "lambdamart"}) {
        double none = train(seed, trainer, NONE, ndcg, "1 as logged");
        double estimated = train(seed, trainer, IPW, ndcg, "2 slots estimated");
        double known = train(seed, trainer, KNOWN, ndcg, "3 slots known");
        String what = trainer + ", seed " + seed;
        assertThat(estimated).as(what).isGreaterThan(none + 0.01);
        assertThat(known).as(what).isGreaterThan(none + 0.01);
      }
    }
    ndcg.forEach(
        (method, all) -> {
          double mean = all.stream().mapToDouble(one -> one).average().orElseThrow();
          double squares = all.stream().mapToDouble(one -> (one - mean) * (one - mean)).sum();
          System.out.printf(
              Locale.ROOT,
              "%-36s NDCG@%d %.4f, sd %.4f, %.4f to %.4f%n",
              method,
              SLOTS,
              mean,
              Math.sqrt(squares / Math.max(1, all.size() - 1)),
              all.stream().mapToDouble(one -> one).min().orElseThrow(),
              all.stream().mapToDouble(one -> one).max().orElseThrow());
        });
  }

  private double train(
      int seed, String trainer, String bias, Map<String, List<Double>> ndcg, String name)
      throws Exception {
    Path directory = home.resolve(trainer + seed + name);
    Settings settings =
        Settings.read(
            Shop.quickConfig(
                directory.resolve("configs"),
                "label: next-item\n    trainer: xgboost",
                "label: next-item\n    trainer: " + trainer,
                "position-bias: .correct: none.",
                "position-bias: " + bias,
                "rounds: 12, max-depth: 3",
                "rounds: 40, max-depth: 3"));
    ModelsSpec.Task task = Objects.requireNonNull(settings.models().tasks().get("ranking"));
    List<LogEntry> log = log(settings, seed, 5_000);
    History history = History.of(log, settings.contracts().sequence());
    ModelRegistry registry = new ModelRegistry(directory.resolve("models"));
    String version =
        new ModelTraining(settings, history, "abc", Shop.quietly())
            .train(task, registry, history.end(), history.end());
    Scorer scorer =
        ModelArtifact.read(
                registry.directory("ranking", version),
                Objects.requireNonNull(settings.contracts().contract("ranking")))
            .scorer();
    double found = judge(scorer, seed);
    ndcg.computeIfAbsent(trainer + " " + name, n -> new ArrayList<>()).add(found);
    return found;
  }

  @Test
  void isEstimatedFromSlotsThatWereFilledByChance() {
    Settings settings = Settings.read(Shop.quickConfig(home.resolve("configs")));
    History history = History.of(log(settings, 3, 30_000), settings.contracts().sequence());
    Impression[] answered = history.answered(1);
    Examination estimated =
        Examination.of(
            new ModelsSpec.PositionBias(true, List.of(), 100), history, answered, Long.MAX_VALUE);
    System.out.println("Slots looked at, beside the first: " + estimated);
    for (int slot = 0; slot < SLOTS; slot++) {
      assertThat(estimated.share(slot))
          .as("slot %d of %s", slot, estimated)
          .isCloseTo(1.0 / (slot + 1), within(0.25 / (slot + 1)));
    }
    assertThat(estimated.weight(3) / estimated.weight(0))
        .isCloseTo(1 / estimated.share(3), within(1e-9));

    // Nothing is known of slots that no chance filled.
    Examination unknown =
        Examination.of(
            new ModelsSpec.PositionBias(true, List.of(), 100),
            history,
            Arrays.stream(answered).map(PositionBiasTest::certain).toArray(Impression[]::new),
            Long.MAX_VALUE);
    assertThat(unknown.share(SLOTS - 1)).isEqualTo(1);
    assertThat(unknown.weight(SLOTS - 1)).isEqualTo(1);

    // Nor is anything later than the instant.
    assertThat(
            Examination.of(
                    new ModelsSpec.PositionBias(true, List.of(), 100),
                    history,
                    answered,
                    Shop.OPENED)
                .share(SLOTS - 1))
        .isEqualTo(1);
  }

  private static Impression certain(Impression one) {
    return new Impression(
        one.requestId(),
        one.userId(),
        null,
        null,
        null,
        "home",
        one.timeMillis(),
        one.servedBy(),
        null,
        one.variant(),
        one.contractSha(),
        List.of(),
        POOL,
        one.shown().stream()
            .map(
                slot ->
                    new Impression.Shown(
                        slot.itemId(), slot.sources(), slot.score(), 0, 1, slot.features()))
            .toList());
  }

  /** Impressions of pages drawn by the policy, and the clicks they got. */
  private static List<LogEntry> log(Settings settings, long seed, int impressions) {
    SplittableRandom random = new SplittableRandom(seed);
    String sha = Objects.requireNonNull(settings.contracts().contract("ranking")).sha256();
    int width = Objects.requireNonNull(settings.contracts().contract("ranking")).width();
    List<LogEntry> log = new ArrayList<>();
    for (int item = 0; item < ITEMS; item++) {
      log.add(new Item("item-" + item, "Item", "c", Shop.OPENED, Map.of("number", 1L)));
    }
    for (int page = 0; page < impressions; page++) {
      List<float[]> pool = pool(random, width);
      List<Impression.Shown> shown = new ArrayList<>();
      List<Event> clicks = new ArrayList<>();
      long time = Shop.OPENED + 1 + page * 1_000L;
      int first = random.nextInt(ITEMS);
      boolean explores = random.nextInt(5) == 0;
      for (int slot = 0; slot < SLOTS; slot++) {
        int drawn = explores ? random.nextInt(pool.size()) : favourite(pool);
        float propensity = explores ? 1f / pool.size() : 1;
        float[] row = pool.remove(drawn);
        String item = "item-" + (first + slot) % ITEMS;
        shown.add(new Impression.Shown(item, List.of(), row[2], 0, propensity, row));
        if (random.nextDouble() < relevance(row) / (slot + 1)) {
          clicks.add(Shop.event("c" + page + "-" + slot, "u" + page, item, "r" + page, time + 9));
        }
      }
      log.add(
          new Impression(
              "r" + page,
              "u" + page,
              null,
              null,
              null,
              "home",
              time,
              "ml_ranker",
              null,
              "default",
              sha,
              List.of(),
              POOL,
              shown));
      log.addAll(clicks);
    }
    return log;
  }

  private static int favourite(List<float[]> pool) {
    int best = 0;
    for (int at = 1; at < pool.size(); at++) {
      best = pool.get(at)[2] > pool.get(best)[2] ? at : best;
    }
    return best;
  }

  private static List<float[]> pool(SplittableRandom random, int width) {
    List<float[]> pool = new ArrayList<>();
    for (int item = 0; item < POOL; item++) {
      float[] row = new float[width];
      for (int column = 0; column < 4; column++) {
        row[column] = (float) (random.nextDouble(-2, 2) + random.nextDouble(-1, 1));
      }
      pool.add(row);
    }
    return pool;
  }

  private static double relevance(float[] row) {
    return 1 / (1 + Math.exp(2.5 - row[0] - 0.6 * row[1]));
  }

  /** NDCG of the model's order against the known relevance, over lists it has not seen. */
  private static double judge(Scorer scorer, long seed) {
    SplittableRandom random = new SplittableRandom(seed + 1_000);
    double sum = 0;
    for (int list = 0; list < LISTS; list++) {
      List<float[]> pool = pool(random, scorer.width());
      float[] score = new float[1];
      double[] scores =
          pool.stream()
              .mapToDouble(
                  row -> {
                    scorer.score(row, 1, score);
                    return score[0];
                  })
              .toArray();
      List<Integer> order =
          IntStream.range(0, POOL)
              .boxed()
              .sorted(Comparator.comparingDouble(at -> -scores[at]))
              .toList();
      List<Integer> best =
          IntStream.range(0, POOL)
              .boxed()
              .sorted(Comparator.comparingDouble(at -> -relevance(pool.get(at))))
              .toList();
      sum += gain(order, pool) / gain(best, pool);
    }
    return sum / LISTS;
  }

  private static double gain(List<Integer> order, List<float[]> pool) {
    double sum = 0;
    for (int rank = 0; rank < SLOTS; rank++) {
      sum += relevance(pool.get(order.get(rank))) * Math.log(2) / Math.log(rank + 2.0);
    }
    return sum;
  }
}
