package dev.proffer.features.compute;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.util.Objects;

/**
 * A loop over candidates for each class of transformations. One loop for all of them would be
 * compiled once, for every class there is, and call each value through a table; a copy of the loop
 * that only ever sees one class is compiled with that class's value in its body, which is several
 * times as fast. A copy is a hidden class made from the bytes of {@link CandidateLoop}: what is
 * computed is the same to the bit. Safe to share between threads.
 */
final class CandidateLoops {
  private static final ClassValue<Loop> BY_CLASS =
      new ClassValue<>() {
        @Override
        protected Loop computeValue(Class<?> type) {
          return copy();
        }
      };

  private CandidateLoops() {}

  /** Computes a column. */
  interface Loop {
    /**
     * Writes a value a row.
     *
     * @param one prepared for the request
     * @param column where the first row's value goes; the next stands {@code width} behind
     * @param otherwise what stands for a missing value
     */
    void compute(
        Transformation.OfCandidate one,
        FeatureInput in,
        int[] items,
        int count,
        float[] rows,
        int column,
        int width,
        float otherwise);
  }

  /** The loop for transformations of a class. */
  static Loop of(Class<?> type) {
    return BY_CLASS.get(type);
  }

  private static Loop copy() {
    String name = CandidateLoop.class.getSimpleName() + ".class";
    try (InputStream bytes =
        Objects.requireNonNull(CandidateLoop.class.getResourceAsStream(name), name)) {
      return (Loop)
          MethodHandles.lookup()
              .defineHiddenClass(bytes.readAllBytes(), true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (IOException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IllegalStateException("a loop over candidates could not be made", e);
    }
  }
}
