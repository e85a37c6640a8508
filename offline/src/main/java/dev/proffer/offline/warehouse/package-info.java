/**
 * The log as Parquet files by day, each event once: what reads the log, what a batch of it is, and
 * how files come into place so that a crash or a reader never sees half of it.
 *
 * <p>Start with {@link dev.proffer.offline.warehouse.Compaction}.
 */
@NullMarked
package dev.proffer.offline.warehouse;

import org.jspecify.annotations.NullMarked;
