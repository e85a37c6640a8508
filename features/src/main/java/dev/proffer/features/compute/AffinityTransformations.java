package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import java.util.function.Supplier;

/**
 * What a user has to do with a candidate: the events about items like it, by {@link Likeness}. A
 * request adds them up once, a candidate reads its class's sum.
 */
final class AffinityTransformations {
  private static final double HOUR = 3_600_000;

  private AffinityTransformations() {}

  static void register(Registry registry) {
    registry.ofPair(
        "matching-count",
        "How many of the user's events are about the item, or one of its category or value (by).",
        d -> matching(d, Of.COUNT));
    registry.ofPair(
        "matching-share",
        "Their share of the user's events; 0 when there are none.",
        d -> matching(d, Of.SHARE));
    registry.ofPair(
        "matching-recency",
        "Hours since the latest of them; missing when there is none.",
        d -> matching(d, Of.RECENCY));
    registry.ofPair(
        "decayed-affinity",
        "The same count, an event worth half after each half-life-hours.",
        d -> matching(d, Of.DECAYED));
    registry.ofPair(
        "transition-count",
        "How often the item was chosen right after the item looked at, by everybody; as logarithm"
            + " of 1 and that.",
        d -> TransitionCount::new);
    registry.ofPair(
        "attribute-relative",
        "A numeric attribute of the item beside those of the items of the user's events: as ratio"
            + " to their mean, as difference from it, or as score, the difference in their"
            + " standard deviations. Missing when either side lacks it, or nothing can be divided"
            + " by.",
        d -> {
          EventSelection selection = d.selection();
          String attribute = d.parameters().text("attribute");
          Beside as = d.parameters().oneOf("as", Beside.class, Beside.RATIO);
          return () -> new Relative(selection, attribute, as);
        });
  }

  /** How a number stands beside others. */
  private enum Beside {
    RATIO,
    DIFFERENCE,
    SCORE
  }

  private enum Of {
    COUNT,
    SHARE,
    RECENCY,
    DECAYED
  }

  private static Supplier<Transformation> matching(Declaration d, Of of) {
    EventSelection selection = d.selection();
    Supplier<Likeness> by = Likeness.read(d.parameters());
    double halfLife =
        of == Of.DECAYED ? d.parameters().number("half-life-hours", 168, 0.01, 1e6) * HOUR : 1;
    return () -> new Matching(selection, by.get(), of, halfLife);
  }

  /** Shared by what reads the user's events once a request, for all candidates. */
  private abstract static class Prepared implements Transformation.OfCandidate {
    private final SelectedOf selected;

    Prepared(EventSelection selection) {
      this.selected = new SelectedOf(selection);
    }

    @Override
    public void prepare(FeatureInput in) {
      SelectedEvents events = selected.in(in);
      prepare(in, events, events.count());
    }

    abstract void prepare(FeatureInput in, SelectedEvents events, int count);
  }

  private static final class Matching extends Prepared {
    private final Likeness by;
    private final Of of;
    private final double halvesAMilli;
    private final Tally tally = new Tally();
    private int all;

    Matching(EventSelection selection, Likeness by, Of of, double halfLifeMillis) {
      super(selection);
      this.by = by;
      this.of = of;
      this.halvesAMilli = 1 / halfLifeMillis;
    }

    @Override
    void prepare(FeatureInput in, SelectedEvents events, int count) {
      by.prepare(in);
      tally.clear();
      all = count;
      for (int at = 0; at < count; at++) {
        int code = by.code(events.item(at));
        if (code == 0) {
          continue;
        }
        double age = in.asOfMillis() - events.timeMillis(at);
        switch (of) {
          case COUNT, SHARE -> tally.add(code, 1);
          case DECAYED -> tally.add(code, Halving.after(age * halvesAMilli));
          case RECENCY -> tally.set(code, age / HOUR);
        }
      }
    }

    @Override
    public float value(FeatureInput in, int item) {
      int code = by.code(item);
      boolean there = code != 0 && tally.has(code);
      return switch (of) {
        case COUNT, DECAYED -> there ? (float) tally.of(code) : 0;
        case SHARE -> there ? (float) (tally.of(code) / all) : 0;
        case RECENCY -> there ? (float) tally.of(code) : Float.NaN;
      };
    }
  }

  private static final class Relative extends Prepared {
    private final String attribute;
    private final Beside as;
    private float[] column = new float[Catalog.UNKNOWN + 1];
    private double mean;
    private double deviation;

    Relative(EventSelection selection, String attribute, Beside as) {
      super(selection);
      this.attribute = attribute;
      this.as = as;
    }

    @Override
    void prepare(FeatureInput in, SelectedEvents events, int count) {
      column = in.catalog().numbers(attribute);
      double sum = 0;
      int having = 0;
      for (int at = 0; at < count; at++) {
        float value = column[events.item(at)];
        if (!Float.isNaN(value)) {
          sum += value;
          having++;
        }
      }
      mean = having == 0 ? Double.NaN : sum / having;
      double squares = 0;
      for (int at = 0; at < count; at++) {
        float value = column[events.item(at)];
        if (!Float.isNaN(value)) {
          squares += (value - mean) * (value - mean);
        }
      }
      deviation = Math.sqrt(squares / having);
    }

    @Override
    public float value(FeatureInput in, int item) {
      double value = column[item];
      return (float)
          switch (as) {
            case RATIO -> mean == 0 ? Double.NaN : value / mean;
            case DIFFERENCE -> value - mean;
            case SCORE -> deviation == 0 ? Double.NaN : (value - mean) / deviation;
          };
    }
  }
}
