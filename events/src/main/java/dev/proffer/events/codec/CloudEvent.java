package dev.proffer.events.codec;

import org.jspecify.annotations.Nullable;

/**
 * The attributes of a CloudEvent 1.0 that are read here, as they came in the headers of HTTP's
 * binary mode; null where there is none. Immutable.
 *
 * @param time RFC 3339
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">the
 *     specification</a>
 */
public record CloudEvent(
    @Nullable String specversion,
    @Nullable String id,
    @Nullable String source,
    @Nullable String type,
    @Nullable String subject,
    @Nullable String time) {}
