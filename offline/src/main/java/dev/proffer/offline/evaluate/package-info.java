/**
 * How good a model is: ranked and predicted through the very path the gateway serves, beside
 * baselines that anyone can recompute.
 *
 * <p>Start with {@link dev.proffer.offline.evaluate.RankingEvaluation}.
 */
@NullMarked
package dev.proffer.offline.evaluate;

import org.jspecify.annotations.NullMarked;
