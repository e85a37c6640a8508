package dev.proffer.features.compute;

import dev.proffer.features.text.AskedTerms;
import dev.proffer.features.text.Terms;

/**
 * How well a text of the item fits what the person asks for; missing when nothing is asked for.
 * What is asked for is looked up once a request, a candidate's terms are read as they stand.
 */
abstract class TextMatch implements Transformation.OfCandidate {
  private final Asking asking;
  private boolean missing;

  TextMatch(Asking asking) {
    this.asking = asking;
  }

  @Override
  public void prepare(FeatureInput in) {
    AskedTerms asked = in.asked(asking);
    missing = asked.length() == 0;
    if (!missing) {
      prepare(asked, asked.terms());
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    return missing ? Float.NaN : value(item);
  }

  abstract void prepare(AskedTerms asked, Terms terms);

  abstract float value(int item);
}
