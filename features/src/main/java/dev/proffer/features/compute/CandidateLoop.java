package dev.proffer.features.compute;

import dev.proffer.features.compute.Transformation.OfCandidate;

/**
 * The loop over candidates. It is never used as it stands: {@link CandidateLoops} makes a copy of
 * this class for each class of transformations.
 */
final class CandidateLoop implements CandidateLoops.Loop {
  CandidateLoop() {}

  @Override
  public void compute(
      OfCandidate one,
      FeatureInput in,
      int[] items,
      int count,
      float[] rows,
      int column,
      int width,
      float otherwise) {
    for (int row = 0, at = column; row < count; row++, at += width) {
      float value = one.value(in, items[row]);
      rows[at] = Float.isNaN(value) ? otherwise : value;
    }
  }
}
