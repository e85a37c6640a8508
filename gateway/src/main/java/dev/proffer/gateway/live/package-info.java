/**
 * The state that requests read, and the two that renew it: the log's fold and the watcher of
 * models. Knows nothing of HTTP and metrics; both hear of what happens through listeners.
 *
 * <p>Start with {@link dev.proffer.gateway.live.Worlds}.
 */
@NullMarked
package dev.proffer.gateway.live;

import org.jspecify.annotations.NullMarked;
