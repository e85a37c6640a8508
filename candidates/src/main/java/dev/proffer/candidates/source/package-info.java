/**
 * One class per candidate source. To add one: a class, a line in {@code Candidates.SOURCES}, a
 * test.
 *
 * <p>Start with {@link dev.proffer.candidates.source.CandidateSource}.
 */
@NullMarked
package dev.proffer.candidates.source;

import org.jspecify.annotations.NullMarked;
