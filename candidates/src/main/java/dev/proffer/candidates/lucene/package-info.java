/**
 * Items found by words and vectors by their neighbours, by Apache Lucene. Indexes lie in memory and
 * are made by one thread; what it publishes is immutable, for any thread to ask.
 *
 * <p>Start with {@link dev.proffer.candidates.lucene.ItemSearch} and {@link
 * dev.proffer.candidates.lucene.NearVectors}.
 */
@NullMarked
package dev.proffer.candidates.lucene;

import org.jspecify.annotations.NullMarked;
