package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.function.Supplier;

/**
 * Days and hours as the clocks of a zone show them. Remembers between which two changes of the
 * clocks it was asked last; belongs to one thread.
 */
final class LocalTime {
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;

  private final ZoneRules rules;
  private long from;
  private long until;
  private long offsetMillis;

  private LocalTime(ZoneRules rules) {
    this.rules = rules;
  }

  /** Reads {@code zone}, a name of the time zone database such as Europe/Warsaw. */
  static Supplier<LocalTime> read(Section parameters) {
    String name = parameters.text("zone", "UTC");
    try {
      ZoneRules rules = ZoneId.of(name).getRules();
      return () -> new LocalTime(rules);
    } catch (DateTimeException e) {
      parameters.refuse(
          "zone", "\"" + name + "\" is no time zone; expected a name such as UTC or Europe/Warsaw");
      return () -> new LocalTime(ZoneId.of("UTC").getRules());
    }
  }

  private long local(long epochMillis) {
    if (epochMillis < from || epochMillis >= until) {
      Instant instant = Instant.ofEpochMilli(epochMillis);
      offsetMillis = rules.getOffset(instant).getTotalSeconds() * 1_000L;
      ZoneOffsetTransition next = rules.nextTransition(instant);
      ZoneOffsetTransition before = rules.previousTransition(instant.plusMillis(1));
      from = before == null ? Long.MIN_VALUE : before.toEpochSecond() * 1_000;
      until = next == null ? Long.MAX_VALUE : next.toEpochSecond() * 1_000;
    }
    return epochMillis + offsetMillis;
  }

  /** The number of the day, 1970-01-01 being 0. */
  long day(long epochMillis) {
    return Math.floorDiv(local(epochMillis), DAY);
  }

  /** The hour of the day with its fraction, 0 to below 24. */
  double hour(long epochMillis) {
    return Math.floorMod(local(epochMillis), DAY) / (double) HOUR;
  }

  /** The day of the week, Monday 1 to Sunday 7. */
  int weekday(long epochMillis) {
    return (int) Math.floorMod(day(epochMillis) + 3, 7L) + 1;
  }
}
