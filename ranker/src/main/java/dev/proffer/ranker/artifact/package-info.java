/**
 * The model registry on disk, reader beside writer: a version is a directory that is complete or
 * not there, an alias is a file that is replaced atomically. Tribuo, XGBoost and JSON are known
 * here and in {@code offline.train} only.
 *
 * <p>Start with {@link dev.proffer.ranker.artifact.ModelRegistry}.
 */
@NullMarked
package dev.proffer.ranker.artifact;

import org.jspecify.annotations.NullMarked;
