package dev.proffer.features.compute;

import dev.proffer.features.text.AskedTerms;
import dev.proffer.features.text.Terms;

/**
 * The share of the searched words that the text has, while they are typed: the word that the search
 * ends in may be the beginning of one of the text's. Repeated words count again.
 */
final class PrefixMatch extends TextMatch {
  private Terms terms = Terms.none();
  private int[] from = new int[8];
  private int[] until = new int[8];
  private int[] counts = new int[8];
  private int size;
  private float length;

  PrefixMatch(Asking asking) {
    super(asking);
  }

  @Override
  void prepare(AskedTerms asked, Terms of) {
    terms = of;
    length = asked.length();
    if (from.length <= asked.size()) {
      from = new int[2 * asked.size()];
      until = new int[from.length];
      counts = new int[from.length];
    }
    size = 0;
    for (int at = 0; at < asked.size(); at++) {
      boolean last = at == asked.last() && asked.isOpen();
      int term = asked.term(at);
      add(term, term + 1, last ? asked.count(at) - 1 : asked.count(at));
      if (last) {
        add(of.from(asked.word(at)), of.until(asked.word(at)), 1);
      }
    }
  }

  private void add(int first, int end, int count) {
    if (first >= 0 && count > 0) {
      from[size] = first;
      until[size] = end;
      counts[size++] = count;
    }
  }

  @Override
  float value(int item) {
    int found = 0;
    int begin = terms.begin(item);
    int end = terms.end(item);
    for (int at = 0; at < size; at++) {
      for (int place = begin; place < end; place++) {
        int term = terms.at(place);
        if (term >= from[at] && term < until[at]) {
          found += counts[at];
          break;
        }
      }
    }
    return found / length;
  }
}
