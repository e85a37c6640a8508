package dev.proffer.features.compute;

/**
 * One feature's computation. An instance belongs to one {@link FeatureProgram} and so to one
 * thread, and may keep scratch memory; what it computes depends on its arguments alone. A value is
 * finite, or NaN for "missing".
 */
public sealed interface Transformation {

  /** A value that is the same for all candidates of a request: computed once. */
  non-sealed interface OfRequest extends Transformation {
    float value(FeatureInput in);
  }

  /** A value a candidate. */
  non-sealed interface OfCandidate extends Transformation {
    /** Called once a request, before {@link #value}. */
    default void prepare(FeatureInput in) {}

    /**
     * The value for one item; {@code item} may be {@link
     * dev.proffer.features.state.Catalog#UNKNOWN}.
     */
    float value(FeatureInput in, int item);
  }

  /** A value made of others of the same row, which stand before it. */
  non-sealed interface OfRow extends Transformation {
    /**
     * The value.
     *
     * @param base where the row begins in {@code rows}
     */
    float value(float[] rows, int base);
  }
}
