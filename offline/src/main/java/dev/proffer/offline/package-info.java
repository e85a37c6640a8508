/**
 * Learning from the log: ingest, train, evaluate, publish, retrain.
 *
 * <p>Start with {@link dev.proffer.offline.cli.Main}.
 */
@NullMarked
package dev.proffer.offline;

import org.jspecify.annotations.NullMarked;
