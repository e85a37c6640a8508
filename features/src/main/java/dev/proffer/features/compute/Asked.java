package dev.proffer.features.compute;

import dev.proffer.features.text.AskedTerms;

/** The terms of one asking, looked up once a request. Belongs to one input. */
final class Asked {
  private final Asking asking;
  private final FeatureInput in;
  private final AskedTerms terms = new AskedTerms();
  private int request = -1;

  Asked(Asking asking, FeatureInput in) {
    this.asking = asking;
    this.in = in;
  }

  AskedTerms now() {
    if (request != in.request()) {
      request = in.request();
      asking.look(in, terms);
    }
    return terms;
  }
}
