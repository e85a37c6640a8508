package dev.proffer.ranker;

/**
 * Scores many rows in two passes: the first trees of a model over all, the other trees over the
 * best of these. A kept row has its whole score, to the bit; the others stand behind all kept ones,
 * in the order of the first pass (two-stage cascade; Wang, Lin and Metzler, SIGIR 2011). A model
 * that is not made of trees, or of no more than the first pass takes, scores everything.
 *
 * <p>Allocates nothing once its arrays have grown. Belongs to one thread.
 */
public final class Cascade {
  private final Passes passes;
  private final TopK topK = new TopK();
  private int[] kept = new int[0];
  private float[] rowsKept = new float[0];
  private float[] scoresKept = new float[0];

  /**
   * What each pass does.
   *
   * @param trees how many trees the first pass takes
   * @param keep how many rows come into the second; 0 for one pass over everything
   */
  public record Passes(int trees, int keep) {
    /** One pass. */
    public static final Passes ONE = new Passes(0, 0);
  }

  public Cascade(Passes passes) {
    this.passes = passes;
  }

  /**
   * Scores as {@link Scorer#score} does.
   *
   * @param ties a number a row, unique and not negative; of equal first scores the smaller is kept
   */
  public void score(Scorer scorer, float[] rows, int[] ties, int count, float[] scores) {
    if (!(scorer instanceof TreeScorer trees)
        || passes.keep() == 0
        || count <= passes.keep()
        || trees.trees() <= passes.trees()) {
      scorer.score(rows, count, scores);
      return;
    }
    int keep = passes.keep();
    int width = trees.width();
    if (kept.length < keep || rowsKept.length < keep * width) {
      kept = new int[keep];
      rowsKept = new float[keep * width];
      scoresKept = new float[keep];
    }
    trees.begin(rows, count, passes.trees(), scores);
    topK.select(scores, ties, count, keep, kept);
    for (int at = 0; at < keep; at++) {
      System.arraycopy(rows, kept[at] * width, rowsKept, at * width, width);
      scoresKept[at] = scores[kept[at]];
    }
    // The least that was kept parts the two: nothing else stands above it.
    float parting = scores[kept[keep - 1]];
    trees.goOn(rowsKept, keep, passes.trees(), scoresKept);
    float least = scoresKept[0];
    for (int at = 1; at < keep; at++) {
      least = Math.min(least, scoresKept[at]);
    }
    float behind = Math.nextDown(least);
    float shift = behind - parting;
    for (int row = 0; row < count; row++) {
      scores[row] = Math.min(behind, scores[row] + shift);
    }
    for (int at = 0; at < keep; at++) {
      scores[kept[at]] = scoresKept[at];
    }
  }
}
