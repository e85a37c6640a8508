/**
 * The way of a suggestion and of a prediction, from a checked query to an answer: candidates,
 * features, scores, selection, reasons, and the ladder down which an answer falls when a rung
 * breaks. Synchronous and pure, so that the gateway serves and offline evaluates the very same
 * path.
 *
 * <p>Start with {@link dev.proffer.pipeline.SuggestPipeline}.
 */
@NullMarked
package dev.proffer.pipeline;

import org.jspecify.annotations.NullMarked;
