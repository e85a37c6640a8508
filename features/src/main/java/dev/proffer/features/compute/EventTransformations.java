package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import java.util.function.Supplier;

/**
 * What a user's own events come to: how many, how much, how often, how regularly. All of them take
 * the events that {@link EventSelection} names, before the instant of the request; the item looked
 * at is none of them. A mean of nothing is missing (NaN), a count or sum of nothing 0.
 */
final class EventTransformations {
  private static final double HOUR = 3_600_000;
  private static final double DAY = 24 * HOUR;

  private EventTransformations() {}

  static void register(Registry registry) {
    registry.ofUser("count", "How many events.", d -> over(d, (in, events, count) -> count));
    registry.ofUser(
        "distinct-count",
        "How many different items, categories or values of an attribute (by) the events are about;"
            + " what belongs to none is not counted.",
        d -> {
          EventSelection selection = d.selection();
          Supplier<Likeness> by = Likeness.read(d.parameters());
          return () -> new OverEvents(selection, new Distinct(by.get(), false));
        });
    registry.ofUser(
        "entropy",
        "How evenly the events spread over items, categories or values (by): Shannon's entropy of"
            + " their shares, in bits; 0 when there are none.",
        d -> {
          EventSelection selection = d.selection();
          Supplier<Likeness> by = Likeness.read(d.parameters());
          return () -> new OverEvents(selection, new Distinct(by.get(), true));
        });
    registry.ofUser(
        "share-of-value",
        "Share of the events whose item is of a category or value (by, value); missing when there"
            + " are none.",
        d -> {
          EventSelection selection = d.selection();
          Supplier<Likeness> by = Likeness.read(d.parameters());
          String value = d.parameters().text("value");
          return () -> new OverEvents(selection, new ShareOfValue(by.get(), value));
        });
    amount(registry, "sum", "Sum of a number; 0 when no event has it.", Moments::sum);
    amount(registry, "mean", "Mean of a number over the events that have it.", Moments::mean);
    amount(registry, "minimum", "Least of a number.", Moments::least);
    amount(registry, "maximum", "Greatest of a number.", Moments::greatest);
    amount(
        registry,
        "standard-deviation",
        "Standard deviation of a number (of the whole, not of a sample); 0 for one event.",
        Moments::deviation);
    registry.ofUser(
        "last-value",
        "The number of the k-th latest event that has it.",
        d -> {
          EventSelection selection = d.selection();
          Supplier<Amount> amount = Amount.read(d.parameters(), d.sequence());
          int k = d.parameters().integer("k", 1, 1, 1_000);
          return () -> new OverEvents(selection, new LastValue(amount.get(), k));
        });
    registry.ofUser(
        "events-ratio",
        "How many events (events) for each of others (over); missing when there are none of the"
            + " others.",
        d -> {
          EventSelection selection = d.selection();
          EventSelection over =
              new EventSelection(
                  selection.sequence(),
                  EventSelection.types(d.parameters(), "over", d.sequence()),
                  selection.windowMillis(),
                  selection.sessionOnly());
          return () -> {
            SelectedOf others = new SelectedOf(over);
            return new OverEvents(
                selection,
                (in, events, count) -> {
                  int under = others.in(in).count();
                  return under == 0 ? Float.NaN : (float) count / under;
                });
          };
        });
    registry.ofUser(
        "recency",
        "Hours since the latest event; missing when there is none.",
        d ->
            over(
                d,
                (in, events, count) ->
                    count == 0
                        ? Float.NaN
                        : (float) ((in.asOfMillis() - events.timeMillis(count - 1)) / HOUR)));
    registry.ofUser(
        "tenure",
        "Days since the first event that is kept; missing when there is none.",
        d ->
            over(
                d,
                (in, events, count) ->
                    count == 0
                        ? Float.NaN
                        : (float) ((in.asOfMillis() - events.timeMillis(0)) / DAY)));
    registry.ofUser(
        "frequency",
        "Events a day since the first of them, for which at least a day is taken.",
        d ->
            over(
                d,
                (in, events, count) ->
                    count == 0
                        ? 0
                        : (float)
                            (count / Math.max(1, (in.asOfMillis() - events.timeMillis(0)) / DAY))));
    registry.ofUser(
        "gap-mean",
        "Mean of the hours between one event and the next; missing for fewer than two.",
        d -> over(d, (in, events, count) -> (float) (gapMean(events, count) / HOUR)));
    registry.ofUser(
        "gap-deviation",
        "Standard deviation of the hours between one event and the next; missing for fewer than"
            + " two.",
        d -> over(d, (in, events, count) -> (float) (gapDeviation(events, count) / HOUR)));
    registry.ofUser(
        "burstiness",
        "(s - m) / (s + m) of the gaps' deviation s and mean m: -1 regular, 0 random, towards 1"
            + " bursts (Goh and Barabasi 2008); missing for fewer than three events, and when all"
            + " happened at once.",
        d ->
            over(
                d,
                (in, events, count) -> {
                  double mean = gapMean(events, count);
                  double deviation = gapDeviation(events, count);
                  return count < 3 || mean == 0
                      ? Float.NaN
                      : (float) ((deviation - mean) / (deviation + mean));
                }));
    registry.ofUser(
        "trend",
        "Events of the latest short-hours over what long-hours let expect, both leaning on 1 by a"
            + " weight in events: (s + w S/L) / ((l + w) S/L).",
        d -> {
          EventSelection of = d.selection();
          double shorter = d.parameters().number("short-hours", 24, 0.01, 1e6);
          double longer = d.parameters().number("long-hours", 168, 0.01, 1e6);
          double weight = d.parameters().number("weight", 1, 0.001, 1e6);
          if (shorter >= longer) {
            d.parameters().refuse("short-hours", shorter + " is not below long-hours, " + longer);
          }
          EventSelection inShort = of.within(Math.round(shorter * HOUR));
          double share = shorter / longer;
          return () -> {
            SelectedOf latest = new SelectedOf(inShort);
            return new OverEvents(
                of.within(Math.round(longer * HOUR)),
                (in, events, count) ->
                    (float)
                        ((latest.in(in).count() + weight * share) / ((count + weight) * share)));
          };
        });
    registry.ofUser(
        "streak",
        "Days in a row with an event, up to the day of the request, or the day before when that"
            + " day has none yet; days begin at midnight of a zone.",
        d -> {
          EventSelection selection = d.selection();
          Supplier<LocalTime> zone = LocalTime.read(d.parameters());
          return () -> new OverEvents(selection, new Streak(zone.get()));
        });
    registry.ofUser(
        "sessions",
        "How many sessions the events make.",
        d -> over(d, (in, events, count) -> sessions(events, count)));
    registry.ofUser(
        "events-per-session",
        "Events a session; missing when there are none.",
        d ->
            over(
                d,
                (in, events, count) ->
                    count == 0 ? Float.NaN : (float) count / sessions(events, count)));
    registry.ofUser(
        "duration",
        "Minutes from the first to the last of the events; with session: true how long the session"
            + " has lasted. 0 for none.",
        d ->
            over(
                d,
                (in, events, count) ->
                    count == 0
                        ? 0
                        : (float)
                            ((events.timeMillis(count - 1) - events.timeMillis(0)) / 60_000.0)));
    registry.ofUser(
        "last-attribute",
        "A numeric attribute of the item of the k-th latest event.",
        d -> {
          EventSelection selection = d.selection();
          String attribute = d.parameters().text("attribute");
          int k = d.parameters().integer("k", 1, 1, 1_000);
          return () ->
              new OverEvents(
                  selection,
                  (in, events, count) ->
                      in.catalog()
                          .numbers(attribute)[
                          count < k ? Catalog.UNKNOWN : events.item(count - k)]);
        });
  }

