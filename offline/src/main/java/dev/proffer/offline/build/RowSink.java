package dev.proffer.offline.build;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Takes the rows of a training set, in their order. */
@FunctionalInterface
public interface RowSink {
  /**
   * What the rows of a label have in common.
   *
   * @param asOfMillis the instant they are computed for
   * @param labelId the id of the event that says what was wanted
   * @param requestId of the impression it answers; null when it answers none
   * @param origin served, sampled or event
   */
  record Label(
      long asOfMillis, String labelId, @Nullable String requestId, String userId, String origin) {}

  /**
   * Takes a row.
   *
   * @param position the row's place among those of its label, from 0
   * @param itemId the item; null for a row about the user alone
   * @param wanted whether this is what was wanted
   * @param weight how many rows it stands for
   * @param values holds the features from {@code offset} on; not to be kept
   */
  void row(
      Label label,
      int position,
      @Nullable String itemId,
      boolean wanted,
      float weight,
      float[] values,
      int offset)
      throws IOException;
}
