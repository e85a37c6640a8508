/**
 * What is up for ranking: sources find items, the merger keeps the first of each up to a bound,
 * filters apply on the way in. Pure: no clock, no I/O, no Vert.x.
 *
 * <p>Start with {@link dev.proffer.candidates.Candidates}.
 */
@NullMarked
package dev.proffer.candidates;

import org.jspecify.annotations.NullMarked;