  private static Supplier<Transformation> over(Declaration d, OverEvents.Reduction reduction) {
    EventSelection selection = d.selection();
    return () -> new OverEvents(selection, reduction);
  }

  private static void amount(Registry registry, String name, String definition, Moments.Of moment) {
    registry.ofUser(
        name,
        definition,
        d -> {
          EventSelection selection = d.selection();
          Supplier<Amount> amount = Amount.read(d.parameters(), d.sequence());
          return () -> new OverEvents(selection, new Moments(amount.get(), moment));
        });
  }

  private static double gapMean(SelectedEvents events, int count) {
    return count < 2
        ? Double.NaN
        : (double) (events.timeMillis(count - 1) - events.timeMillis(0)) / (count - 1);
  }

  private static double gapDeviation(SelectedEvents events, int count) {
    double mean = gapMean(events, count);
    double squares = 0;
    for (int at = 1; at < count; at++) {
      double off = events.timeMillis(at) - events.timeMillis(at - 1) - mean;
      squares += off * off;
    }
    return count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1));
  }

  private static int sessions(SelectedEvents events, int count) {
    int sessions = count == 0 ? 0 : 1;
    for (int at = 1; at < count; at++) {
      if (events.timeMillis(at) - events.timeMillis(at - 1) > events.sessionGapMillis()) {
        sessions++;
      }
    }
    return sessions;
  }

  /** Moments of a number over the events that have it. */
  private static final class Moments implements OverEvents.Reduction {
    private final Amount amount;
    private final Of of;
    private int having;
    private double sum;
    private double least;
    private double greatest;
    private double squares;

    interface Of {
      double of(Moments moments);
    }

    Moments(Amount amount, Of of) {
      this.amount = amount;
      this.of = of;
    }

    @Override
    public float of(FeatureInput in, SelectedEvents events, int count) {
      amount.prepare(in);
      having = 0;
      sum = 0;
      least = Double.POSITIVE_INFINITY;
      greatest = Double.NEGATIVE_INFINITY;
      for (int at = 0; at < count; at++) {
        float value = amount.of(in, events.place(at));
        if (!Float.isNaN(value)) {
          having++;
          sum += value;
          least = Math.min(least, value);
          greatest = Math.max(greatest, value);
        }
      }
      double mean = sum / having;
      squares = 0;
      for (int at = 0; at < count; at++) {
        float value = amount.of(in, events.place(at));
        if (!Float.isNaN(value)) {
          squares += (value - mean) * (value - mean);
        }
      }
      return (float) of.of(this);
    }

    double sum() {
      return sum;
    }

    double mean() {
      return having == 0 ? Double.NaN : sum / having;
    }

    double least() {
      return having == 0 ? Double.NaN : least;
    }

    double greatest() {
      return having == 0 ? Double.NaN : greatest;
    }

    double deviation() {
      return having == 0 ? Double.NaN : Math.sqrt(squares / having);
    }
  }

  private static final class LastValue implements OverEvents.Reduction {
    private final Amount amount;
    private final int k;

    LastValue(Amount amount, int k) {
      this.amount = amount;
      this.k = k;
    }

    @Override
    public float of(FeatureInput in, SelectedEvents events, int count) {
      amount.prepare(in);
      int left = k;
      for (int at = count - 1; at >= 0; at--) {
        float value = amount.of(in, events.place(at));
        if (!Float.isNaN(value) && --left == 0) {
          return value;
        }
      }
      return Float.NaN;
    }
  }

  private static final class ShareOfValue implements OverEvents.Reduction {
    private final Likeness by;
    private final String value;

    ShareOfValue(Likeness by, String value) {
      this.by = by;
      this.value = value;
    }

    @Override
    public float of(FeatureInput in, SelectedEvents events, int count) {
      by.prepare(in);
      int code = by.codeOf(value);
      int matching = 0;
      for (int at = 0; at < count; at++) {
        matching += code != 0 && by.code(events.item(at)) == code ? 1 : 0;
      }
      return count == 0 ? Float.NaN : (float) matching / count;
    }
  }

  /** How many classes of items the events are about, or how evenly they spread over them. */
  private static final class Distinct implements OverEvents.Reduction {
    private final Likeness by;
    private final boolean entropy;
    private final Tally tally = new Tally();

    Distinct(Likeness by, boolean entropy) {
      this.by = by;
      this.entropy = entropy;
    }

    @Override
    public float of(FeatureInput in, SelectedEvents events, int count) {
      by.prepare(in);
      tally.clear();
      int all = 0;
      for (int at = 0; at < count; at++) {
        int code = by.code(events.item(at));
        if (code != 0) {
          tally.add(code, 1);
          all++;
        }
      }
      if (!entropy) {
        return tally.different();
      }
      double bits = 0;
      for (int at = 0; at < tally.different(); at++) {
        double share = tally.sumAt(at) / all;
        bits -= share * Math.log(share) / Math.log(2);
      }
      return (float) bits;
    }
  }

  private static final class Streak implements OverEvents.Reduction {
    private final LocalTime zone;

    Streak(LocalTime zone) {
      this.zone = zone;
    }

    @Override
    public float of(FeatureInput in, SelectedEvents events, int count) {
      long expected = zone.day(in.asOfMillis());
      int days = 0;
      for (int at = count - 1; at >= 0; at--) {
        long day = zone.day(events.timeMillis(at));
        if (days == 0 && (day == expected || day == expected - 1)) {
          days = 1;
          expected = day;
        } else if (day == expected - 1 && days > 0) {
          days++;
          expected = day;
        } else if (day < expected) {
          break;
        }
      }
      return days;
    }
  }
}
