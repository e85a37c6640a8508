/**
 * Training sets on Apache Spark: the order is Spark's, the rows are those of {@link
 * dev.proffer.offline.build.RowBuilder}.
 */
@NullMarked
package dev.proffer.spark;

import org.jspecify.annotations.NullMarked;
