package dev.proffer.gateway;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A small shop: 12 items in three categories, S1 to S4, T1 to T4, B1 to B4, and 40 people who each
 * walked from S1 through S2 to T1. S1 is what most chose.
 */
public final class Shop {
  /** When the shop opened, epoch milliseconds. */
  public static final long OPENED = 1_750_000_000_000L;

  private Shop() {}

  /** The items, all with a price and a colour. */
  public static List<Item> items() {
    List<Item> items = new ArrayList<>();
    for (String category : List.of("skirts", "trousers", "blouses")) {
      for (int number = 1; number <= 4; number++) {
        String id = category.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + number;
        items.add(
            new Item(
                id,
                "Item " + id,
                category,
                OPENED,
                Map.of("price", 10L * number, "colour", number % 2 == 0 ? "black" : "blue")));
      }
    }
    return items;
  }

  /** What 40 people did. */
  public static List<Event> events() {
    List<Event> events = new ArrayList<>();
    for (int person = 0; person < 40; person++) {
      long begins = OPENED + person * 3_600_000L;
      List<String> walk = person % 4 == 0 ? List.of("S1") : List.of("S1", "S2", "T1");
      for (int step = 0; step < walk.size(); step++) {
        long at = begins + step * 60_000L;
        events.add(
            new Event(
                "h" + person + "-" + step,
                "view",
                "p" + person,
                walk.get(step),
                null,
                null,
                at,
                at,
                Map.of()));
      }
    }
    return events;
  }

  /** Opens the shop in a home: its items and what people did are in the log. */
  public static void open(Path home) {
    append(home, items());
    append(home, events());
  }

  /** Appends entries to a home's log, as another process would. */
  public static void append(Path home, List<? extends LogEntry> entries) {
    try (EventLog log = EventLog.open(home.resolve(Gateway.LOG_DIRECTORY));
        EventLog.Appender appender = log.appender()) {
      for (LogEntry entry : entries) {
        appender.append(LogCodec.encode(entry));
      }
    }
  }
}
