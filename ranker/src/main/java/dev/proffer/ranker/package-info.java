/**
 * From a matrix of features to an ordered page: compiled scorers, their contributions, calibration,
 * top-k, and the rules that stand in when no model can. Pure: no clock, no I/O, no Vert.x.
 *
 * <p>Start with {@link dev.proffer.ranker.Scorer}.
 */
@NullMarked
package dev.proffer.ranker;

import org.jspecify.annotations.NullMarked;
