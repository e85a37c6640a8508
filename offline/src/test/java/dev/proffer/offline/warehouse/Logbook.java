package dev.proffer.offline.warehouse;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A log made up from a seed, with everything a log can hold: entries that stand twice, users who
 * ask to be forgotten and come back. It knows by itself, entry by entry, what a warehouse of it
 * holds.
 */
final class Logbook {
  private static final long START = 1_790_000_000_000L;
  private static final long STEP = 7 * 60_000L;

  private final Random random;
  private final boolean erasing;
  final List<LogEntry> entries = new ArrayList<>();
  private final Map<String, String> userOfEvent = new LinkedHashMap<>();
  private final Map<String, String> userOfRequest = new LinkedHashMap<>();
  private final Set<String> goneEvents = new LinkedHashSet<>();
  private final Map<String, Item> items = new HashMap<>();
  private int next;

  Logbook(long seed, boolean erasing) {
    this.random = new Random(seed);
    this.erasing = erasing;
  }

  /** Appends entries to the book; gives the new ones. */
  List<LogEntry> grow(int count) {
    int before = entries.size();
    while (entries.size() < before + count) {
      one();
    }
    return new ArrayList<>(entries.subList(before, entries.size()));
  }

  private void one() {
    int number = next++;
    long time = START + number * STEP / 10;
    String user = "user-" + random.nextInt(20) + "-ü'\"";
    double dice = random.nextDouble();
    if (dice < 0.2 && !entries.isEmpty()) {
      LogEntry again = entries.get(random.nextInt(entries.size()));
      boolean erased = again instanceof Event event && goneEvents.contains(event.id());
      boolean shownToErased =
          again instanceof Impression shown && !userOfRequest.containsKey(shown.requestId());
      if (again instanceof Erasure || again instanceof Item || erased || shownToErased) {
        return; // what a resend of these means is told by tests of their own
      }
      entries.add(again);
    } else if (dice < 0.7) {
      Event event =
          new Event(
              "e" + number,
              random.nextBoolean() ? "click" : "view",
              user,
              random.nextBoolean() ? "item-" + random.nextInt(5) : null,
              null,
              "s",
              time - random.nextInt(1_000_000),
              time,
              Map.of("price", 1.5, "count", 3L, "text", "it's \"so\""));
      entries.add(event);
      userOfEvent.put(event.id(), user);
    } else if (dice < 0.85) {
      Impression shown =
          new Impression(
              "r" + number,
              user,
              null,
              "phone",
              null,
              "home",
              time,
              "ml_ranker",
              "v1",
              "a",
              "sha",
              List.of("late"),
              7,
              List.of(
                  new Impression.Shown(
                      "item-1", List.of("popular", "new"), 1, 0.5f, 1, new float[] {1, 2.5f}),
                  new Impression.Shown("item-2", List.of(), 0, 0.25f, 1, new float[0])));
      entries.add(shown);
      userOfRequest.put(shown.requestId(), user);
    } else if (dice < 0.93) {
      Item item =
          new Item("item-" + random.nextInt(5), "Title " + random.nextInt(3), "c", 1, Map.of());
      entries.add(item);
      items.put(item.id(), item);
    } else if (dice < 0.97) {
      entries.add(new Aside("a" + number, time, "colour", "not declared", "{\"x\":1}"));
    } else if (erasing) {
      entries.add(new Erasure("x" + number, user, time));
      userOfEvent.entrySet().stream()
          .filter(entry -> entry.getValue().equals(user))
          .forEach(entry -> goneEvents.add(entry.getKey()));
      userOfEvent.values().removeIf(user::equals);
      userOfRequest.values().removeIf(user::equals);
    }
  }

  /** The events that a warehouse of the whole log holds. */
  Set<String> eventIds() {
    return new TreeSet<>(userOfEvent.keySet());
  }

  Set<String> requestIds() {
    return new TreeSet<>(userOfRequest.keySet());
  }

  Map<String, Item> items() {
    return items;
  }
}
