package dev.proffer.events;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened at an instant. Immutable.
 *
 * @param id unique; a repeated id is the same event sent again
 * @param type a type of the {@link EventRegistry}
 * @param userId whom it happened to
 * @param itemId the proposition it is about, where there is one
 * @param requestId the suggestion it answers, where there is one
 * @param sessionId the client's session, where there is one
 * @param timeMillis when it happened, epoch milliseconds; the client's word
 * @param receivedMillis when it arrived here, epoch milliseconds
 * @param fields further declared fields; values are {@link String}, {@link Long}, {@link Double} or
 *     {@link Boolean}
 */
public record Event(
    String id,
    String type,
    String userId,
    @Nullable String itemId,
    @Nullable String requestId,
    @Nullable String sessionId,
    long timeMillis,
    long receivedMillis,
    Map<String, Object> fields)
    implements LogEntry {

  public Event {
    fields = Map.copyOf(fields);
  }
}
