package dev.proffer.ranker.artifact;

/** How the scores of a row become Tribuo's prediction. */
enum Link {
  /** As they are. */
  IDENTITY,
  /** One score, the log-odds of yes. */
  LOGISTIC,
  /** One score, which is Tribuo's of yes less that of no. */
  DIFFERENCE,
  /** Exponentials, as shares of their sum. */
  SOFTMAX,
  /** The logistic function of each, as shares of their sum. */
  LOGISTIC_SHARES;

  /** The prediction of one output, from the scores of a row. */
  double apply(float[] scores, int from, int outputs, int output) {
    return switch (this) {
      case IDENTITY, DIFFERENCE -> scores[from + output];
      case LOGISTIC -> logistic(scores[from + output]);
      case SOFTMAX -> {
        double sum = 0;
        for (int other = 0; other < outputs; other++) {
          sum += Math.exp(scores[from + other] - scores[from + output]);
        }
        yield 1 / sum;
      }
      case LOGISTIC_SHARES -> {
        double sum = 0;
        for (int other = 0; other < outputs; other++) {
          sum += logistic(scores[from + other]);
        }
        yield logistic(scores[from + output]) / sum;
      }
    };
  }

  private static double logistic(double score) {
    return 1 / (1 + Math.exp(-score));
  }
}
