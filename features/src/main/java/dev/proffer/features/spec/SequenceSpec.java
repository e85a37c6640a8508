package dev.proffer.features.spec;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.events.EventRegistry;
import java.nio.file.Path;
import java.util.List;

/**
 * Which events make a user's sequence, and how long it is; read from {@code sequences.yaml}.
 *
 * @param events the event types that count as choosing an item
 * @param maxLength how many of the latest events are kept
 * @param sessionGapMillis a longer pause between two events parts two sessions
 * @param orderAttribute the numeric attribute that orders the items of a category as a person walks
 *     them, such as the place in the catalog; empty when there is none
 */
public record SequenceSpec(
    List<String> events, int maxLength, long sessionGapMillis, String orderAttribute) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "sequences.yaml";

  public SequenceSpec {
    events = List.copyOf(events);
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
    SequenceSpec spec =
        new SequenceSpec(
            events,
            root.integer("max-length", 200, 2, 10_000),
            root.integer("session-gap-minutes", 30L, 1, 100_000) * 60_000,
            root.text("order-attribute", ""));
    root.done();
    return spec;
  }

  String canonical() {
    return "sequence "
        + events
        + " max-length="
        + maxLength
        + " session-gap-ms="
        + sessionGapMillis
        + " order-attribute="
        + orderAttribute;
  }
}
