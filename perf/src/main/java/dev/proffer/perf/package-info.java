/**
 * Measurements: {@code proffer bench}. Sees every room, and no room sees it.
 *
 * <p>{@link dev.proffer.perf.Bench} is the program. {@code load} holds what runs in processes of
 * its own beside it, {@code jmh} the benchmarks without HTTP. Figures go to {@code docs/perf/} with
 * machine, JDK, date and commit. Also the architecture test, since it sees every room.
 */
@NullMarked
package dev.proffer.perf;

import org.jspecify.annotations.NullMarked;
