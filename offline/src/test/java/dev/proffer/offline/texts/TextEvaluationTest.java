package dev.proffer.offline.texts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.proffer.configs.Problems;
import dev.proffer.features.compute.Contracts;
import dev.proffer.offline.train.XGBoostFit;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEvaluationTest {
  private static final String MODEL = ": this model, words and trees";
  private static final String HEADER =
      "package_id,test_id,test_week,headline,lede,excerpt,eyecatcher_id,impressions,clicks\n";
  private static final TextRanker.Options QUICK =
      new TextRanker.Options(
          new WordModel.Options(2, 3, 3, 0.5, 0.02),
          XGBoostFit.Objective.PAIRWISE,
          new ModelsSpec.Trees(20, 3, 0.2, 1, 1, 1, 1, 0),
          1,
          1);

  @TempDir Path dir;

  @Test
  void learnsWhichWordsAreClicked() {
    Map<String, Double> figures = evaluate(false);
    assertThat(figures.get("ndcg@10" + MODEL)).isGreaterThan(0.93);
    assertThat(figures.get("ndcg@10: words alone, ridge within tests")).isGreaterThan(0.93);
    assertThat(figures.get("pair accuracy" + MODEL)).isGreaterThan(0.85);
    assertThat(figures.get("top-1 lift" + MODEL)).isGreaterThan(0.2);
  }

  @Test
  void knowsNothingOfTheTestsItJudges() {
    // Clicks that no text tells of: what an outcome that leaked in would still tell.
    Map<String, Double> figures = evaluate(true);
    assertThat(figures.get("ndcg@10" + MODEL))
        .isCloseTo(figures.get("ndcg@10: random, mean of 20"), within(0.035));
    assertThat(figures.get("pair accuracy" + MODEL)).isBetween(0.43, 0.57);
  }

  private static Map<String, Double> evaluate(boolean byChance) {
    Problems problems = new Problems();
    Contracts contracts = Contracts.read(Path.of("../configs"), problems);
    assertThat(problems.found()).isEmpty();
    return TextEvaluation.of(tests(byChance), contracts, "headline", QUICK, share -> {}).figures();
  }

  /** Headlines of five words, of which "surprising" doubles the clicks and "boring" halves them. */
  private static List<TextTest> tests(boolean byChance) {
    SplittableRandom random = new SplittableRandom(5);
    List<String> vocabulary =
        List.of("a", "the", "of", "surprising", "boring", "cats", "dogs", "win", "lose", "never");
    List<TextTest> tests = new ArrayList<>();
    for (int test = 0; test < 300; test++) {
      List<TextTest.Variant> variants = new ArrayList<>();
      for (int one = 0; one < 4; one++) {
        StringBuilder headline = new StringBuilder();
        for (int word = 0; word < 5; word++) {
          headline.append(vocabulary.get(random.nextInt(vocabulary.size()))).append(' ');
        }
        String text = headline.toString();
        double rate = 0.02 + 0.01 * random.nextDouble();
        if (byChance) {
          rate *= random.nextBoolean() ? 2 : 1;
        } else {
          rate *= text.contains("surprising") ? 2 : 1;
          rate *= text.contains("boring") ? 0.5 : 1;
        }
        variants.add(
            new TextTest.Variant(
                test + "-" + one, text, "", "", "", 20_000, (long) (20_000 * rate)));
      }
      tests.add(new TextTest("test " + test, 0, variants));
    }
    return tests;
  }

  @Test
  void judgesAsTheDefinitionsSay() {
    TextTest test =
        new TextTest("t", 0, List.of(variant(10, 1000), variant(30, 1000), variant(16, 1000)));
    assertThat(test.grades()).containsExactly(0, 4, 1); // 4 * 6 / 20 + 0.5 = 1.7
    TestMetrics metrics = new TestMetrics();
    metrics.add(test, new double[] {0.5, 0.5, 1}); // the third, then the first before the second
    double discounted = 1 + 0 + 15 / 2.0; // 1 / log2(4) = 1/2
    double ideal = 15 + 1 / (Math.log(3) / Math.log(2));
    assertThat(metrics.ndcg(10)).isCloseTo(discounted / ideal, within(1e-12));
    assertThat(metrics.ndcg(3)).isCloseTo(discounted / ideal, within(1e-12));
    assertThat(metrics.ndcg(1)).isCloseTo(1 / 15.0, within(1e-12));
    assertThat(metrics.lift()).isCloseTo(16 / (56 / 3.0) - 1, within(1e-12));
    // z of 10 and 30 is 3.19, of 16 and 30 it is 2.09, of 10 and 16 it is 1.18.
    assertThat(metrics.pairs()).isEqualTo(2);
    assertThat(metrics.pairAccuracy()).isCloseTo(0.25, within(1e-12)); // a tie and a mistake
  }

  private static TextTest.Variant variant(long clicks, long impressions) {
    return new TextTest.Variant(clicks + "", "", "", "", "", impressions, clicks);
  }

  @Test
  void readsTestsThatTellAndNamesWhatIsWrong() throws IOException {
    Path file = dir.resolve("packages.csv");
    Files.writeString(
        file,
        HEADER
            + "p1,t1,201301,\"One, \",<p>x</p>,,i1,100,3\n"
            + "p2,t2,201302,same,,,i1,100,3\n"
            + "p3,t1,201301,Two,,,i1,100,4\n"
            + "p4,t2,201302,same,,,i1,100,3\n");
    List<TextTest> tests = TextTests.read(file);
    assertThat(tests).extracting(TextTest::id).containsExactly("t1");
    assertThat(tests.get(0).week()).isEqualTo(201301);
    assertThat(tests.get(0).variants())
        .extracting(TextTest.Variant::headline)
        .containsExactly("One, ", "Two");
    Files.writeString(file, HEADER + "p1,t1,201301,a,,,i,100,101\n");
    assertThatThrownBy(() -> TextTests.read(file))
        .hasMessageContaining("row 1: clicks is \"101\"; expected a whole number from 0 to 100");
    Files.writeString(file, HEADER + "p1,t1,201301,a,,,i,9,1\np1,t1,201301,b,,,i,9,2\n");
    assertThatThrownBy(() -> TextTests.read(file)).hasMessageContaining("row 2: package_id");
  }

  /**
   * The Upworthy Research Archive, its exploratory part (Matias et al. 2021, CC BY 4.0): {@code mvn
   * test -Dproffer.data.upworthy=FILE}. Skipped without it.
   */
  @Test
  void reachesMoreThanIsKnownOfThePublicArchive() throws IOException {
    String file = System.getProperty("proffer.data.upworthy", "");
    assumeTrue(!file.isEmpty(), "no -Dproffer.data.upworthy");
    TextEvaluation evaluation =
        TextEvaluation.of(
            Path.of(file),
            Contracts.read(Path.of("../configs"), new Problems()),
            "headline",
            share -> {});
    Map<String, Double> figures = evaluation.figures();
    assertThat(figures.get("ndcg@10: longest headline first")).isCloseTo(0.732, within(5e-4));
    assertThat(figures.get("pair accuracy: longest headline first"))
        .isCloseTo(0.536, within(5.1e-4));
    assertThat(figures.get("ndcg@10" + MODEL)).isBetween(0.7535, 0.78);
  }
}
