package dev.proffer.events;

/**
 * The tombstone of a user: everything the log holds about them before it is to be treated as if it
 * had never been there. What comes after it in the log is a new acquaintance. Immutable.
 *
 * @param id unique; a repeated id is the same erasure asked for again
 * @param userId who is to be forgotten
 * @param timeMillis when it was asked for, epoch milliseconds
 */
public record Erasure(String id, String userId, long timeMillis) implements LogEntry {}
