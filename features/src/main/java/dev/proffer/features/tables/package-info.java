/**
 * Attribute tables: what was learned or imported offline by entity, such as a user's tier or an
 * item's embedding. A table is declared in {@code tables.yaml}, written as immutable versions and
 * looked up by the hash of an id, off the heap.
 *
 * <p>Start with {@link dev.proffer.features.tables.AttributeTable}; to make one, {@link
 * dev.proffer.features.tables.TableRegistry#publish}.
 */
@NullMarked
package dev.proffer.features.tables;

import org.jspecify.annotations.NullMarked;
