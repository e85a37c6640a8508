/**
 * The log read back in event time, and the labels it holds: what was chosen next, whether a session
 * ended, which showing a click answered.
 *
 * <p>Start with {@link dev.proffer.offline.replay.History}.
 */
@NullMarked
package dev.proffer.offline.replay;

import org.jspecify.annotations.NullMarked;
