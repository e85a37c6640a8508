/**
 * Where the versions of models are kept, behind one port: a folder, or (in {@code store.s3}) a
 * bucket. Knows files, names and aliases, and nothing of what a model is.
 *
 * <p>Start with {@link dev.proffer.ranker.store.ModelStore}.
 */
@NullMarked
package dev.proffer.ranker.store;

import org.jspecify.annotations.NullMarked;
