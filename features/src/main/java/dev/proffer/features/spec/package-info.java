/** What a feature is: its name, its kind and the schema it belongs to. */
@NullMarked
package dev.proffer.features.spec;

import org.jspecify.annotations.NullMarked;
