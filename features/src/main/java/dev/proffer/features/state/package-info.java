/**
 * What features are computed from: the catalog, a user's sequence, the statistics of items and of
 * pairs of items. Plain data structures, in memory, without a clock; the same ones online and
 * offline.
 *
 * <p>Start with {@link dev.proffer.features.state.Statistics}.
 */
@NullMarked
package dev.proffer.features.state;

import org.jspecify.annotations.NullMarked;
