/** Scorers, top-k and re-ranking: pure functions over rows of features. */
@NullMarked
package dev.proffer.ranker;

import org.jspecify.annotations.NullMarked;
