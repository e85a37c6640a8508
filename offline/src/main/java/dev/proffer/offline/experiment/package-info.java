/**
 * What experiments came to, from the warehouse: figures by variant, how sure they are, and whether
 * the units were divided as they should have been.
 *
 * <p>Start with {@link dev.proffer.offline.experiment.ExperimentReport}.
 */
@NullMarked
package dev.proffer.offline.experiment;

import org.jspecify.annotations.NullMarked;
