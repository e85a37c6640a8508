/**
 * The words of the house: what happened (events), what was shown (impressions), what can be shown
 * (items), and the registry that says which events exist.
 *
 * <p>Plain values: no clock, no I/O, no Vert.x. May import {@code dev.proffer.configs}. Start with
 * {@link dev.proffer.events.Event} and {@link dev.proffer.events.EventRegistry}.
 */
@NullMarked
package dev.proffer.events;

import org.jspecify.annotations.NullMarked;
