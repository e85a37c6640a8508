/** Embeddings: vectors learned from the log, kept as a version of an attribute table. */
@NullMarked
package dev.proffer.offline.embed;

import org.jspecify.annotations.NullMarked;
