package dev.proffer.events;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A proposition as the catalog knows it. Immutable. In the log, an item replaces an earlier one of
 * the same id.
 *
 * @param id unique, not blank
 * @param title what a person reads
 * @param category what kind it is; null when it has none
 * @param addedMillis since when it can be proposed, epoch milliseconds
 * @param attributes further attributes; values are {@link String}, {@link Long}, {@link Double} or
 *     {@link Boolean}
 */
public record Item(
    String id,
    String title,
    @Nullable String category,
    long addedMillis,
    Map<String, Object> attributes)
    implements LogEntry {

  public Item {
    attributes = Map.copyOf(attributes);
  }
}
