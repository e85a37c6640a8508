package dev.proffer.features.text;

/**
 * How many edits part two words: one character put in, left out or replaced, or two neighbours
 * exchanged (Damerau 1964; the restricted form, "optimal string alignment", that edits no part
 * twice). Keeps scratch memory; belongs to one thread.
 */
public final class EditDistance {
  private int[] before = new int[32];
  private int[] last = new int[32];
  private int[] row = new int[32];

  /**
   * How many edits a word of so many characters may be away: none up to 2, 1 up to 5, else 2, and
   * at most so many (as Elasticsearch's "AUTO" fuzziness).
   */
  public static int bound(int length, int most) {
    return Math.min(most, length <= 2 ? 0 : length <= 5 ? 1 : 2);
  }

  /**
   * A bit for each character that occurs, by its code modulo 64. An edit changes at most two of
   * them: words whose marks differ in more than {@code 2 * edits} bits are further apart.
   */
  static long letters(String word) {
    long letters = 0;
    for (int at = 0; at < word.length(); at++) {
      letters |= 1L << word.charAt(at);
    }
    return letters;
  }

  /** The distance, or {@code bound + 1} when it is larger than the bound. */
  public int of(String one, String other, int bound) {
    int width = other.length();
    if (Math.abs(one.length() - width) > bound) {
      return bound + 1;
    }
    if (row.length <= width) {
      before = new int[2 * width];
      last = new int[2 * width];
      row = new int[2 * width];
    }
    for (int column = 0; column <= width; column++) {
      last[column] = column;
    }
    for (int line = 1; line <= one.length(); line++) {
      row[0] = line;
      int least = line;
      for (int column = 1; column <= width; column++) {
        boolean same = one.charAt(line - 1) == other.charAt(column - 1);
        int edits =
            Math.min(
                last[column - 1] + (same ? 0 : 1), 1 + Math.min(last[column], row[column - 1]));
        if (line > 1
            && column > 1
            && one.charAt(line - 1) == other.charAt(column - 2)
            && one.charAt(line - 2) == other.charAt(column - 1)) {
          edits = Math.min(edits, before[column - 2] + 1);
        }
        row[column] = edits;
        least = Math.min(least, edits);
      }
      if (least > bound) {
        // What is exchanged across this line costs one more than the line above it.
        boolean beyond = true;
        for (int column = 0; column <= width; column++) {
          beyond = beyond && last[column] >= bound;
        }
        if (beyond) {
          return bound + 1;
        }
      }
      int[] reused = before;
      before = last;
      last = row;
      row = reused;
    }
    return Math.min(last[width], bound + 1);
  }
}
