package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.spec.StatisticSpec;
import dev.proffer.features.spec.StatisticSpec.By;
import dev.proffer.features.spec.StatisticsSpec;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The transformations of declared statistics, each with the reader of its parameters. To add one: a
 * class, a line here, and a test.
 */
final class StatisticTransformations {
  private static final int MINUTES_AN_HOUR = 60;
  private static final int MOST_HOURS = 100_000;
  private static final Transformation MISSING = (Transformation.OfRequest) in -> Float.NaN;
  private static final Set<String> NAMES = new LinkedHashSet<>();

  private StatisticTransformations() {}

  static void register(Registry registry) {
    add(
        registry,
        "statistic",
        "What a declared statistic has for the item, its category, the context, the device or a given position, over the trailing hours; 0 for what was never counted, missing without a key.",
        p -> {
          Of of = p.statistic("statistic");
          int buckets = p.buckets("hours", of);
          return () -> new StatisticValue(of.window(buckets));
        });
    add(
        registry,
        "statistic-share",
        "The same as a share of what all keys have; missing where they have nothing.",
        p -> {
          Of of = p.statistic("statistic");
          int buckets = p.buckets("hours", of);
          return () -> new StatisticShare(of.window(buckets));
        });
    add(
        registry,
        "statistic-trend",
        "What the short hours have over what they would have at the pace of the long hours, both with a prior: 1 is neither rising nor falling.",
        p -> {
          Of of = p.statistic("statistic");
          int shortly = p.buckets("short-hours", of);
          int longer = p.buckets("long-hours", of);
          double prior = p.section.number("prior", 5, 0.01, 1e6);
          if (longer <= shortly) {
            p.section.refuse("long-hours", "expected more than short-hours");
          }
          return () ->
              new StatisticTrend(
                  of.window(shortly), of.window(longer), (double) shortly / longer, prior);
        });
    add(
        registry,
        "decayed-statistic",
        "What a declared statistic has, each bucket worth half as much every half-life since its end.",
        p -> {
          Of of = p.statistic("statistic");
          double most =
              (double) of.spec.buckets() * of.spec.bucketMinutes() / (4 * MINUTES_AN_HOUR);
          if (!p.section.has("half-life-hours")) {
            p.section.refuse("half-life-hours", "is required");
          }
          double halfLife = p.section.number("half-life-hours", most, 0.001, most);
          return () -> new DecayedStatistic(of.window(of.spec.mostBuckets()), halfLife * 3_600_000);
        });
    add(
        registry,
        "rate",
        "One declared statistic over another in the same hours, leaning on the rate of all keys with a weight that is given or estimated by the method of moments; missing where nothing was counted.",
        p -> {
          Of of = p.statistic("statistic");
          Of over = p.statistic("over");
          p.same(of, over);
          int buckets = p.buckets("hours", of);
          int overBuckets = p.buckets("hours", over);
          double weight = p.weight(over);
          return () -> new Rate(of.window(buckets), over.window(overBuckets), weight);
        });
    add(
        registry,
        "value-per-impression",
        "What a declared sum has for each showing in the same hours, leaning on that of all keys with a weight; missing where nothing was shown.",
        p -> {
          Of of = p.statistic("statistic");
          Of over = p.statistic("over");
          p.same(of, over);
          if (of.declared() && of.spec.sum().isEmpty()) {
            p.section.refuse("statistic", "counts; expected a statistic with a sum");
          }
          if (over.declared() && !over.spec.impressions()) {
            p.section.refuse("over", "counts events; expected a statistic of impressions");
          }
          int buckets = p.buckets("hours", of);
          int overBuckets = p.buckets("hours", over);
          double weight = p.section.number("weight", 50, 0.01, 1e6);
          return () -> new Rate(of.window(buckets), over.window(overBuckets), weight);
        });
    add(
        registry,
        "position-debiased-rate",
        "Clicks over showings, each showing worth how much its position is looked at, leaning on the rate of all items with a weight; missing where nothing was shown.",
        p -> {
          Of clicks = p.statistic("clicks", By.ITEM);
          Of shown = p.statistic("impressions", By.ITEM_POSITION);
          Of slotClicks = p.statistic("clicks-by-position", By.POSITION);
          Of slotShown = p.statistic("impressions-by-position", By.POSITION);
          for (Of slots : List.of(slotClicks, slotShown)) {
            if (slots.declared() && slots.spec.maxPosition() < shown.spec.maxPosition()) {
              p.section.refuse(
                  "impressions",
                  "keeps more slots than "
                      + slots.spec.name()
                      + "; expected a max-position of at most "
                      + slots.spec.maxPosition());
            }
          }
          int of = p.buckets("hours", clicks);
          int ofShown = p.buckets("hours", shown);
          int ofSlotClicks = p.buckets("hours", slotClicks);
          int ofSlotShown = p.buckets("hours", slotShown);
          double weight = p.section.number("weight", 50, 0.01, 1e6);
          return () ->
              new PositionDebiasedRate(
                  clicks.window(of),
                  shown.window(ofShown),
                  slotClicks.window(ofSlotClicks),
                  slotShown.window(ofSlotShown),
                  weight);
        });
  }

