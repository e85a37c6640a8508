package dev.proffer.features.tables;

import dev.proffer.events.Hash64;
import org.jspecify.annotations.Nullable;

/**
 * What the tables say to one request. Immutable.
 *
 * @param userHash the {@link Hash64} of the user's id
 */
public record Attributes(Tables tables, long userHash) {
  /** Nothing is known. */
  public static final Attributes NONE = new Attributes(Tables.NONE, 0);

  /** Of a user. */
  public static Attributes of(Tables tables, String userId) {
    return new Attributes(tables, Hash64.of(userId));
  }

  /** The version of a table that counts at an instant; null when there is none. */
  public @Nullable AttributeTable at(String table, long millis) {
    return tables.at(table, millis);
  }
}
