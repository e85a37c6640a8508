/**
 * What an MLflow tracking server hears of trainings and of who serves. The only package that knows
 * MLflow's client; nothing depends on what the server answers.
 *
 * <p>Start with {@link dev.proffer.offline.mlflow.Tracking}.
 */
@NullMarked
package dev.proffer.offline.mlflow;

import org.jspecify.annotations.NullMarked;
