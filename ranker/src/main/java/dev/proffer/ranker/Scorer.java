package dev.proffer.ranker;

/**
 * Gives each candidate a score. Stateless, so any thread may share one; allocates nothing per row.
 */
public interface Scorer {
  /**
   * Writes one score per row into {@code scores}. Higher ranks first; on finite or missing (NaN)
   * features a score is finite.
   *
   * @param rows row-major feature values, at least {@code count * width()} long, in contract order
   * @param count how many rows to score
   * @param scores receives {@code count} scores
   */
  void score(float[] rows, int count, float[] scores);

  /**
   * Adds what each feature contributed to one row's score to {@code contributions}, {@code width()}
   * long. With {@link #baseline} they sum to the score, up to rounding.
   */
  void contribute(float[] rows, int row, float[] contributions);

  /** The score of a row nothing is known of: what contributions are counted from. */
  float baseline();

  /** Features per row; equals the width of the contract the model was trained on. */
  int width();
}
