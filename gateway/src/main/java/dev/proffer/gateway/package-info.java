/**
 * The service: reads the configuration, wires the rooms below into a running gateway, and stops it
 * without losing a request.
 *
 * <p>{@link dev.proffer.gateway.Main} is the program; {@link dev.proffer.gateway.Gateway} is a
 * running gateway, which tests start in their own process. {@code live} holds the state that
 * requests read, {@code ops} says how it is doing, {@code http} answers.
 */
@NullMarked
package dev.proffer.gateway;

import org.jspecify.annotations.NullMarked;
