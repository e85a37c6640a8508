package dev.proffer.offline.texts;

import dev.proffer.features.compute.Contracts;
import dev.proffer.offline.train.XGBoostFit;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;

/**
 * Judges a {@link TextRanker} by cross-validation: each of five folds of the tests is scored by a
 * model of the other four, and the figures are those of all tests together. A test's fold is {@code
 * (CRC32(id) div 10) mod 5}.
 */
public final class TextEvaluation {
  private static final int FOLDS = 5;
  private static final int DIVISOR = 10;
  private static final int DRAWS = 20;
  private static final long SEED = 7;

  /** Chosen by looking at the folds; docs/decisions/0030 says how often. */
  static final TextRanker.Options OPTIONS =
      new TextRanker.Options(
          new WordModel.Options(2, 3, 10, 0.6, 0.02),
          XGBoostFit.Objective.PAIRWISE,
          new ModelsSpec.Trees(150, 3, 0.05, 20, 0.8, 0.5, 10, 0),
          3,
          SEED);

  // The publisher warns of the randomisation of these weeks.
  private static final int FLAWED_FROM = 201326;
  private static final int FLAWED_TO = 201402;

  private final List<TextTest> tests;
  private final Map<String, Map<String, double[]>> scores = new LinkedHashMap<>();

  private TextEvaluation(List<TextTest> tests) {
    this.tests = tests;
  }

  /**
   * Reads a file of tests and judges.
   *
   * @param contract the features of a headline, in {@code contracts}
   * @param progress told the share done, 0 to 1
   */
  public static TextEvaluation of(
      Path file, Contracts contracts, String contract, DoubleConsumer progress) throws IOException {
    return of(TextTests.read(file), contracts, contract, OPTIONS, progress);
  }

  static TextEvaluation of(
      List<TextTest> tests,
      Contracts contracts,
      String contract,
      TextRanker.Options options,
      DoubleConsumer progress) {
    TextEvaluation evaluation = new TextEvaluation(tests);
    evaluation.baselines();
    TextRows rows = new TextRows(contracts, contract, tests);
    Map<String, double[]> words = evaluation.method("words alone, ridge within tests");
    Map<String, double[]> ranked = evaluation.method("this model, words and trees");
    for (int fold = 0; fold < FOLDS; fold++) {
      int out = fold;
      Predicate<TextTest> judged = test -> test.fold(DIVISOR, FOLDS) == out;
      progress.accept((double) fold / FOLDS);
      List<TextTest> training = tests.stream().filter(judged.negate()).toList();
      if (training.isEmpty() || training.size() == tests.size()) {
        throw new IllegalArgumentException(
            tests.size() + " tests; expected some in each of " + FOLDS + " folds");
      }
      TextRanker ranker = new TextRanker(rows, training, options);
      tests.stream()
          .filter(judged)
          .forEach(
              test -> {
                words.put(test.id(), ranker.words().scores(test));
                ranked.put(test.id(), ranker.scores(test));
              });
    }
    return evaluation;
  }

  private void baselines() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int draw = 0; draw < DRAWS; draw++) {
      Map<String, double[]> drawn = method(random(draw));
      tests.forEach(test -> drawn.put(test.id(), random.doubles(test.size()).toArray()));
    }
    Map<String, double[]> longest = method("longest headline first");
    tests.forEach(
        test ->
            longest.put(
                test.id(),
                test.variants().stream().mapToDouble(one -> one.headline().length()).toArray()));
  }

  private static String random(int draw) {
    return "random " + draw;
  }

  private Map<String, double[]> method(String name) {
    Map<String, double[]> empty = new LinkedHashMap<>();
    scores.put(name, empty);
    return empty;
  }

  /** The figures by name, those without the flawed weeks apart. */
  public Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (boolean all : new boolean[] {true, false}) {
      rows(
          all,
          row -> {
            String behind = ": " + row.name + (all ? "" : ", randomised weeks");
            figures.put("ndcg@1" + behind, row.ndcg1);
            figures.put("ndcg@3" + behind, row.ndcg3);
            figures.put("ndcg@10" + behind, row.ndcg10);
            figures.put("top-1 lift" + behind, row.lift);
            figures.put("pair accuracy" + behind, row.pairs);
          });
    }
    return figures;
  }

  /** The table, a line a row. */
  public List<String> table() {
    List<String> table = new ArrayList<>();
    for (boolean all : new boolean[] {true, false}) {
      TestMetrics size = metrics(scores.values().iterator().next(), all);
      table.add(
          String.format(
              Locale.ROOT,
              "%-42s %8s %8s %8s %8s %8s   (%,d tests, %,d pairs)",
              all ? "texts of tests, five folds" : "without weeks 201326 to 201402",
              "NDCG@1",
              "NDCG@3",
              "NDCG@10",
              "lift",
              "pairs",
              size.tests(),
              size.pairs()));
      rows(
          all,
          row ->
              table.add(
                  String.format(
                      Locale.ROOT,
                      "  %-40s %8.4f %8.4f %8.4f %7.2f%% %8.4f",
                      row.name,
                      row.ndcg1,
                      row.ndcg3,
                      row.ndcg10,
                      100 * row.lift,
                      row.pairs)));
    }
    return table;
  }

  private record Figures(
      String name, double ndcg1, double ndcg3, double ndcg10, double lift, double pairs) {
    static Figures of(String name, TestMetrics metrics) {
      return new Figures(
          name,
          metrics.ndcg(1),
          metrics.ndcg(3),
          metrics.ndcg(10),
          metrics.lift(),
          metrics.pairAccuracy());
    }

    Figures plus(Figures other, double share) {
      return new Figures(
          name,
          ndcg1 + share * other.ndcg1,
          ndcg3 + share * other.ndcg3,
          ndcg10 + share * other.ndcg10,
          lift + share * other.lift,
          pairs + share * other.pairs);
    }
  }

  private void rows(boolean all, Consumer<Figures> sink) {
    Figures random = new Figures("random, mean of " + DRAWS, 0, 0, 0, 0, 0);
    for (int draw = 0; draw < DRAWS; draw++) {
      Map<String, double[]> drawn = scores.getOrDefault(random(draw), Map.of());
      random = random.plus(Figures.of("", metrics(drawn, all)), 1.0 / DRAWS);
    }
    sink.accept(random);
    scores.forEach(
        (name, by) -> {
          if (!name.startsWith("random ")) {
            sink.accept(Figures.of(name, metrics(by, all)));
          }
        });
  }

  private TestMetrics metrics(Map<String, double[]> by, boolean all) {
    TestMetrics metrics = new TestMetrics();
    for (TextTest test : tests) {
      double[] scored = by.get(test.id());
      boolean flawed = test.week() >= FLAWED_FROM && test.week() <= FLAWED_TO;
      if (scored != null && (all || !flawed)) {
        metrics.add(test, scored);
      }
    }
    return metrics;
  }
}
