package dev.proffer.ranker;

/**
 * Gives each candidate a score. Stateless, so any thread may share one; a compiled one allocates
 * nothing per row.
 */
public interface Scorer {
  /**
   * Writes {@link #outputs} scores a row into {@code scores}, row after row. Higher ranks first; on
   * finite or missing (NaN) features a score is finite.
   *
   * @param rows row-major feature values, at least {@code count * width()} long, in contract order
   * @param count how many rows to score
   * @param scores receives {@code count * outputs()} scores
   */
  void score(float[] rows, int count, float[] scores);

  /**
   * Adds what each feature contributed to one row's score to {@code contributions}, {@code width()}
   * long. With {@link #baseline} they sum to the score, up to rounding. Of a scorer with several
   * outputs they are those of the first; see {@link #output}.
   *
   * @throws UnsupportedOperationException when it cannot be known, which is so of a scorer that is
   *     not compiled
   */
  void contribute(float[] rows, int row, float[] contributions);

  /** The score of a row nothing is known of: what contributions are counted from. */
  float baseline();

  /** Features per row; equals the width of the contract the model was trained on. */
  int width();

  /** Scores per row: 1, but for models of several labels. */
  default int outputs() {
    return 1;
  }

  /**
   * The scorer of one output alone.
   *
   * @param number from 0 to {@code outputs() - 1}
   */
  default Scorer output(int number) {
    if (number != 0) {
      throw new IndexOutOfBoundsException("output " + number + " of 1");
    }
    return this;
  }

  /**
   * Whether it was compiled. One that was not asks the library that trained it: slow, allocating,
   * and never to be called on an event loop.
   */
  default boolean isCompiled() {
    return true;
  }
}
