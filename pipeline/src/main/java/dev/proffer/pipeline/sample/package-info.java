/** Samples of what was served: written by the gateway, recomputed offline. */
@NullMarked
package dev.proffer.pipeline.sample;

import org.jspecify.annotations.NullMarked;
