package dev.proffer.features.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * How pleased an English text sounds, from -1 to 1, by a lexicon and rules: VADER (Hutto and
 * Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text",
 * ICWSM 2014), its compound score. The lexicon is theirs (MIT licence, beside it).
 *
 * <p>A word's valence grows or shrinks by what stands up to three words before it (degree adverbs,
 * negations, "never so"), by capitals where not all is in capitals, and by idioms; what stands
 * behind "but" counts half as much again, what stands before it half. Their sum grows by
 * exclamation and question marks, and is brought between -1 and 1 as {@code s / sqrt(s^2 + 15)}.
 * The numbers are those of the paper and of its authors' program; emoji are not read.
 *
 * <p>For building snapshots: it allocates. Immutable; safe to share.
 */
public final class Sentiment {
  private static final double DEGREE = 0.293;
  private static final double CAPITALS = 0.733;
  private static final double NEGATION = -0.74;
  private static final double EXCLAMATION = 0.292;
  private static final double QUESTION = 0.18;
  private static final double MANY_QUESTIONS = 0.96;
  private static final double ALPHA = 15;

  /** How much of a degree adverb is felt from one, two, three words before. */
  private static final double[] FELT = {1, 0.95, 0.9};

  private static final Set<String> NEGATIONS =
      words(
          "aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt"
              + " mustnt neither neednt never none nope nor not nothing nowhere oughtnt shant"
              + " shouldnt uhuh uh-uh wasnt werent without wont wouldnt rarely seldom despite");

  private static final Set<String> MORE =
      words(
          "absolutely amazingly awfully completely considerably decidedly deeply effing enormously"
              + " entirely especially exceptionally extremely fabulously flipping flippin fricking"
              + " frickin frigging friggin fully fucking greatly hella highly hugely incredibly"
              + " intensely majorly more most particularly purely quite really remarkably so"
              + " substantially thoroughly totally tremendously uber unbelievably unusually utterly"
              + " very");

  private static final Set<String> LESS =
      words(
          "almost barely hardly kinda kindof kind-of less little marginally occasionally partly"
              + " scarcely slightly somewhat sorta sortof sort-of");

  private static final Set<String> LESS_IN_TWO_WORDS = Set.of("just enough", "kind of", "sort of");

  private static final Map<String, Double> IDIOMS =
      Map.of(
          "the shit", 3.0,
          "the bomb", 3.0,
          "bad ass", 1.5,
          "yeah right", -2.0,
          "cut the mustard", 2.0,
          "kiss of death", -1.5,
          "hand to mouth", -2.0);

  private static final Map<String, Double> LEXICON = lexicon();

  private final String[] words; // as written
  private final String[] lower;
  private final boolean capitalsTell;

  private Sentiment(String text) {
    words =
        Arrays.stream(text.split("\\s+"))
            .filter(word -> !word.isEmpty())
            .map(Sentiment::bare)
            .toArray(String[]::new);
    lower = Arrays.stream(words).map(w -> w.toLowerCase(Locale.ROOT)).toArray(String[]::new);
    long inCapitals = Arrays.stream(words).filter(Sentiment::inCapitals).count();
    capitalsTell = inCapitals > 0 && inCapitals < words.length;
  }

  /** The text's compound score; 0 for a text without a word of the lexicon. */
  public static double of(String text) {
    double sum = new Sentiment(text).sum();
    sum += Math.signum(sum) * emphasis(text);
    return sum / Math.sqrt(sum * sum + ALPHA);
  }

  private double sum() {
    int but = Arrays.asList(lower).indexOf("but");
    double sum = 0;
    for (int at = 0; at < words.length; at++) {
      double weight = but < 0 || at == but ? 1 : at < but ? 0.5 : 1.5;
      sum += weight * valence(at);
    }
    return sum;
  }

  private double valence(int at) {
    Double plain = LEXICON.get(lower[at]);
    if (plain == null || degree(at) != 0 || (lower[at].equals("kind") && follows(at, "of"))) {
      return 0;
    }
    double valence = plain;
    if (stressed(at)) {
      valence += valence > 0 ? CAPITALS : -CAPITALS;
    }
    for (int back = 1; back <= FELT.length && back <= at; back++) {
      if (!LEXICON.containsKey(lower[at - back])) {
        valence += FELT[back - 1] * push(at - back, valence);
        valence *= turn(at, back);
        valence = back == FELT.length ? idiom(at, valence) : valence;
      }
    }
    return least(at) ? valence * NEGATION : valence;
  }

