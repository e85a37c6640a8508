package dev.proffer.features.compute;

import dev.proffer.events.Item;
import dev.proffer.features.compute.Definitions.Case;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What the words of an item come to, by their definitions, from the plain texts. */
final class TextDefinitions {
  /** Of the words that texts are made of, what the lexicon says; none of them works on others. */
  private static final Map<String, Double> VALENCE =
      Map.of("great", 3.1, "nice", 1.8, "awful", -2.0, "horrible", -2.5);

  private TextDefinitions() {}

  static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (String text : List.of("title", "review", "colour")) {
      String p = "text: " + text;
      all.add(new Case("text-length", p, (d, i) -> text(d, text, i).length()));
      all.add(new Case("text-length", p + ", in: words", (d, i) -> words(text(d, text, i)).size()));
      all.add(
          new Case(
              "text-count",
              p + ", which: Great NICE",
              (d, i) ->
                  words(text(d, text, i)).stream()
                      .filter(word -> word.equals("great") || word.equals("nice"))
                      .count()));
      all.add(
          new Case(
              "text-count",
              p + ", of: characters, which: aE",
              (d, i) -> text(d, text, i).replaceAll("[^aE]", "").length()));
      all.add(
          new Case(
              "text-count",
              p + ", of: numbers",
              (d, i) -> words(text(d, text, i)).stream().filter(w -> w.matches("\\d.*")).count()));
      all.add(
          new Case(
              "text-count",
              p + ", of: capitals",
              (d, i) -> {
                String[] parts = text(d, text, i).split("[^\\p{L}\\p{Nd}]+");
                return Arrays.stream(parts).filter(w -> w.matches("\\p{Lu}{2,}")).count();
              }));
      all.add(new Case("text-prefix", p, (d, i) -> prefix(d, text, i)));
      for (boolean search : new boolean[] {false, true}) {
        String with = p + (search ? ", with: search" : "");
        all.add(new Case("text-bm25", with, (d, i) -> bm25(d, text, search, 1.2, 0.75, i)));
        all.add(
            new Case(
                "text-bm25", with + ", k1: 2, b: 0", (d, i) -> bm25(d, text, search, 2, 0, i)));
        all.add(new Case("text-fuzzy", with, (d, i) -> fuzzy(d, text, search, 2, i)));
        all.add(
            new Case("text-fuzzy", with + ", edits: 1", (d, i) -> fuzzy(d, text, search, 1, i)));
        all.add(new Case("text-trigrams", with, (d, i) -> trigrams(d, text, search, i)));
      }
    }
    all.add(new Case("text-length", "", (d, i) -> text(d, "title", i).length()));
    for (String text : List.of("title", "review")) {
      all.add(new Case("sentiment", "text: " + text, (d, i) -> sentiment(text(d, text, i))));
    }
    all.add(
        new Case(
            "helpful-ratio",
            "helpful: helpful, votes: votes, weight: 3",
            (d, i) -> {
              double[] sums = new double[2];
              for (Item item : d.items()) {
                if (votes(d, item.id())[0] <= votes(d, item.id())[1]) {
                  sums[0] += votes(d, item.id())[0];
                  sums[1] += votes(d, item.id())[1];
                }
              }
              double[] own = votes(d, i);
              return own[0] <= own[1]
                  ? (own[0] + 3 * sums[0] / sums[1]) / (own[1] + 3)
                  : Double.NaN;
            }));
    all.add(
        new Case(
            "helpful-ratio",
            "helpful: helpful, votes: votes, as: wilson, deviations: 1.5",
            (d, i) -> wilson(votes(d, i)[0], votes(d, i)[1], 1.5)));
    return all;
  }

  private static double[] votes(Definitions d, String id) {
    Item item = d.itemOf(id);
    Object helpful = item == null ? null : item.attributes().get("helpful");
    Object votes = item == null ? null : item.attributes().get("votes");
    return new double[] {
      helpful instanceof Long h ? h : Double.NaN, votes instanceof Long v ? v : Double.NaN
    };
  }

  /** The root below of (share - p)^2 = z^2 p (1 - p) / n, found by halving. */
  private static double wilson(double helped, double voted, double z) {
    if (!(helped <= voted)) {
      return Double.NaN;
    }
    double share = helped / voted;
    double low = 0;
    double high = share;
    for (int step = 0; step < 200; step++) {
      double middle = (low + high) / 2;
      boolean below = (share - middle) * (share - middle) > z * z * middle * (1 - middle) / voted;
      low = below ? middle : low;
      high = below ? high : middle;
    }
    return low;
  }

  private static String text(Definitions d, String name, String id) {
    Item item = d.itemOf(id);
    if (item == null) {
      return "";
    }
    Object text = name.equals("title") ? item.title() : item.attributes().get(name);
    return text == null ? "" : text.toString();
  }

  static List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{Nd}]+", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** What is asked for. */
  private static String asked(Definitions d, String name, boolean search) {
    if (d.query().context().contextType().equals("search")) {
      return d.query().context().context();
    }
    return search ? "" : text(d, name, d.current());
  }

  private static double bm25(
      Definitions d, String name, boolean search, double k1, double b, String id) {
    List<List<String>> texts =
        d.items().stream()
            .map(item -> words(text(d, name, item.id())))
            .filter(words -> !words.isEmpty())
            .toList();
    double mean = texts.stream().mapToInt(List::size).average().orElse(1);
    List<String> own = words(text(d, name, id));
    List<String> asked = words(asked(d, name, search));
    double sum = 0;
    for (String word : asked) {
      double having = texts.stream().filter(words -> words.contains(word)).count();
      double idf = Math.log(1 + (texts.size() - having + 0.5) / (having + 0.5));
      double tf = own.stream().filter(word::equals).count();
      sum += tf == 0 ? 0 : idf * tf / (tf + k1 * (1 - b + b * own.size() / mean));
    }
    return asked.isEmpty() ? Double.NaN : sum;
  }

  private static double prefix(Definitions d, String name, String id) {
    String text = asked(d, name, true);
    List<String> asked = words(text);
    List<String> own = words(text(d, name, id));
    double found = 0;
    for (int at = 0; at < asked.size(); at++) {
      String word = asked.get(at);
      boolean typing = at == asked.size() - 1 && text.toLowerCase(Locale.ROOT).endsWith(word);
      found += own.stream().anyMatch(o -> typing ? o.startsWith(word) : o.equals(word)) ? 1 : 0;
    }
    return asked.isEmpty() ? Double.NaN : found / asked.size();
  }

  private static double fuzzy(Definitions d, String name, boolean search, int most, String id) {
    List<String> asked = words(asked(d, name, search));
    double sum = 0;
    for (String word : asked) {
      int bound = Math.min(most, word.length() < 3 ? 0 : word.length() < 6 ? 1 : 2);
      sum +=
          words(text(d, name, id)).stream()
              .filter(own -> edits(word, own) <= bound)
              .mapToDouble(
                  own -> 1 - edits(word, own) / (double) Math.max(word.length(), own.length()))
              .max()
              .orElse(0);
    }
    return asked.isEmpty() ? Double.NaN : sum / asked.size();
  }

  /** By the recursion itself. */
  private static int edits(String one, String two) {
    int[][] least = new int[one.length() + 1][two.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= two.length(); j++) {
        if (i == 0 || j == 0) {
          least[i][j] = i + j;
          continue;
        }
        int other = one.charAt(i - 1) == two.charAt(j - 1) ? 0 : 1;
        int edits = least[i - 1][j - 1] + other;
        edits = Math.min(edits, least[i - 1][j] + 1);
        edits = Math.min(edits, least[i][j - 1] + 1);
        if (i > 1
            && j > 1
            && one.substring(i - 2, i)
                .equals(new StringBuilder(two.substring(j - 2, j)).reverse().toString())) {
          edits = Math.min(edits, least[i - 2][j - 2] + 1);
        }
        least[i][j] = edits;
      }
    }
    return least[one.length()][two.length()];
  }

  private static double trigrams(Definitions d, String name, boolean search, String id) {
    Set<String> asked = trigrams(asked(d, name, search));
    Set<String> own = trigrams(text(d, name, id));
    Set<String> both = new HashSet<>(asked);
    both.retainAll(own);
    own.addAll(asked);
    return asked.isEmpty() ? Double.NaN : (double) both.size() / own.size();
  }

  private static Set<String> trigrams(String text) {
    Set<String> trigrams = new HashSet<>();
    for (String word : words(text)) {
      String padded = "  " + word + " ";
      for (int at = 0; at + 3 <= padded.length(); at++) {
        trigrams.add(padded.substring(at, at + 3));
      }
    }
    return trigrams;
  }

  private static double sentiment(String text) {
    double sum = words(text).stream().mapToDouble(word -> VALENCE.getOrDefault(word, 0.0)).sum();
    return text.isBlank() ? Double.NaN : sum / Math.sqrt(sum * sum + 15);
  }
}
