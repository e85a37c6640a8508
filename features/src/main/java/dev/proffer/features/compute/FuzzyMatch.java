package dev.proffer.features.compute;

import dev.proffer.features.text.AskedTerms;
import dev.proffer.features.text.NearWords;
import dev.proffer.features.text.Terms;

/**
 * How like the words asked for are to those of the text, spelling mistakes forgiven: the mean over
 * the words asked for of the best {@code 1 - edits / length of the longer word} among the text's
 * words that are within the {@link dev.proffer.features.text.EditDistance#bound}, 0 where none is.
 */
final class FuzzyMatch extends TextMatch {
  private final int most;
  private final NearWords nearby = new NearWords();
  private AskedTerms asked = new AskedTerms();
  private Terms terms = Terms.none();

  FuzzyMatch(Asking asking, int most) {
    super(asking);
    this.most = most;
  }

  @Override
  void prepare(AskedTerms askedNow, Terms of) {
    asked = askedNow;
    terms = of;
    nearby.set(askedNow, most);
  }

  @Override
  float value(int item) {
    double sum = 0;
    for (int at = 0; at < asked.size(); at++) {
      double best = 0;
      for (int place = terms.begin(item); place < terms.end(item) && best < 1; place++) {
        best = Math.max(best, nearby.likeness(at, terms.at(place)));
      }
      sum += asked.count(at) * best;
    }
    return (float) (sum / asked.length());
  }
}
