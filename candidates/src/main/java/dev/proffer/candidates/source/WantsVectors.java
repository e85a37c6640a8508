package dev.proffer.candidates.source;

/** What makes a source that looks for near vectors. */
public interface WantsVectors {
  /** Which vectors must be indexed for it. */
  Vectors.Wanted wanted();
}
