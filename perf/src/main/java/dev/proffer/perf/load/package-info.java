/**
 * What runs beside the gateway, each in a process of its own: the load and the bare server it is
 * compared with. Both do as their standard input says and end when it ends, so none outlives the
 * bench.
 *
 * <p>Start with {@link dev.proffer.perf.load.LoadLoop}.
 */
@NullMarked
package dev.proffer.perf.load;

import org.jspecify.annotations.NullMarked;
