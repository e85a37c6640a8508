package dev.proffer.offline.texts;

import dev.proffer.features.text.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Texts as sparse vectors of length 1, by words in a row: how often each stands in the text times
 * {@code 1 + log((1 + texts) / (1 + texts that have it))}. What few texts have is left out.
 * Immutable.
 */
final class Ngrams {
  private static final String MARKS = "?!:";

  private final int most;
  private final Map<String, Integer> columns = new HashMap<>();
  private final double[] rarity;

  /** A vector's columns, ascending, and its values there. */
  record Vector(int[] columns, float[] values) {}

  /**
   * Learns which there are.
   *
   * @param most how many words in a row
   * @param least in how many texts one must stand
   */
  Ngrams(List<String> texts, int most, int least) {
    this.most = most;
    Map<String, Integer> having = new TreeMap<>();
    for (String text : texts) {
      for (String gram : new HashSet<>(grams(text))) {
        having.merge(gram, 1, Integer::sum);
      }
    }
    having.values().removeIf(count -> count < least);
    rarity = new double[having.size()];
    having.forEach(
        (gram, count) -> {
          int column = columns.size();
          columns.put(gram, column);
          rarity[column] = 1 + Math.log((1.0 + texts.size()) / (1.0 + count));
        });
  }

  int size() {
    return rarity.length;
  }

  /** The vector of a text; empty for one of which nothing is known. */
  Vector vector(String text) {
    Map<Integer, Integer> counts = new TreeMap<>();
    for (String gram : grams(text)) {
      Integer column = columns.get(gram);
      if (column != null) {
        counts.merge(column, 1, Integer::sum);
      }
    }
    int[] at = new int[counts.size()];
    double[] values = new double[at.length];
    double squares = 0;
    int filled = 0;
    for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
      at[filled] = entry.getKey();
      values[filled] = entry.getValue() * rarity[entry.getKey()];
      squares += values[filled] * values[filled];
      filled++;
    }
    double length = squares == 0 ? 1 : Math.sqrt(squares);
    float[] scaled = new float[at.length];
    for (int place = 0; place < scaled.length; place++) {
      scaled[place] = (float) (values[place] / length);
    }
    return new Vector(at, scaled);
  }

  private List<String> grams(String text) {
    List<String> words = words(text);
    List<String> grams = new ArrayList<>(words);
    for (int length = 2; length <= most; length++) {
      for (int from = 0; from + length <= words.size(); from++) {
        grams.add(String.join(" ", words.subList(from, from + length)));
      }
    }
    return grams;
  }

  /** The words in lower case, and the marks that say how a text is meant. */
  private static List<String> words(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> words = new ArrayList<>();
    int behind = 0;
    for (int begin = Words.begin(lower, 0); ; begin = Words.begin(lower, behind)) {
      for (int at = behind; at < begin; at++) {
        if (MARKS.indexOf(lower.charAt(at)) >= 0) {
          words.add(String.valueOf(lower.charAt(at)));
        }
      }
      if (begin == lower.length()) {
        return words;
      }
      behind = Words.end(lower, begin);
      words.add(lower.substring(begin, behind));
    }
  }
}
