package dev.proffer.offline.texts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * What the words of a headline, lede and excerpt say of how often it is clicked, beside the other
 * texts of its test: a regression of log-odds on n-grams within tests. A variant weighs by the
 * inverse of its sampling variance plus that between variants, so that few impressions tell little
 * and many do not drown the rest. Immutable.
 */
final class WordModel {
  /**
   * How it is fitted.
   *
   * @param most words in a row, of the headline
   * @param least in how many texts of the training tests an n-gram must stand
   * @param penalty of the ridge regression
   * @param beside how much lede and excerpt count beside the headline
   * @param spread the variance of log-odds between variants of a test
   */
  record Options(int most, int least, double penalty, double beside, double spread) {}

  private static final List<Function<TextTest.Variant, String>> TEXTS =
      List.of(TextTest.Variant::headline, one -> bare(one.lede()), TextTest.Variant::excerpt);

  private final Options options;
  private final List<Ngrams> ngrams = new ArrayList<>();
  private final double[] solution;

  WordModel(List<TextTest> tests, Options options) {
    this.options = options;
    List<TextTest.Variant> variants =
        tests.stream().flatMap(test -> test.variants().stream()).toList();
    int width = 0;
    for (Function<TextTest.Variant, String> text : TEXTS) {
      ngrams.add(new Ngrams(variants.stream().map(text).toList(), options.most(), options.least()));
      width += ngrams.get(ngrams.size() - 1).size();
    }
    double[] weights =
        variants.stream().mapToDouble(one -> 1 / (one.variance() + options.spread())).toArray();
    double mean = Arrays.stream(weights).average().orElse(1);
    solution =
        WithinRidge.fit(
            variants.stream().map(this::vector).toList(),
            tests.stream().mapToInt(TextTest::size).toArray(),
            width,
            variants.stream().mapToDouble(TextTest.Variant::logOdds).toArray(),
            Arrays.stream(weights).map(weight -> weight / mean).toArray(),
            options.penalty());
  }

  /** The score of each variant of a test, their mean taken off. */
  double[] scores(TextTest test) {
    double[] scores =
        test.variants().stream()
            .mapToDouble(one -> WithinRidge.score(vector(one), solution))
            .toArray();
    double mean = Arrays.stream(scores).average().orElse(0);
    return Arrays.stream(scores).map(score -> score - mean).toArray();
  }

  /** The vectors of the three texts behind one another. */
  private Ngrams.Vector vector(TextTest.Variant variant) {
    List<Ngrams.Vector> parts = new ArrayList<>();
    int length = 0;
    for (int text = 0; text < TEXTS.size(); text++) {
      parts.add(ngrams.get(text).vector(TEXTS.get(text).apply(variant)));
      length += parts.get(text).columns().length;
    }
    int[] columns = new int[length];
    float[] values = new float[length];
    int filled = 0;
    int before = 0;
    for (int text = 0; text < parts.size(); text++) {
      float scale = text == 0 ? 1 : (float) options.beside();
      for (int at = 0; at < parts.get(text).columns().length; at++) {
        columns[filled] = before + parts.get(text).columns()[at];
        values[filled++] = scale * parts.get(text).values()[at];
      }
      before += ngrams.get(text).size();
    }
    return new Ngrams.Vector(columns, values);
  }

  private static String bare(String html) {
    return html.replaceAll("<[^>]*>", " ");
  }
}
