package dev.proffer.features.spec;

import dev.proffer.features.spec.StatisticSpec.By;
import java.util.List;

/** A declared statistic of every kind, for tests of what counts, writes and adds them. */
public final class EveryStatistic {
  private static final int MOST_CONTEXTS = 3;

  private EveryStatistic() {}

  /** The events view and click, hours of which six are kept, slots up to 3, three contexts. */
  public static StatisticsSpec spec() {
    return new StatisticsSpec(
        List.of(
            of("chosen", By.ITEM, List.of("view", "click"), false, "", 60, 6),
            of("clicked", By.ITEM, List.of("click"), true, "", 120, 12),
            of("value", By.ITEM, List.of("click"), false, "value", 1_440, 3),
            of("by_category", By.CATEGORY, List.of("click"), false, "", 60, 400),
            of("in_context", By.CONTEXT, List.of("click"), false, "", 60, 400),
            of("value_on", By.DEVICE, List.of("click"), false, "value", 60, 9),
            of("clicked_at", By.POSITION, List.of("click"), true, "", 60, 400),
            of("all", By.ALL, List.of("click"), false, "", 60, 5),
            of("shown", By.ITEM, List.of(), false, "", 60, 400),
            of("shown_in_context", By.CONTEXT, List.of(), false, "", 60, 400),
            of("shown_at", By.POSITION, List.of(), false, "", 60, 400),
            of("shown_item_at", By.ITEM_POSITION, List.of(), false, "", 60, 400),
            of("clicked_on", By.ITEM_DEVICE, List.of("click"), false, "", 60, 400),
            of("shown_on", By.ITEM_DEVICE, List.of(), false, "", 60, 400)),
        StatisticsSpec.PAIRS);
  }

  private static StatisticSpec of(
      String name,
      By by,
      List<String> events,
      boolean answering,
      String sum,
      int bucketMinutes,
      int buckets) {
    return new StatisticSpec(
        name,
        by,
        events,
        answering,
        sum,
        bucketMinutes,
        buckets,
        MOST_CONTEXTS,
        3,
        by == By.ITEM_DEVICE ? List.of("d0", "phone") : List.of(),
        "",
        "");
  }
}
