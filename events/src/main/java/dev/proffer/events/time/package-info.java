/**
 * Time from outside: the clocks everyone else is handed, the deadline of a request, and ids that
 * sort by time. Only this package reads the system's clock and randomness.
 */
@NullMarked
package dev.proffer.events.time;

import org.jspecify.annotations.NullMarked;