  private static void add(
      Registry registry,
      String name,
      String definition,
      Function<Parameters, Supplier<Transformation>> reader) {
    NAMES.add(name);
    registry.ofItem(
        name,
        definition,
        declaration -> {
          Parameters parameters =
              new Parameters(declaration.parameters(), declaration.sequence().statistics());
          Supplier<Transformation> maker = reader.apply(parameters);
          return parameters.wrong ? () -> MISSING : maker;
        });
  }

  /** The statistics that a feature reads: how they count decides its value too. */
  static List<StatisticSpec> used(
      String transformation, Collection<String> parameters, StatisticsSpec statistics) {
    return NAMES.contains(transformation)
        ? statistics.statistics().stream().filter(one -> parameters.contains(one.name())).toList()
        : List.of();
  }

  /** A declared statistic that a feature names. */
  private record Of(int number, StatisticSpec spec, int position) {
    Window window(int buckets) {
      return new Window(number, spec, buckets, position);
    }

    boolean declared() {
      return number >= 0;
    }
  }

  /** The parameters of one feature. */
  private static final class Parameters {
    private final Section section;
    private final StatisticsSpec statistics;
    private boolean wrong;

    Parameters(Section section, StatisticsSpec statistics) {
      this.section = section;
      this.statistics = statistics;
    }

    /** A statistic of any kind but those by item and position, which have no one key. */
    Of statistic(String key) {
      Of of = named(key);
      if (of.declared() && of.spec.by() == By.ITEM_POSITION) {
        section.refuse(key, of.spec.name() + " is by item-position; see position-debiased-rate");
      }
      if (of.declared() && of.spec.by() == By.POSITION) {
        if (!section.has("position")) {
          section.refuse("position", "is required, since " + of.spec.name() + " is by position");
        }
        int position = section.integer("position", 1, 1, of.spec.maxPosition());
        return new Of(of.number, of.spec, position);
      }
      return of;
    }

    Of statistic(String key, By by) {
      Of of = named(key);
      if (of.declared() && of.spec.by() != by) {
        section.refuse(
            key, of.spec.name() + " is by " + word(of.spec.by()) + ", expected " + word(by));
      }
      return of;
    }

    private Of named(String key) {
      String name = section.text(key);
      int number = statistics.number(name);
      if (number < 0) {
        wrong = true;
        if (!name.isEmpty()) {
          section.refuse(key, "\"" + name + "\" is not one of " + statistics.names());
        }
        return new Of(
            -1,
            new StatisticSpec(
                name,
                By.ALL,
                List.of(),
                false,
                "",
                MINUTES_AN_HOUR,
                400,
                1,
                1_000,
                List.of(),
                "",
                ""),
            1);
      }
      return new Of(number, statistics.statistics().get(number), 1);
    }

    /** A window's hours as buckets of a statistic. */
    int buckets(String key, Of of) {
      if (!section.has(key)) {
        section.refuse(key, "is required");
        return 1;
      }
      int hours = section.integer(key, 1, 1, MOST_HOURS);
      StatisticSpec spec = of.spec;
      int minutes = hours * MINUTES_AN_HOUR;
      if (of.declared()
          && (minutes % spec.bucketMinutes() != 0
              || minutes / spec.bucketMinutes() > spec.mostBuckets())) {
        section.refuse(
            key,
            hours
                + " hours are not 1 to "
                + spec.mostBuckets()
                + " buckets of "
                + spec.bucketMinutes()
                + " minutes, as "
                + spec.name()
                + " has them");
        return 1;
      }
      return Math.max(1, minutes / spec.bucketMinutes());
    }

    void same(Of of, Of over) {
      if (of.declared() && over.declared() && of.spec.by() != over.spec.by()) {
        section.refuse(
            "over",
            over.spec.name()
                + " is by "
                + word(over.spec.by())
                + ", expected "
                + word(of.spec.by())
                + " as "
                + of.spec.name());
      }
    }

    double weight(Of over) {
      if (section.has("weight")) {
        return section.number("weight", 50, 0.01, 1e6);
      }
      By by = over.spec.by();
      if (over.declared() && by != By.ITEM && by != By.CATEGORY && by != By.POSITION) {
        section.refuse("weight", "is required, since " + over.spec.name() + " is by " + word(by));
      }
      return Rate.ESTIMATED;
    }

    private static String word(By by) {
      return by.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }
}
