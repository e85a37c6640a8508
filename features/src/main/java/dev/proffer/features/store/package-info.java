/**
 * Where users' sequences live: a port and its adapters. Chronicle Map is known here and nowhere
 * else.
 *
 * <p>Start with {@link dev.proffer.features.store.SequenceStore}.
 */
@NullMarked
package dev.proffer.features.store;

import org.jspecify.annotations.NullMarked;
