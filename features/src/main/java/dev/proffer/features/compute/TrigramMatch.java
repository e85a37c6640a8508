package dev.proffer.features.compute;

import dev.proffer.features.text.AskedTerms;
import dev.proffer.features.text.Terms;

/**
 * The different trigrams that both the text and what is asked for have, over those that either has
 * (Jaccard), as PostgreSQL's {@code pg_trgm} takes similarity.
 */
final class TrigramMatch extends TextMatch {
  private Terms terms = Terms.none();
  private int[] wanted = new int[64];
  private boolean[] isWanted = new boolean[256];
  private int size;
  private int different;

  TrigramMatch(Asking asking) {
    super(asking);
  }

  @Override
  void prepare(AskedTerms asked, Terms of) {
    for (int at = 0; at < size; at++) {
      isWanted[wanted[at]] = false;
    }
    terms = of;
    different = asked.size();
    if (isWanted.length < of.size()) {
      isWanted = new boolean[2 * of.size()];
    }
    if (wanted.length < different) {
      wanted = new int[2 * different];
    }
    size = 0;
    for (int at = 0; at < different; at++) {
      int term = asked.term(at);
      if (term >= 0) {
        wanted[size++] = term;
        isWanted[term] = true;
      }
    }
  }

  @Override
  float value(int item) {
    int begin = terms.begin(item);
    int end = terms.end(item);
    int both = 0;
    for (int place = begin; place < end; place++) {
      both += isWanted[terms.at(place)] ? 1 : 0;
    }
    return (float) both / (different + end - begin - both);
  }
}
