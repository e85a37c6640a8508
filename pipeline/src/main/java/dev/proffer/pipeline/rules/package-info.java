/**
 * The steps between scores and a page: what is left out, what is moved, what each slot is chosen
 * by. Declared in order in {@code ranking.yaml}; a rule is immutable and shared, what it writes to
 * belongs to the pipeline that runs it. Pure: no clock, and chance only from a seed.
 *
 * <p>May import candidates, features, events and configs. Start with {@link
 * dev.proffer.pipeline.rules.Reranking}.
 */
@NullMarked
package dev.proffer.pipeline.rules;

import org.jspecify.annotations.NullMarked;
