/** The offline commands: replay, train, evaluate. */
@NullMarked
package dev.proffer.offline.cli;

import org.jspecify.annotations.NullMarked;
