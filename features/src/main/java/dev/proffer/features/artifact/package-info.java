/**
 * What is learned or imported offline and served from files: versions, each written whole before
 * anybody sees it, and the aliases that name them.
 */
@NullMarked
package dev.proffer.features.artifact;

import org.jspecify.annotations.NullMarked;
