/**
 * How the gateway is doing: metrics for machines, health in words for people.
 *
 * <p>Start with {@link dev.proffer.gateway.ops.Metrics}; every meter is described in {@code
 * docs/metrics.md}.
 */
@NullMarked
package dev.proffer.gateway.ops;

import org.jspecify.annotations.NullMarked;
