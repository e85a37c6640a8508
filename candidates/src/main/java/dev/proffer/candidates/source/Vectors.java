package dev.proffer.candidates.source;

/** Where the nearest of a version of a table's vectors are found. Any thread may ask. */
public interface Vectors {
  /**
   * Vectors of a table.
   *
   * @param dimensions floats of each
   */
  record Of(String table, String column, int dimensions) {}

  /** Whose vectors, and how near is measured. */
  record Wanted(Of of, boolean cosine) {}

  /**
   * The rows of the vectors nearest to one, nearest first.
   *
   * @param into as long as rows are wanted
   * @return how many there are
   */
  int nearest(float[] vector, int[] into);

  /** The {@link dev.proffer.events.Hash64} of the id a row is of. */
  long idHash(int row);

  /** The vector of the id of that hash; false when there is none. */
  boolean vector(long idHash, float[] into);
}
