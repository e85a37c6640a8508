/**
 * Rows as of each label's instant, and models fitted on them. Tribuo and XGBoost are known here and
 * in {@code ranker.artifact} only.
 *
 * <p>Start with {@link dev.proffer.offline.train.ModelTraining}.
 */
@NullMarked
package dev.proffer.offline.train;

import org.jspecify.annotations.NullMarked;
