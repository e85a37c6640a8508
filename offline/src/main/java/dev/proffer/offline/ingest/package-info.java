/**
 * Any file of rows made into items and events, by a schema file: no code for a new data set. What
 * is refused is counted by reason and written aside.
 *
 * <p>Start with {@link dev.proffer.offline.ingest.DatasetSpec}.
 */
@NullMarked
package dev.proffer.offline.ingest;

import org.jspecify.annotations.NullMarked;
