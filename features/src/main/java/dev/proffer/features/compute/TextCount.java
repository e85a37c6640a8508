package dev.proffer.features.compute;

import dev.proffer.features.text.Words;
import java.util.HashSet;
import java.util.Set;

/**
 * How often something stands in a text.
 *
 * @param which the characters; empty for all but these
 * @param named the hashes of the words; empty for all but these
 */
record TextCount(Of of, String which, Set<Long> named) implements TextMeasure {
  /** What is counted. */
  enum Of {
    WORDS,
    CHARACTERS,
    NUMBERS,
    CAPITALS;

    boolean needsWhich() {
      return this == WORDS || this == CHARACTERS;
    }
  }

  /**
   * Makes one.
   *
   * @param which the words, parted by what is no part of a word and alike in upper and lower case,
   *     or the characters; empty for what needs none
   */
  static TextCount of(Of of, String which) {
    Set<Long> named = new HashSet<>();
    for (int at = Words.begin(which, 0); of == Of.WORDS && at < which.length(); ) {
      int end = Words.end(which, at);
      named.add(Words.hash(which, at, end));
      at = Words.begin(which, end);
    }
    return new TextCount(of, of == Of.CHARACTERS ? which : "", Set.copyOf(named));
  }

  @Override
  public float of(String text) {
    return of == Of.CHARACTERS ? characters(text) : words(text);
  }

  private int characters(String text) {
    return (int) text.chars().filter(character -> which.indexOf(character) >= 0).count();
  }

  private int words(String text) {
    int count = 0;
    for (int begin = Words.begin(text, 0); begin < text.length(); ) {
      int end = Words.end(text, begin);
      boolean counts =
          switch (of) {
            case WORDS -> named.contains(Words.hash(text, begin, end));
            case NUMBERS -> Character.isDigit(text.charAt(begin));
            case CAPITALS -> isCapitals(text, begin, end);
            case CHARACTERS -> false;
          };
      count += counts ? 1 : 0;
      begin = Words.begin(text, end);
    }
    return count;
  }

  private static boolean isCapitals(String text, int begin, int end) {
    for (int at = begin; at < end; at++) {
      if (!Character.isUpperCase(text.charAt(at))) {
        return false;
      }
    }
    return end - begin >= 2;
  }
}
