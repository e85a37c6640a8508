/**
 * Benchmarks without HTTP. Each says how to run it and what to expect.
 *
 * <p>Start with {@link dev.proffer.perf.jmh.SuggestPipelineBenchmark}.
 */
@NullMarked
package dev.proffer.perf.jmh;

import org.jspecify.annotations.NullMarked;
