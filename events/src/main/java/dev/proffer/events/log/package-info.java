/**
 * The durable event log: a Chronicle Queue that events, impressions and items are appended to, and
 * that state is folded from. Chronicle Queue is known here and nowhere else.
 *
 * <p>Start with {@link dev.proffer.events.log.LogPump}, the one thread that writes and follows the
 * log of a running gateway; {@link dev.proffer.events.log.EventLog} is the log itself, which
 * offline reads.
 */
@NullMarked
package dev.proffer.events.log;

import org.jspecify.annotations.NullMarked;
