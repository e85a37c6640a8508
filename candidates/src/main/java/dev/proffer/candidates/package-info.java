/** The candidate set and its merging. */
@NullMarked
package dev.proffer.candidates;

import org.jspecify.annotations.NullMarked;
