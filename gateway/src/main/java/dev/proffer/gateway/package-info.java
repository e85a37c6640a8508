/** The service: its entry point and its wiring. */
@NullMarked
package dev.proffer.gateway;

import org.jspecify.annotations.NullMarked;