  private boolean follows(int at, String word) {
    return at + 1 < lower.length && lower[at + 1].equals(word);
  }

  /** 1 for a word that strengthens, -1 for one that weakens. */
  private int degree(int at) {
    return MORE.contains(lower[at]) ? 1 : LESS.contains(lower[at]) ? -1 : 0;
  }

  /** How far a degree adverb moves a valence. */
  private double push(int at, double valence) {
    int degree = degree(at);
    if (degree == 0) {
      return 0;
    }
    double push = degree * (valence < 0 ? -DEGREE : DEGREE);
    return stressed(at) ? push + (valence > 0 ? CAPITALS : -CAPITALS) : push;
  }

  /** What a valence is multiplied by for a negation, or for "never so", so many words before. */
  private double turn(int at, int back) {
    if (back == 2 && lower[at - 2].equals("never") && soOrThis(at - 1)) {
      return 1.5;
    }
    // "so" right before counts here too, as in the authors' program.
    if (back == 3 && ((lower[at - 3].equals("never") && soOrThis(at - 2)) || soOrThis(at - 1))) {
      return 1.25;
    }
    String word = lower[at - back];
    return NEGATIONS.contains(word) || word.contains("n't") ? NEGATION : 1;
  }

  private boolean soOrThis(int at) {
    return lower[at].equals("so") || lower[at].equals("this");
  }

  /** The valence of an idiom that the word is part of; needs three words before. */
  private double idiom(int at, double valence) {
    double of = valence;
    for (String idiom :
        List.of(
            from(at - 1, 2), from(at - 2, 3), from(at - 2, 2), from(at - 3, 3), from(at - 3, 2))) {
      Double known = IDIOMS.get(idiom);
      if (known != null) {
        of = known;
        break;
      }
    }
    of = IDIOMS.getOrDefault(from(at, 2), of);
    of = IDIOMS.getOrDefault(from(at, 3), of);
    boolean less =
        LESS_IN_TWO_WORDS.contains(from(at - 3, 2)) || LESS_IN_TWO_WORDS.contains(from(at - 2, 2));
    return less ? of - DEGREE : of;
  }

  private String from(int begin, int count) {
    return begin + count > lower.length
        ? ""
        : String.join(" ", Arrays.copyOfRange(lower, begin, begin + count));
  }

  /** Whether "least", and not "at least" or "very least", stands before. */
  private boolean least(int at) {
    return at > 0
        && lower[at - 1].equals("least")
        && !(at > 1 && (lower[at - 2].equals("at") || lower[at - 2].equals("very")));
  }

  private boolean stressed(int at) {
    return capitalsTell && inCapitals(words[at]);
  }

  private static double emphasis(String text) {
    long exclamations = text.chars().filter(c -> c == '!').count();
    long questions = text.chars().filter(c -> c == '?').count();
    double asked = questions < 2 ? 0 : questions <= 3 ? questions * QUESTION : MANY_QUESTIONS;
    return Math.min(4, exclamations) * EXCLAMATION + asked;
  }

  private static boolean inCapitals(String word) {
    boolean any = false;
    for (int at = 0; at < word.length(); at++) {
      char letter = word.charAt(at);
      if (Character.isLowerCase(letter)) {
        return false;
      }
      any = any || Character.isUpperCase(letter);
    }
    return any;
  }

  /** Without the marks around it, unless it is a face made of marks. */
  private static String bare(String token) {
    int begin = 0;
    int end = token.length();
    while (begin < end && isMark(token.charAt(begin))) {
      begin++;
    }
    while (end > begin && isMark(token.charAt(end - 1))) {
      end--;
    }
    return end - begin <= 2 ? token : token.substring(begin, end);
  }

  private static boolean isMark(char c) {
    boolean letterOrDigit =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return c > ' ' && c < 127 && !letterOrDigit;
  }

  private static Set<String> words(String words) {
    return Set.of(words.split(" "));
  }

  private static Map<String, Double> lexicon() {
    Map<String, Double> lexicon = new HashMap<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    Objects.requireNonNull(
                        Sentiment.class.getResourceAsStream("vader-lexicon.tsv.gz"))),
                StandardCharsets.UTF_8))) {
      in.lines()
          .map(line -> line.split("\t"))
          .forEach(columns -> lexicon.put(columns[0], Double.valueOf(columns[1])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(lexicon);
  }
}
