package dev.proffer.features.spec;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.events.EventRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Which events make a user's sequence, and how long it is; read from {@code sequences.yaml}.
 *
 * @param events the event types that count as choosing an item
 * @param maxLength how many of the latest events are kept
 * @param sessionGapMillis a longer pause between two events parts two sessions
 * @param orderAttribute the numeric attribute that orders the items of a category as a person walks
 *     them, such as the place in the catalog; empty when there is none
 * @param lookbackMillis what is older than so much before the instant of a request is not seen; 0
 *     for no bound
 * @param numbers the events' own fields that are kept beside them, such as what was paid
 * @param statistics what else is counted from the same log, read from {@code statistics.yaml};
 *     decides no value of a feature that does not name it
 */
public record SequenceSpec(
    List<String> events,
    int maxLength,
    long sessionGapMillis,
    String orderAttribute,
    long lookbackMillis,
    List<String> numbers,
    StatisticsSpec statistics) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "sequences.yaml";

  /** The most numbers that are kept beside an event. */
  public static final int MAX_NUMBERS = 8;

  public SequenceSpec {
    events = List.copyOf(events);
    numbers = List.copyOf(numbers);
    if (numbers.size() > MAX_NUMBERS) {
      throw new IllegalArgumentException(
          numbers.size() + " numbers, expected at most " + MAX_NUMBERS);
    }
  }

  /** Sequences without a lookback, without numbers and with nothing declared beside them. */
  public SequenceSpec(
      List<String> events, int maxLength, long sessionGapMillis, String orderAttribute) {
    this(events, maxLength, sessionGapMillis, orderAttribute, StatisticsSpec.NONE);
  }

  /** Sequences without a lookback and without numbers, and declared statistics beside them. */
  public SequenceSpec(
      List<String> events,
      int maxLength,
      long sessionGapMillis,
      String orderAttribute,
      StatisticsSpec statistics) {
    this(events, maxLength, sessionGapMillis, orderAttribute, 0, List.of(), statistics);
  }

  /** Sequences with no declared statistics beside them. */
  public SequenceSpec(
      List<String> events,
      int maxLength,
      long sessionGapMillis,
      String orderAttribute,
      long lookbackMillis,
      List<String> numbers) {
    this(
        events,
        maxLength,
        sessionGapMillis,
        orderAttribute,
        lookbackMillis,
        numbers,
        StatisticsSpec.NONE);
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static SequenceSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    List<String> events = root.texts("events");
    if (events.isEmpty()) {
      root.refuse("events", "at least one event type is required");
    }
    if (events.contains(EventRegistry.IMPRESSION)) {
      root.refuse(
          "events",
          "\"impression\" says that something was seen; expected types of events that choose an item");
    }
    List<String> numbers = root.texts("numbers");
    if (numbers.size() > MAX_NUMBERS || Set.copyOf(numbers).size() < numbers.size()) {
      root.refuse("numbers", numbers + "; expected at most " + MAX_NUMBERS + " fields, each once");
      numbers = List.of();
    }
    SequenceSpec spec =
        new SequenceSpec(
            events,
            root.integer("max-length", 200, 2, 10_000),
            root.integer("session-gap-minutes", 30L, 1, 100_000) * 60_000,
            root.text("order-attribute", ""),
            root.integer("lookback-days", 0L, 0, 36_500) * 86_400_000,
            numbers,
            StatisticsSpec.read(configDir, problems));
    root.done();
    return spec;
  }

  /** What decides values. Numbers are read by name, so that a feature's parameters tell of them. */
  String canonical() {
    return "sequence "
        + events
        + " max-length="
        + maxLength
        + " session-gap-ms="
        + sessionGapMillis
        + " order-attribute="
        + orderAttribute
        + (lookbackMillis == 0 ? "" : " lookback-ms=" + lookbackMillis);
  }
}
