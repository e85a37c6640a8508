/**
 * Feature values from state, computed the same way online and offline.
 *
 * <p>Every transformation is a pure function of the catalog, the statistics, a user's sequence, the
 * request's context and an instant: no clock, no I/O, no log, no Vert.x. That is what lets {@code
 * offline} compute, for an instant in the past, what the gateway would have computed then, to the
 * bit.
 *
 * <p>Start with {@link dev.proffer.features.compute.FeatureProgram}. To add a transformation: one
 * class, one line in {@link dev.proffer.features.compute.Transformations}, one test.
 */
@NullMarked
package dev.proffer.features.compute;

import org.jspecify.annotations.NullMarked;
