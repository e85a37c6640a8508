package dev.proffer.features.spec;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.events.EventRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which events make a user's sequence and how long it is, and which further sequences are kept
 * beside it; read from {@code sequences.yaml}.
 *
 * @param events the event types that count as choosing an item
 * @param maxLength how many of the latest events are kept
 * @param sessionGapMillis a longer pause between two events parts two sessions
 * @param orderAttribute the numeric attribute that orders the items of a category as a person walks
 *     them, such as the place in the catalog; empty when there is none
 * @param lookbackMillis what is older than so much before the instant of a request is not seen; 0
 *     for no bound
 * @param numbers the events' own fields that are kept beside them, such as what was paid
 * @param named further sequences of the same user, in file order: rare events that would be pushed
 *     out by the many others
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
    List<Named> named,
    StatisticsSpec statistics) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "sequences.yaml";

  /** The most numbers that are kept beside an event. */
  public static final int MAX_NUMBERS = 8;

  /** The most sequences beside the first. */
  public static final int MAX_NAMED = 16;

  private static final int MAX_LENGTH = 10_000;
  private static final int MAX_GAP_MINUTES = 100_000;
  private static final int MAX_LOOKBACK_DAYS = 36_500;
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

  /**
   * A further sequence.
   *
   * @param name what features call it
   * @param events its event types, which need not be about an item
   * @param maxLength how many of the latest of them are kept
   * @param sessionGapMillis a longer pause between two of them parts two sessions
   * @param lookbackMillis what is older than so much before the instant of a request is not seen; 0
   *     for no bound
   * @param description for readers
   */
  public record Named(
      String name,
      List<String> events,
      int maxLength,
      long sessionGapMillis,
      long lookbackMillis,
      String description) {
    public Named {
      events = List.copyOf(events);
    }

    /** What decides values. */
    public String canonical() {
      return name
          + " "
          + events
          + " max-length="
          + maxLength
          + " session-gap-ms="
          + sessionGapMillis
          + " lookback-ms="
          + lookbackMillis;
    }
  }

  public SequenceSpec {
    events = List.copyOf(events);
    numbers = List.copyOf(numbers);
    named = List.copyOf(named);
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
    this(events, maxLength, sessionGapMillis, orderAttribute, 0, List.of(), List.of(), statistics);
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
        List.of(),
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
            root.integer("max-length", 200, 2, MAX_LENGTH),
            gapMillis(root, 30),
            root.text("order-attribute", ""),
            lookbackMillis(root),
            numbers,
            named(root),
            StatisticsSpec.read(configDir, problems));
    root.done();
    return spec;
  }

  private static long gapMillis(Section section, long otherwise) {
    return section.integer("session-gap-minutes", otherwise, 1, MAX_GAP_MINUTES) * 60_000;
  }

  private static long lookbackMillis(Section section) {
    return section.integer("lookback-days", 0L, 0, MAX_LOOKBACK_DAYS) * 86_400_000;
  }

  private static List<Named> named(Section root) {
    Section declared = root.section("named");
    if (declared.keys().size() > MAX_NAMED) {
      root.refuse("named", declared.keys().size() + " are declared, expected at most " + MAX_NAMED);
    }
    List<Named> named = new ArrayList<>();
    declared
        .named()
        .forEach(
            (name, section) -> {
              if (!NAME.matcher(name).matches()) {
                declared.refuse(
                    name, "\"" + name + "\" is no name; expected to match " + NAME.pattern());
              }
              List<String> events = section.texts("events");
              if (events.isEmpty()) {
                section.refuse("events", "at least one event type is required");
              }
              named.add(
                  new Named(
                      name,
                      events,
                      section.integer("max-length", 50, 1, MAX_LENGTH),
                      gapMillis(section, 30),
                      lookbackMillis(section),
                      section.text("description", "")));
              section.done();
            });
    return named;
  }

  /** The number of the further sequence of that name; -1 when there is none. */
  public int number(String name) {
    for (int number = 0; number < named.size(); number++) {
      if (named.get(number).name().equals(name)) {
        return number;
      }
    }
    return -1;
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
