package dev.proffer.features.state;

import dev.proffer.events.Event;
import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import dev.proffer.features.spec.StatisticSpec;
import dev.proffer.features.spec.StatisticsSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statistics declared in {@code statistics.yaml}, counted from events and impressions. One
 * thread writes; {@link #snapshot} gives an immutable copy for any thread to read.
 *
 * <p>What is counted: an event once, an impression once for each slot it showed. An event or slot
 * that has no key counts nothing: an item or category that the catalog lacks as the event comes, no
 * context, no position. An event's context, device and position are its fields of that name; those
 * of the impression it answers are not looked up, for impression and event may come in any order
 * and in different partitions of the log.
 *
 * <p>A sum adds ten-thousandths, each value rounded to the nearest and cut to ±{@value
 * #MOST_VALUE}; what is no number counts nothing.
 */
public final class DeclaredStatistics {
  /** The greatest value of one event that is added as it is. */
  public static final double MOST_VALUE = 1e9;

  private static final String CONTEXT = "context";
  private static final String POSITION = "position";
  private static final String DEVICE = "device";
  private static final BucketCounts[] NONE = {};

  private final StatisticsSpec spec;
  private final BucketCounts[] counts;
  private final Map<String, BucketCounts[]> byEvent;
  private final BucketCounts[] ofImpressions;

  DeclaredStatistics(StatisticsSpec spec) {
    this.spec = spec;
    this.counts = spec.statistics().stream().map(BucketCounts::new).toArray(BucketCounts[]::new);
    Map<String, List<BucketCounts>> counting = new HashMap<>();
    List<BucketCounts> impressions = new ArrayList<>();
    for (BucketCounts one : counts) {
      for (String type : one.spec().events()) {
        counting.computeIfAbsent(type, t -> new ArrayList<>()).add(one);
      }
      if (one.spec().impressions()) {
        impressions.add(one);
      }
    }
    byEvent = new HashMap<>();
    counting.forEach((type, of) -> byEvent.put(type, of.toArray(NONE)));
    ofImpressions = impressions.toArray(NONE);
  }

  private DeclaredStatistics(DeclaredStatistics of) {
    spec = of.spec;
    counts = Arrays.stream(of.counts).map(BucketCounts::snapshot).toArray(BucketCounts[]::new);
    byEvent = Map.of(); // a snapshot is not written
    ofImpressions = NONE;
  }

  DeclaredStatistics snapshot() {
    return new DeclaredStatistics(this);
  }

  /** What was declared. */
  public StatisticsSpec spec() {
    return spec;
  }

  /** The statistic of a number; null when so many were not declared. */
  public @Nullable BucketCounts counts(int number) {
    return number < counts.length ? counts[number] : null;
  }

  /**
   * Counts an event.
   *
   * @param item the item's index; {@link Catalog#UNKNOWN} when the catalog lacks it or there is
   *     none
   */
  public void observe(Event event, int item, Catalog.Builder items) {
    BucketCounts[] counting = byEvent.get(event.type());
    if (counting == null) {
      return;
    }
    for (BucketCounts one : counting) {
      if (!one.spec().answering() || event.requestId() != null) {
        count(one, event, item, items);
      }
    }
  }

  private static void count(BucketCounts into, Event event, int item, Catalog.Builder items) {
    StatisticSpec counted = into.spec();
    long amount = counted.sum().isEmpty() ? 1 : units(event.fields().get(counted.sum()));
    if (amount == 0) {
      return;
    }
    long time = event.timeMillis();
    switch (counted.by()) {
      case CONTEXT -> countText(into, event.fields().get(CONTEXT), time, amount);
      case DEVICE -> countText(into, event.fields().get(DEVICE), time, amount);
      case POSITION, ITEM_POSITION -> {
        if (event.fields().get(POSITION) instanceof Long slot) {
          countSlot(into, item, slot, time, amount);
        }
      }
      case ITEM_DEVICE -> {
        if (event.fields().get(DEVICE) instanceof String device) {
          countSlot(into, item, counted.place(device), time, amount);
        }
      }
      default -> countItem(into, item, items, time, amount);
    }
  }

  /** Counts what a suggestion showed. */
  public void observe(Impression impression, Catalog.Builder items) {
    for (BucketCounts one : ofImpressions) {
      for (int at = 0; at < impression.shown().size(); at++) {
        long time = impression.timeMillis();
        switch (one.spec().by()) {
          case CONTEXT -> countText(one, impression.context(), time, 1);
          case DEVICE -> countText(one, impression.device(), time, 1);
          case ALL -> one.add(0, time, 1);
          case POSITION -> countSlot(one, Catalog.UNKNOWN, at + 1L, time, 1);
          default -> {
            int item = items.index(impression.shown().get(at).itemId());
            if (one.spec().by().hasPosition()) {
              countSlot(one, item, at + 1L, time, 1);
            } else if (one.spec().by() == StatisticSpec.By.ITEM_DEVICE) {
              if (impression.device() != null) {
                countSlot(one, item, one.spec().place(impression.device()), time, 1);
              }
            } else {
              countItem(one, item, items, time, 1);
            }
          }
        }
      }
    }
  }

  private static void countItem(
      BucketCounts into, int item, Catalog.Builder items, long time, long amount) {
    switch (into.spec().by()) {
      case ALL -> into.add(0, time, amount);
      case CATEGORY -> {
        int category = items.category(item);
        if (category != 0) {
          into.add(category, time, amount);
        }
      }
      default -> {
        if (item != Catalog.UNKNOWN) {
          into.add(item, time, amount);
        }
      }
    }
  }

  private static void countSlot(BucketCounts into, int item, long slot, long time, long amount) {
    if (slot < 1 || slot > into.spec().others()) {
      into.addBeyond();
    } else if (into.spec().by() == StatisticSpec.By.POSITION) {
      into.add((int) slot, time, amount);
    } else if (item != Catalog.UNKNOWN) {
      into.add(into.key(item, (int) slot), time, amount);
    }
  }

  private static void countText(BucketCounts into, @Nullable Object text, long time, long amount) {
    if (text instanceof String known) {
      into.addText(Hash64.of(known), time, amount);
    }
  }

  /** A number as whole units; 0 for what is none. */
  static long units(@Nullable Object value) {
    if (!(value instanceof Number number)) {
      return 0;
    }
    double cut = Math.max(-MOST_VALUE, Math.min(MOST_VALUE, number.doubleValue()));
    return Math.round(cut * StatisticSpec.UNITS);
  }
}
