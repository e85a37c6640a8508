/**
 * Reads the YAML files and says everything that is wrong with them at once.
 *
 * <p>Knows nothing of ranking: each room reads its own section into its own record, through {@link
 * dev.proffer.configs.Section}, and owns the keys, defaults and bounds. Start with {@link
 * dev.proffer.configs.ConfigFile}.
 */
@NullMarked
package dev.proffer.configs;

import org.jspecify.annotations.NullMarked;
