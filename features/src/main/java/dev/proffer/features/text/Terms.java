package dev.proffer.features.text;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;
import dev.proffer.features.state.HashNumbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The terms of one text of all items: which each has and how often, and how many items have each.
 * Terms are numbers from 0 in the order of their texts (by UTF-16 unit), so that all that begin
 * alike stand together. Immutable; reading allocates nothing.
 */
public final class Terms {
  /** What a term is. */
  public enum Kind {
    /** A run of letters and digits, in lower case. */
    WORD,
    /**
     * Three characters in a row of a word in lower case, with two blanks before the word and one
     * behind it, as PostgreSQL's pg_trgm has them.
     */
    TRIGRAM
  }

  /**
   * The terms of a catalog.
   *
   * @param field which text
   * @param kind what a term is
   */
  public record Column(TextField field, Kind kind) implements CatalogColumn<Terms> {
    @Override
    public Terms of(Catalog catalog, @Nullable Terms before) {
      return new Terms(catalog, this);
    }
  }

  private static final Terms NONE =
      new Terms(Catalog.EMPTY, new Column(new TextField(TextField.TITLE), Kind.WORD));

  private final Kind kind;
  private final HashNumbers raw = new HashNumbers(); // by hash, in the order they came
  private final int[] numbers; // by raw number
  private final String[] texts;
  private final long[] letters;
  private final int[] starts;
  private final int[] terms;
  private final int[] counts;
  private final int[] lengths;
  private final int[] having;
  private final int documents;
  private final double meanLength;

  private Terms(Catalog catalog, Column column) {
    kind = column.kind;
    Reading reading = new Reading(catalog.size());
    for (int item = 0; item < catalog.size(); item++) {
      reading.item(item, column.field.of(catalog.item(item)));
    }
    starts = reading.starts;
    lengths = reading.lengths;
    terms = Arrays.copyOf(reading.terms, reading.size);
    counts = Arrays.copyOf(reading.counts, reading.size);
    texts = reading.texts.toArray(new String[0]);
    Arrays.sort(texts);
    numbers = new int[texts.length];
    for (int at = 0; at < texts.length; at++) {
      numbers[at] = Arrays.binarySearch(texts, reading.texts.get(at));
    }
    having = new int[texts.length];
    for (int at = 0; at < terms.length; at++) {
      terms[at] = numbers[terms[at]];
      having[terms[at]]++;
    }
    letters = new long[texts.length];
    Arrays.setAll(letters, term -> EditDistance.letters(texts[term]));
    int with = 0;
    long occurrences = 0;
    for (int length : lengths) {
      with += length > 0 ? 1 : 0;
      occurrences += length;
    }
    documents = with;
    meanLength = with == 0 ? 0 : (double) occurrences / with;
  }

  /** The words of no items. */
  public static Terms none() {
    return NONE;
  }

  /** The items' texts as they are read. */
  private final class Reading implements Taker {
    private final List<String> texts = new ArrayList<>();
    private final int[] starts;
    private final int[] lengths;
    private int[] terms = new int[256];
    private int[] counts = new int[256];
    private int size;
    private int first;

    Reading(int items) {
      starts = new int[items + 1];
      lengths = new int[items];
    }

    void item(int item, String text) {
      first = size;
      lengths[item] = each(kind, text, this);
      starts[item + 1] = size;
    }

    @Override
    public void take(long hash, String text, int begin, int end) {
      int number = raw.get(hash);
      if (number == HashNumbers.NONE) {
        number = texts.size();
        raw.put(hash, number);
        texts.add(spelled(kind, text, begin, end));
      }
      for (int at = first; at < size; at++) {
        if (terms[at] == number) {
          counts[at]++;
          return;
        }
      }
      if (size == terms.length) {
        terms = Arrays.copyOf(terms, 2 * size);
        counts = Arrays.copyOf(counts, 2 * size);
      }
      terms[size] = number;
      counts[size++] = 1;
    }
  }

  /** Is told of each term of a text, in order. */
  interface Taker {
    /**
     * One term.
     *
     * @param begin where it begins in the text; below where the word begins for the blanks of a
     *     trigram
     * @param end behind its last character
     */
    void take(long hash, String text, int begin, int end);
  }

  /** Tells of each term of a text; returns how many there are. */
  static int each(Kind kind, String text, Taker taker) {
    int count = 0;
    for (int begin = Words.begin(text, 0); begin < text.length(); ) {
      int end = Words.end(text, begin);
      if (kind == Kind.WORD) {
        taker.take(Words.hash(text, begin, end), text, begin, end);
        count++;
      } else {
        // Blanks as numbers of their own: what stands beside the word does not matter.
        long window = 0;
        for (int at = begin; at <= end; at++) {
          long letter = at == end ? 0 : 1 + Character.toLowerCase(text.charAt(at));
          window = (window << 20 | letter) & (1L << 60) - 1;
          taker.take(window, text, at - 2, at + 1);
          count++;
        }
      }
      begin = Words.begin(text, end);
    }
    return count;
  }

  /** The text of a term: a blank where a trigram reaches beyond its word. */
  static String spelled(Kind kind, String text, int begin, int end) {
    if (kind == Kind.WORD) {
      return Words.lower(text, begin, end);
    }
    StringBuilder three = new StringBuilder(3);
    boolean inside = true;
    for (int at = end - 2; at >= begin; at--) {
      inside = inside && at >= 0 && Words.isWord(text.charAt(at));
      three.insert(0, inside ? Character.toLowerCase(text.charAt(at)) : ' ');
    }
    boolean last = end - 1 < text.length() && Words.isWord(text.charAt(end - 1));
    return three.append(last ? Character.toLowerCase(text.charAt(end - 1)) : ' ').toString();
  }

  Kind kind() {
    return kind;
  }

  /** The term of a hash as {@link #each} tells it; -1 when no item has it. */
  int term(long hash) {
    int number = raw.get(hash);
    return number == HashNumbers.NONE ? -1 : numbers[number];
  }

  /** How many different terms there are. */
  public int size() {
    return texts.length;
  }

  /** A term's text, in lower case. */
  public String text(int term) {
    return texts[term];
  }

  /** The letters of a term, as {@link EditDistance#letters} marks them. */
  long letters(int term) {
    return letters[term];
  }

  /** Where an item's different terms begin, by {@link #at} and {@link #count}. */
  public int begin(int item) {
    return starts[item];
  }

  /** Behind an item's last term. */
  public int end(int item) {
    return starts[item + 1];
  }

  /** The term at a place. */
  public int at(int place) {
    return terms[place];
  }

  /** How often the item has the term at a place. */
  public int count(int place) {
    return counts[place];
  }

  /** How many terms an item has, repeated ones counted again. */
  public int length(int item) {
    return lengths[item];
  }

  /** How many items have a term. */
  public int having(int term) {
    return having[term];
  }

  /** How many items have any term. */
  public int documents() {
    return documents;
  }

  /** The mean {@link #length} of the items that have any term; 0 when none has. */
  public double meanLength() {
    return meanLength;
  }

  /** The first term that is not below a text; all that begin with it stand from there on. */
  public int from(String text) {
    int found = Arrays.binarySearch(texts, text);
    return found < 0 ? -found - 1 : found;
  }

  /** Behind the last term that begins with a text. */
  public int until(String prefix) {
    return from(prefix + Character.MAX_VALUE);
  }
}
