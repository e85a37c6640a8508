package dev.proffer.features.text;

import java.util.Arrays;

/**
 * How like the words asked for are to the terms of a catalog. Remembers what it found of late,
 * since candidates share words. Belongs to one thread.
 */
public final class NearWords {
  private static final int REMEMBERED = 1_024; // a power of two
  private final EditDistance distance = new EditDistance();
  private AskedTerms asked = new AskedTerms();
  private Terms terms = Terms.none();
  private long[] letters = new long[8];
  private int[] bounds = new int[8];

  // What was found of late, by word and term of one request.
  private final long[] requests = new long[REMEMBERED];
  private final long[] pairs = new long[REMEMBERED];
  private final double[] likenesses = new double[REMEMBERED];
  private long request;

  /**
   * Takes up what is asked for.
   *
   * @param most edits at most, whatever the word's length
   */
  public void set(AskedTerms askedNow, int most) {
    asked = askedNow;
    request++;
    terms = askedNow.terms();
    if (letters.length < asked.size()) {
      letters = new long[2 * asked.size()];
      bounds = new int[letters.length];
    }
    Arrays.setAll(letters, at -> at < asked.size() ? EditDistance.letters(asked.word(at)) : 0);
    for (int at = 0; at < asked.size(); at++) {
      bounds[at] = EditDistance.bound(asked.word(at).length(), most);
    }
  }

  /**
   * {@code 1 - edits / length of the longer word} when a term is within the bound of a word asked
   * for; else 0.
   */
  public double likeness(int at, int term) {
    if (asked.term(at) == term) {
      return 1;
    }
    int bound = bounds[at];
    if (bound == 0 || Long.bitCount(letters[at] ^ terms.letters(term)) > 2 * bound) {
      return 0;
    }
    int slot = (31 * term + at) & (REMEMBERED - 1);
    long pair = (long) at << 32 | term;
    if (requests[slot] != request || pairs[slot] != pair) {
      String word = asked.word(at);
      String other = terms.text(term);
      int edits = distance.of(word, other, bound);
      requests[slot] = request;
      pairs[slot] = pair;
      likenesses[slot] =
          edits > bound ? 0 : 1 - (double) edits / Math.max(word.length(), other.length());
    }
    return likenesses[slot];
  }
}
