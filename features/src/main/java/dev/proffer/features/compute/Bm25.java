package dev.proffer.features.compute;

import dev.proffer.features.text.AskedTerms;
import dev.proffer.features.text.Terms;

/**
 * Okapi BM25 over the catalog's texts: the sum over the words asked for, repeated ones added again,
 * of {@code idf * tf / (tf + k1 * (1 - b + b * length / mean length))} with {@code idf = ln(1 + (N
 * - n + 0.5) / (n + 0.5))}; N texts, n of them with the word. Without the constant factor {@code k1
 * + 1}, as Lucene has it since 8.0.
 *
 * <p>Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
 * Foundations and Trends in Information Retrieval 2009.
 */
final class Bm25 extends TextMatch {
  private final double k1;
  private final double b;
  private Terms terms = Terms.none();
  private double[] weights = new double[64]; // by term; 0 for what is not asked for
  private int[] wanted = new int[8];
  private int size;
  private double flat;
  private double slope;

  Bm25(Asking asking, double k1, double b) {
    super(asking);
    this.k1 = k1;
    this.b = b;
  }

  @Override
  void prepare(AskedTerms asked, Terms of) {
    for (int at = 0; at < size; at++) {
      weights[wanted[at]] = 0;
    }
    size = 0;
    terms = of;
    if (weights.length < of.size()) {
      weights = new double[of.size() * 5 / 4];
    }
    if (wanted.length < asked.size()) {
      wanted = new int[2 * asked.size()];
    }
    for (int at = 0; at < asked.size(); at++) {
      int term = asked.term(at);
      if (term >= 0) {
        double having = of.having(term);
        wanted[size++] = term;
        weights[term] =
            asked.count(at) * StrictMath.log1p((of.documents() - having + 0.5) / (having + 0.5));
      }
    }
    flat = k1 * (1 - b);
    slope = of.meanLength() == 0 ? 0 : k1 * b / of.meanLength();
  }

  @Override
  float value(int item) {
    double norm = flat + slope * terms.length(item);
    double sum = 0;
    int end = terms.end(item);
    for (int place = terms.begin(item); place < end; place++) {
      double weight = weights[terms.at(place)];
      if (weight != 0) {
        int count = terms.count(place);
        sum += weight * count / (count + norm);
      }
    }
    return (float) sum;
  }
}
