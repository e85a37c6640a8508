/**
 * Ranking texts by what aggregated experiments say of them: in each, some texts were shown to
 * randomly chosen people, and how often each was shown and clicked is known. Judged by folds over
 * the experiments (docs/evaluation.md).
 *
 * <p>Start with {@link dev.proffer.offline.texts.TextEvaluation}.
 */
@NullMarked
package dev.proffer.offline.texts;

import org.jspecify.annotations.NullMarked;
