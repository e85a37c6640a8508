/**
 * Training sets as files: rows of features as of each label's instant, computed from the warehouse
 * by the classes that serve. An engine brings the warehouse's rows into order; what is done with
 * them is one class for all engines.
 *
 * <p>Start with {@link dev.proffer.offline.build.RowBuilder}.
 */
@NullMarked
package dev.proffer.offline.build;

import org.jspecify.annotations.NullMarked;
