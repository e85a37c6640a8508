package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;
import dev.proffer.features.text.TextField;
import dev.proffer.features.text.Words;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How often something stands in a text of every item.
 *
 * @param which the words, parted by what is no part of a word and alike in upper and lower case, or
 *     the characters; empty for what needs none
 */
record TextCount(TextField field, Of of, String which) implements CatalogColumn<float[]> {
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

  @Override
  public float[] of(Catalog catalog, float @Nullable [] before) {
    Set<Long> named = new HashSet<>();
    for (int at = Words.begin(which, 0); at < which.length(); ) {
      int end = Words.end(which, at);
      named.add(Words.hash(which, at, end));
      at = Words.begin(which, end);
    }
    float[] counts = new float[catalog.size()];
    for (int item = 0; item < counts.length; item++) {
      String text = field.of(catalog.item(item));
      counts[item] = of == Of.CHARACTERS ? characters(text) : words(text, named);
    }
    return counts;
  }

  private int characters(String text) {
    return (int) text.chars().filter(character -> which.indexOf(character) >= 0).count();
  }

  private int words(String text, Set<Long> named) {
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
