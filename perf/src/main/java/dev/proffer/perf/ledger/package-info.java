/**
 * The ledger of {@code proffer chaos}: what clients sent, what was acknowledged, and the audit of
 * the warehouse against it. {@link dev.proffer.perf.ledger.Ledger} is where to begin.
 */
@NullMarked
package dev.proffer.perf.ledger;

import org.jspecify.annotations.NullMarked;
