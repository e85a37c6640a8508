package dev.proffer.features.compute;

import dev.proffer.features.text.Sentiment;
import dev.proffer.features.text.Terms;
import dev.proffer.features.text.TextField;
import dev.proffer.features.text.Words;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What an item's text says, and how it fits what the person asks for: the words of a search, or
 * else the same text of the item looked at. What the catalog alone decides is computed once a
 * catalog.
 */
final class TextTransformations {
  private static final TextMeasure SENTIMENT =
      text -> text.isBlank() ? Float.NaN : (float) Sentiment.of(text);

  private TextTransformations() {}

  static void register(Registry registry) {
    registry.ofPair(
        "text-bm25",
        "How well a text of the item (text: title, or an attribute that is text) matches what is"
            + " asked for, by BM25 with parameters k1 and b, without its constant factor, as Lucene"
            + " has it. Asked for is what was searched, or else the same text of the item looked at;"
            + " with: search takes searches alone. 0 when no word is shared, missing when nothing is"
            + " asked for.",
        d -> {
          Asking asking = Asking.read(d.parameters(), Terms.Kind.WORD);
          double k1 = d.parameters().number("k1", 1.2, 0, 100);
          double b = d.parameters().number("b", 0.75, 0, 1);
          return () -> new Bm25(asking, k1, b);
        });
    registry.ofPair(
        "text-prefix",
        "Share of the searched words that a text of the item has, the word that the search ends in"
            + " taken as the beginning of one; missing when nothing is searched for.",
        d -> {
          Asking asking =
              new Asking(new Terms.Column(Asking.field(d.parameters()), Terms.Kind.WORD), true);
          return () -> new PrefixMatch(asking);
        });
    registry.ofPair(
        "text-fuzzy",
        "How like the words asked for (as text-bm25 has them) are to those of a text of the item:"
            + " the mean of each one's best 1 - edits / length of the longer, an edit being one"
            + " character more, less or other, or two neighbours exchanged; at most edits of them,"
            + " 1 for words of up to 5 characters, none up to 2. 0 for what is further away, missing"
            + " when nothing is asked for.",
        d -> {
          Asking asking = Asking.read(d.parameters(), Terms.Kind.WORD);
          int most = d.parameters().integer("edits", 2, 0, 2);
          return () -> new FuzzyMatch(asking, most);
        });
    registry.ofPair(
        "text-trigrams",
        "Different trigrams of characters that a text of the item shares with what is asked for (as"
            + " text-bm25 has it), over all of both; words begin with two blanks and end with one."
            + " Missing when nothing is asked for.",
        d -> {
          Asking asking = Asking.read(d.parameters(), Terms.Kind.TRIGRAM);
          return () -> new TrigramMatch(asking);
        });
    registry.ofItem(
        "text-length",
        "Characters, or words, of a text of the item (text: title, or an attribute that is text); 0"
            + " for an item without it.",
        d -> {
          TextField field = Asking.field(d.parameters());
          boolean words = d.parameters().word("in", "characters", "words").equals("words");
          return measured(field, words ? Length.WORDS : Length.CHARACTERS);
        });
    registry.ofItem(
        "text-count",
        "How often something stands in a text of the item (text: title, or an attribute that is"
            + " text): of: words counts the words named in which, of: characters the characters in"
            + " which, of: numbers the words that begin with a digit, of: capitals the words of two"
            + " letters or more that are all in capitals. 0 for an item without the text.",
        d -> {
          TextField field = Asking.field(d.parameters());
          TextCount.Of of =
              TextCount.Of.valueOf(
                  d.parameters()
                      .word("of", "words", "characters", "numbers", "capitals")
                      .toUpperCase(Locale.ROOT));
          String which = of.needsWhich() ? d.parameters().text("which") : "";
          return measured(field, TextCount.of(of, which));
        });
    registry.ofItem(
        "sentiment",
        "How pleased a text of the item (English) sounds, from -1 to 1: VADER's compound score"
            + " (Hutto and Gilbert 2014); missing for an item without the text.",
        d -> {
          TextField field = Asking.field(d.parameters());
          return measured(field, SENTIMENT);
        });
    registry.ofItem(
        "helpful-ratio",
        "How many of an item's votes (votes) say that it helped (helpful): leaning on the ratio of"
            + " all items by a weight in votes (as: bayes), or the lower end of Wilson's interval of"
            + " deviations (as: wilson). Missing when the item lacks either, or has more helpful"
            + " votes than votes.",
        d -> {
          String helpful = d.parameters().text("helpful");
          String votes = d.parameters().text("votes");
          HelpfulRatio.As as =
              HelpfulRatio.As.valueOf(
                  d.parameters().word("as", "bayes", "wilson").toUpperCase(Locale.ROOT));
          double parameter =
              as == HelpfulRatio.As.BAYES
                  ? d.parameters().number("weight", 10, 0.001, 1e9)
                  : d.parameters().number("deviations", 1.96, 0.001, 100);
          HelpfulRatio ratio = new HelpfulRatio(helpful, votes, as, parameter);
          return () -> new FloatColumn<>(ratio, (values, item) -> values[item]);
        });
  }

  private static Supplier<Transformation> measured(TextField field, TextMeasure measure) {
    return () -> new FloatColumn<>(new TextColumn(field, measure), TextColumn.Values::of);
  }

  private enum Length implements TextMeasure {
    CHARACTERS {
      @Override
      public float of(String text) {
        return text.length();
      }
    },
    WORDS {
      @Override
      public float of(String text) {
        return Words.count(text);
      }
    }
  }
}
