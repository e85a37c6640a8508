package dev.proffer.offline.build;

import dev.proffer.ranker.ModelsSpec;
import java.util.stream.Collectors;

/**
 * The query that puts a warehouse into the order in which things became known, with each label at
 * its instant, before anything that became known at that instant. It is written in the SQL that
 * DuckDB and Spark have in common, over the tables {@code events}, {@code impressions}, {@code
 * propositions} and {@code items}; both give the same rows in the same order. Columns: {@link
 * TimelineRow}.
 */
public final class TimelineQuery {
  private static final String NO_TEXT = "CAST(NULL AS STRING)";

  private TimelineQuery() {}

  /** The columns a timeline is ordered by; no two rows have all of them in common. */
  public static final String ORDER = "known_at, kind, ord, id, slot";

  /** The rows, in no order. */
  public static String rows(BuildSpec spec) {
    String known = spec.knownAt() == KnownAt.RECEIVED ? "received" : "time";
    String itemKnown = spec.knownAt() == KnownAt.RECEIVED ? "COALESCE(known, 0)" : "0";
    return """
    WITH past_events AS (
      SELECT event_id, type, user_id, item_id, request_id, time, received, fields, %1$s AS known_at
      FROM events WHERE %1$s < %2$d
    ),
    past_impressions AS (SELECT * FROM impressions WHERE time < %2$d),
    slots AS (SELECT request_id, slot, item_id, user_id, time FROM propositions WHERE time < %2$d),
    choices AS (
      SELECT event_id, user_id, item_id, request_id, time, known_at, LEAST(time, known_at) AS as_of
      FROM past_events WHERE item_id IS NOT NULL AND type IN (%3$s)
    ),
    %4$s
    SELECT as_of AS known_at, 0 AS kind, CAST(0 AS BIGINT) AS ord, id, slot, user_id, item_id,
      request_id, as_of AS time, as_of AS received, origin AS type, NO_TEXT AS fields,
      NO_TEXT AS title, NO_TEXT AS category, context, context_type, device, chosen
    FROM labels WHERE as_of >= %5$d
    UNION ALL
    SELECT CAST(%6$s AS BIGINT), 1, number, item_id, 0, NO_TEXT, item_id,
      NO_TEXT, added, added, NO_TEXT, attributes, title, category, NO_TEXT, NO_TEXT, NO_TEXT,
      NO_TEXT
    FROM items WHERE %6$s < %2$d
    UNION ALL
    SELECT known_at, 2, time, event_id, 0, user_id, item_id, request_id, time, received, type,
      fields, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT
    FROM past_events
    UNION ALL
    SELECT time, 3, CAST(0 AS BIGINT), request_id, -1, user_id, NO_TEXT, request_id, time, time,
      NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, context, context_type, device, NO_TEXT
    FROM past_impressions
    UNION ALL
    SELECT time, 3, CAST(0 AS BIGINT), request_id, slot, user_id, item_id, request_id, time, time,
      NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT
    FROM slots
    """
        .replace("NO_TEXT", NO_TEXT)
        .formatted(
            known,
            spec.asOfMillis(),
            spec.sequenced().stream()
                .map(type -> "'" + type.replace("'", "''") + "'")
                .collect(Collectors.joining(", ")),
            spec.label() == ModelsSpec.Label.NEXT_ITEM
                ? choicesAndWhatWasShown(spec)
                : sessionEnds(spec),
            spec.fromMillis(),
            itemKnown);
  }

  /**
   * A choice that answers an impression is a label of each of its slots, as of when it was shown;
   * any other is a label by itself. The impression is that of the choice's request id; else the
   * latest one that showed its user the item.
   */
  private static String choicesAndWhatWasShown(BuildSpec spec) {
    return """
    named AS (
      SELECT DISTINCT c.event_id, s.request_id
      FROM choices c JOIN slots s ON s.request_id = c.request_id AND s.item_id = c.item_id
    ),
    guessed AS (
      SELECT event_id, request_id FROM (
        SELECT c.event_id, s.request_id, row_number() OVER (
          PARTITION BY c.event_id ORDER BY s.time DESC, s.request_id DESC) AS place
        FROM choices c
          JOIN slots s ON s.user_id = c.user_id AND s.item_id = c.item_id
            AND s.time <= c.time AND s.time >= c.time - %d
          LEFT JOIN named n ON n.event_id = c.event_id
        WHERE n.event_id IS NULL
      ) found WHERE place = 1
    ),
    answers AS (SELECT * FROM named UNION ALL SELECT * FROM guessed),
    labels AS (
      SELECT LEAST(i.time, c.as_of) AS as_of, c.event_id AS id, s.slot, i.user_id, s.item_id,
        i.request_id, 'served' AS origin, i.context, i.context_type, i.device, c.item_id AS chosen
      FROM answers a
        JOIN choices c ON c.event_id = a.event_id
        JOIN past_impressions i ON i.request_id = a.request_id
        JOIN slots s ON s.request_id = a.request_id
      UNION ALL
      SELECT c.as_of, c.event_id, -1, c.user_id, c.item_id, NO_TEXT, 'sampled', NO_TEXT, NO_TEXT,
        NO_TEXT, c.item_id
      FROM choices c LEFT JOIN answers a ON a.event_id = c.event_id
      WHERE a.event_id IS NULL
    )"""
        .formatted(spec.attributionMillis())
        .replace("NO_TEXT", NO_TEXT);
  }

  /** Whether a session went on is known once its gap has passed. */
  private static String sessionEnds(BuildSpec spec) {
    return """
    followed AS (
      SELECT event_id, user_id, item_id, time, known_at, lead(time) OVER (
        PARTITION BY user_id ORDER BY time, known_at, event_id) AS next_time
      FROM choices
    ),
    labels AS (
      SELECT known_at + 1 AS as_of, event_id AS id, -1 AS slot, user_id, item_id,
        NO_TEXT AS request_id, 'event' AS origin, NO_TEXT AS context, NO_TEXT AS context_type,
        NO_TEXT AS device,
        CASE WHEN next_time IS NOT NULL AND next_time - time <= %1$d THEN 'went on' ELSE 'ended' END
          AS chosen
      FROM followed WHERE time + %1$d < %2$d
    )"""
        .formatted(spec.sessionGapMillis(), spec.asOfMillis())
        .replace("NO_TEXT", NO_TEXT);
  }
}
