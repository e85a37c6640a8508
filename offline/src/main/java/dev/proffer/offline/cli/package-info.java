/**
 * The command line {@code proffer}: one class a command. Clocks, the console and child processes
 * are known here.
 *
 * <p>Start with {@link dev.proffer.offline.cli.Main}.
 */
@NullMarked
package dev.proffer.offline.cli;

import org.jspecify.annotations.NullMarked;
