package dev.proffer.perf;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.offline.warehouse.LogSource;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A log made up as it is read: items of 40 categories, people of whom 500 look around at any time,
 * and go on to a near item more often than to a far one. The same for the same seed.
 */
final class SyntheticShop implements LogSource {
  /** How many items there are unless others are asked for. */
  static final int ITEMS = 5_000;

  /** How many people there are unless others are asked for. */
  static final int PEOPLE = 200_000;

  private static final int PRESENT = 500;
  private static final long OPENED = 1_700_000_000_000L;
  private static final long STEP_MILLIS = 700;

  private final long events;
  private final int items;
  private final int people;
  private final Random random = new Random(71);
  private final int[] who = new int[PRESENT];
  private final int[] at = new int[PRESENT];
  private long given;

  SyntheticShop(long events, int items, int people) {
    this.events = events;
    this.items = items;
    this.people = people;
    for (int one = 0; one < PRESENT; one++) {
      arrive(one);
    }
  }

  private void arrive(int place) {
    who[place] = random.nextInt(people);
    at[place] = anyItem();
  }

  /** Few are chosen often. */
  private int anyItem() {
    return (int) (items * Math.pow(random.nextDouble(), 3));
  }

  @Override
  public String name() {
    return "spool";
  }

  @Override
  public void open(@Nullable String position) {}

  @Override
  public @Nullable LogEntry next() {
    long number = given++;
    if (number < items) {
      int item = (int) number;
      return new Item(
          "i" + item,
          "Item " + item,
          "c" + item % 40,
          OPENED,
          Map.of("number", (long) (item / 40), "price", 5.0 + item % 97, "page", 1L + item % 5));
    }
    long event = number - items;
    if (event >= events) {
      return null;
    }
    int place = random.nextInt(PRESENT);
    int item = at[place];
    String user = "u" + who[place];
    if (random.nextInt(10) == 0) {
      arrive(place);
    } else {
      at[place] =
          random.nextInt(10) < 7 ? (item + 40 * (1 + random.nextInt(3))) % items : anyItem();
    }
    long time = OPENED + STEP_MILLIS * event;
    String type = random.nextInt(3) == 0 ? "view" : "click";
    return new Event("e" + event, type, user, "i" + item, null, null, time, time, Map.of());
  }

  @Override
  public @Nullable String position() {
    return null;
  }

  @Override
  public boolean ordered() {
    return true;
  }

  @Override
  public long unreadable() {
    return 0;
  }

  @Override
  public void close() {}
}
