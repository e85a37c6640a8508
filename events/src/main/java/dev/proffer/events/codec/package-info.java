/**
 * Events in and out of bytes: a strict streaming reader of JSON bodies that names field, value and
 * what was allowed, and the CBOR form of the durable log. The only place in this room that knows a
 * JSON library.
 *
 * <p>Start with {@link dev.proffer.events.codec.JsonInput} and {@link
 * dev.proffer.events.codec.LogCodec}.
 */
@NullMarked
package dev.proffer.events.codec;

import org.jspecify.annotations.NullMarked;
