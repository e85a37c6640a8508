/**
 * What a feature is, as words: its declaration, the contract that orders declarations into a row,
 * and the shape of the sequences they are computed from.
 *
 * <p>Start with {@link dev.proffer.features.spec.FeatureContract}.
 */
@NullMarked
package dev.proffer.features.spec;

import org.jspecify.annotations.NullMarked;
