/**
 * Experiments: who sees which arm, and what can be said of arms that are watched while they run.
 * Assignment is a pure function of the declaration, a unit's id and an instant; the same unit gets
 * the same arm in every process and version.
 *
 * <p>Start with {@link dev.proffer.pipeline.experiments.ExperimentsSpec} and {@link
 * dev.proffer.pipeline.experiments.Assigner}.
 */
@NullMarked
package dev.proffer.pipeline.experiments;

import org.jspecify.annotations.NullMarked;
