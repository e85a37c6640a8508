/** Benchmarks and load; sees every room, and no room sees it. */
@NullMarked
package dev.proffer.perf;

import org.jspecify.annotations.NullMarked;
