package dev.proffer.events;

/**
 * What a client sent and the registry does not know, kept for people to look at and never learned
 * from. Immutable.
 *
 * @param id unique; a repeated id is the same thing sent again
 * @param receivedMillis when it arrived here, epoch milliseconds
 * @param field what was not known
 * @param reason what was allowed instead, in words
 * @param body the JSON as it was read
 */
public record Aside(String id, long receivedMillis, String field, String reason, String body)
    implements LogEntry {}
