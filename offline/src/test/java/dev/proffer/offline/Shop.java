package dev.proffer.offline;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.offline.train.ModelTraining;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A shop made up from a seed, whose customers are known: they mostly walk from one item to the next
 * of its category, and mostly leave after an item whose number ends in 7.
 */
public final class Shop {
  public static final long MINUTE = 60_000;
  public static final long GAP = 30 * MINUTE;
  public static final long OPENED = 1_200_000_000_000L;
  public static final Path SHIPPED = Path.of("../configs");
  public static final Path DATA = Path.of("../data/eshop");

  /** How probable it is that a customer walks on to the next item. */
  public static final double WALKS_ON = 0.8;

  private static final int ITEMS = 30;

  public final List<Item> items = new ArrayList<>();
  public final List<Event> events = new ArrayList<>();

  private Shop() {}

  /** Customers of one session each, side by side; times strictly increase. */
  public static Shop simulate(long seed, int customers) {
    Random random = new Random(seed);
    Shop shop = new Shop();
    for (int item = 0; item < ITEMS; item++) {
      shop.items.add(
          new Item(
              id(item),
              "Item " + item,
              "category-" + item / 10,
              OPENED,
              Map.of("number", (long) (item % 10), "colour", "colour-" + item % 4, "page", 1L)));
    }
    List<Integer> at = new ArrayList<>();
    List<String> who = new ArrayList<>();
    int next = 0;
    while (next < customers || !who.isEmpty()) {
      if (who.size() < 8 && next < customers) {
        who.add("customer-" + next++);
        at.add(random.nextInt(ITEMS));
        continue;
      }
      int one = random.nextInt(who.size());
      int item = at.get(one);
      shop.choose(who.get(one), id(item), random.nextInt(60_000));
      boolean leaves = random.nextDouble() < (item % 10 == 7 ? 0.7 : 0.1);
      if (leaves) {
        who.remove(one);
        at.remove(one);
      } else {
        boolean walksOn = random.nextDouble() < WALKS_ON;
        at.set(one, walksOn ? after(item) : random.nextInt(ITEMS));
      }
    }
    return shop;
  }

  private static String id(int item) {
    return "item-" + item;
  }

  /** Where a customer walks on to: the next of the category, round and round. */
  public static int after(int item) {
    return item / 10 * 10 + (item % 10 + 1) % 10;
  }

  private void choose(String user, String item, int pause) {
    long time = end() + 1 + pause;
    events.add(event("e" + events.size(), user, item, null, time));
  }

  /** The time of the latest event; that of the opening when there is none. */
  public long end() {
    return events.isEmpty() ? OPENED : events.get(events.size() - 1).timeMillis();
  }

  public static Event event(
      String id,
      String user,
      String item,
      @org.jspecify.annotations.Nullable String request,
      long time) {
    return new Event(id, "click", user, item, request, null, time, time, Map.of());
  }

  /** Items, then events. */
  public List<LogEntry> entries() {
    List<LogEntry> entries = new ArrayList<>(items);
    entries.addAll(events);
    return entries;
  }

  /** Appends entries to the log of a home. */
  public static void append(Path home, List<? extends LogEntry> entries) {
    try (EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Appender appender = log.appender()) {
      entries.forEach(entry -> appender.append(LogCodec.encode(entry)));
    }
  }

  /** The shipped configuration with models that are quick to train. */
  public static Path quickConfig(Path directory, String... more) {
    try {
      Files.createDirectories(directory);
      try (Stream<Path> shipped = Files.list(SHIPPED)) {
        for (Path file : shipped.filter(path -> path.toString().endsWith(".yaml")).toList()) {
          Files.copy(file, directory.resolve(String.valueOf(file.getFileName())));
        }
      }
      replace(
          directory.resolve("models.yaml"),
          "rounds: \\d+, max-depth: \\d+",
          "rounds: 12, max-depth: 3",
          "min-child-weight: 50",
          "min-child-weight: 5",
          "negatives: 20",
          "negatives: 4");
      replace(directory.resolve("models.yaml"), more);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  /** Replaces in a file: a pattern, what stands for it, and so on. */
  public static void replace(Path file, String... patterns) throws IOException {
    String text = Files.readString(file);
    for (int at = 0; at < patterns.length; at += 2) {
      text = text.replaceAll(patterns[at], patterns[at + 1]);
    }
    Files.writeString(file, text);
  }

  /** Stages that nobody watches. */
  public static ModelTraining.Stages quietly() {
    return new ModelTraining.Stages() {
      @Override
      public void begin(String stage) {}

      @Override
      public void progress(double share) {}

      @Override
      public void end(String outcome) {}
    };
  }
}
