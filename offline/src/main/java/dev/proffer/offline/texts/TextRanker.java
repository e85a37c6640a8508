package dev.proffer.offline.texts;

import dev.proffer.offline.train.Rows;
import dev.proffer.offline.train.XGBoostFit;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.Scorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Orders the variants of a test by what the words say and by boosted trees over their features,
 * that among them: the sum of both, each in units of its own spread. What the words say of a
 * training test comes from tests of other folds: from its own it would be trusted too much. Several
 * fits of trees by other seeds are averaged.
 */
final class TextRanker {
  /**
   * How it is fitted.
   *
   * @param fits how many fits by other seeds are averaged
   */
  record Options(
      WordModel.Options words,
      XGBoostFit.Objective objective,
      ModelsSpec.Trees trees,
      int fits,
      long seed) {}

  private static final double[] NONE = {};
  private static final int INNER_FOLDS = 5;

  /** Another division than that of the tests that are judged. */
  private static final int INNER_DIVISOR = 50;

  private final TextRows rows;
  private final WordModel words;
  private final List<Scorer> scorers = new ArrayList<>();
  private final double wordSpread;
  private final double treeSpread;

  TextRanker(TextRows rows, List<TextTest> tests, Options options) {
    this.rows = rows;
    words = new WordModel(tests, options.words());
    Map<String, double[]> said = new HashMap<>();
    for (int fold = 0; fold < INNER_FOLDS; fold++) {
      int out = fold;
      WordModel others =
          new WordModel(
              tests.stream().filter(test -> test.fold(INNER_DIVISOR, INNER_FOLDS) != out).toList(),
              options.words());
      tests.stream()
          .filter(test -> test.fold(INNER_DIVISOR, INNER_FOLDS) == out)
          .forEach(test -> said.put(test.id(), others.scores(test)));
    }
    Rows training = new Rows(rows.names().size());
    for (TextTest test : tests) {
      add(test, said.getOrDefault(test.id(), NONE), options, training);
    }
    for (int fit = 0; fit < options.fits(); fit++) {
      scorers.add(
          XGBoostFit.scorer(
              training, rows.names(), options.trees(), options.seed() + fit, options.objective()));
    }
    wordSpread = spread(tests.stream().map(test -> said.getOrDefault(test.id(), NONE)).toList());
    treeSpread =
        spread(
            tests.stream()
                .map(test -> trees(rows.of(test, said.getOrDefault(test.id(), NONE))))
                .toList());
  }

  private void add(TextTest test, double[] said, Options options, Rows training) {
    int[] grades = test.grades();
    double mean =
        test.variants().stream().mapToDouble(TextTest.Variant::logOdds).average().orElse(0);
    float[][] features = rows.of(test, said);
    for (int at = 0; at < features.length; at++) {
      TextTest.Variant one = test.variants().get(at);
      float label = options.objective().ranks() ? grades[at] : (float) (one.logOdds() - mean);
      float weight = (float) (1 / (one.variance() + options.words().spread()));
      training.add(features[at], 0, label, weight);
    }
    training.endGroup();
  }

  /** The score of each variant of a test. */
  double[] scores(TextTest test) {
    double[] said = words.scores(test);
    double[] scores = trees(rows.of(test, said));
    for (int at = 0; at < scores.length; at++) {
      scores[at] = scores[at] / treeSpread + said[at] / wordSpread;
    }
    return scores;
  }

  private double[] trees(float[][] features) {
    double[] scores = new double[features.length];
    float[] score = new float[1];
    for (int at = 0; at < features.length; at++) {
      for (Scorer scorer : scorers) {
        scorer.score(features[at], 1, score);
        scores[at] += score[0] / scorers.size();
      }
    }
    return scores;
  }

  /** The standard deviation of scores within their tests; 1 when they do not differ. */
  private static double spread(List<double[]> scores) {
    double squares = 0;
    int count = 0;
    for (double[] of : scores) {
      double mean = Arrays.stream(of).average().orElse(0);
      for (double score : of) {
        squares += (score - mean) * (score - mean);
        count++;
      }
    }
    return squares == 0 ? 1 : Math.sqrt(squares / count);
  }

  /** The part of the model that knows words alone. */
  WordModel words() {
    return words;
  }
}
