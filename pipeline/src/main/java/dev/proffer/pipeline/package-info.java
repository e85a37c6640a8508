/** The one synchronous path from a request to a page, shared by serving and replay. */
@NullMarked
package dev.proffer.pipeline;

import org.jspecify.annotations.NullMarked;
