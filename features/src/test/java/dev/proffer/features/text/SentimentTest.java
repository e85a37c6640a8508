package dev.proffer.features.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Beside {@code vader-sentences.tsv.gz}: 3,708 sentences of product reviews with the mean of 20
 * people's ratings (Hutto and Gilbert 2014, MIT licence; the sentences are those of Hu and Liu
 * 2004), 2,000 made-up ones, and what NLTK's VADER says of each. NLTK 3.10 with two changes: a word
 * that comes twice is judged where it stands, and marks around a word are stripped as the authors'
 * program 3.3 does.
 */
class SentimentTest {
  private record Sentence(String rating, double expected, String text) {}

  private static List<Sentence> sentences() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    Objects.requireNonNull(
                        SentimentTest.class.getResourceAsStream("vader-sentences.tsv.gz"))),
                StandardCharsets.UTF_8))) {
      return in.lines()
          .map(line -> line.split("\t", 3))
          .map(columns -> new Sentence(columns[0], Double.parseDouble(columns[1]), columns[2]))
          .toList();
    }
  }

  @Test
  void saysWhatAnotherProgramSays() throws IOException {
    List<Sentence> sentences = sentences();
    assertThat(sentences).hasSize(5_708);
    for (Sentence sentence : sentences) {
      assertThat(Sentiment.of(sentence.text()))
          .as(sentence.text())
          .isCloseTo(sentence.expected(), within(6e-5)); // it rounds to four digits
    }
  }

  /** As the authors' page of the program has them. */
  @Test
  void saysWhatItsAuthorsPublished() {
    Map.of(
            "VADER is smart, handsome, and funny.", 0.8316,
            "VADER is smart, handsome, and funny!", 0.8439,
            "VADER is very smart, handsome, and funny.", 0.8545,
            "VADER is VERY SMART, handsome, and FUNNY.", 0.9227,
            "VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342,
            "VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469,
            "VADER is not smart, handsome, nor funny.", -0.7424,
            "The book was good.", 0.4404,
            "At least it isn't a horrible book.", 0.431,
            "Today SUX!", -0.5461)
        .forEach(
            (text, score) ->
                assertThat(Sentiment.of(text)).as(text).isCloseTo(score, within(6e-5)));
  }

  /** The paper has 0.565 for these sentences; a plain sum of the words' valences 0.513. */
  @Test
  void agreesWithWhatPeopleFelt() throws IOException {
    List<Sentence> rated = sentences().stream().filter(s -> !s.rating().isEmpty()).toList();
    assertThat(rated).hasSize(3_708);
    double meanOfPeople =
        rated.stream().mapToDouble(s -> Double.parseDouble(s.rating())).average().orElse(0);
    double meanOfOurs = rated.stream().mapToDouble(s -> Sentiment.of(s.text())).average().orElse(0);
    double both = 0;
    double people = 0;
    double ours = 0;
    for (Sentence sentence : rated) {
      double one = Double.parseDouble(sentence.rating()) - meanOfPeople;
      double two = Sentiment.of(sentence.text()) - meanOfOurs;
      both += one * two;
      people += one * one;
      ours += two * two;
    }
    assertThat(both / Math.sqrt(people * ours)).isCloseTo(0.571, within(0.001));
  }

  @Test
  void isZeroWithoutWords() {
    for (String text : List.of("", " ", "!!!", "the a of", "?!", "least", "but")) {
      assertThat(Sentiment.of(text)).as(text).isZero();
    }
  }
}
