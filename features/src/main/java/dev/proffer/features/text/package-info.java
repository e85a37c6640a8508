/**
 * What the words of a text say: the terms of the catalog's texts, likeness of words, sentiment.
 * Knows the catalog and nothing of features.
 */
@NullMarked
package dev.proffer.features.text;

import org.jspecify.annotations.NullMarked;
