package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;
import dev.proffer.features.state.Statistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The transformations a feature may name, each with the reader of its parameters. To add one: a
 * class, or a line where a line is enough, and a test.
 *
 * <p>"Session" is the user's latest session, the item looked at counted as its last event; "place"
 * is the attribute that orders a category (sequences.yaml, {@code order-attribute}).
 */
public final class Transformations {
  private static final Map<String, Function<Section, Supplier<Transformation>>> KNOWN =
      new LinkedHashMap<>();

  static {
    // What comes next.
    known(
        "next-probability",
        p -> {
          int order = p.integer("order", 2, 0, 2);
          return () -> candidate((in, item) -> in.nextItem().probability(order, item));
        });
    known(
        "lag-probability",
        p -> {
          int lag = p.integer("lag", 2, 1, Statistics.MAX_LAG);
          double weight = p.number("weight", 20, 0, 1e6);
          return () -> new LagProbability(lag, weight);
        });
    known(
        "decayed-next",
        p -> {
          int steps = p.integer("steps", 8, 1, 50);
          double decay = p.number("decay", 0.7, 0.01, 1);
          double weight = p.number("weight", 10, 0.01, 1e6);
          return () -> new DecayedNext(steps, decay, weight);
        });
    known(
        "category-next-probability",
        p -> () -> candidate((in, item) -> in.nextItem().categoryProbability(item)));
    known(
        "step-probability",
        p -> {
          boolean byArrival = p.flag("by-arrival", false);
          return () ->
              candidate(
                  (in, item) ->
                      byArrival
                          ? in.nextItem().stepProbabilityByArrival(item)
                          : in.nextItem().stepProbability(item));
        });
    known(
        "together",
        p -> {
          int steps = p.integer("steps", 1, 1, 50);
          double decay = p.number("decay", 0.7, 0.01, 1);
          double weight = p.number("weight", 5, 0, 1e6);
          return () -> new Together(steps, decay, weight);
        });

    // What everybody chooses.
    known("popularity", p -> () -> candidate((in, item) -> (float) Math.log(Share.of(in, item))));
    known("popularity-in-category", p -> () -> candidate(Transformations::popularityInCategory));
    known("session-start-share", p -> () -> candidate(Transformations::sessionStartShare));
    known(
        "repeat-rate",
        p -> {
          float weight = (float) p.number("weight", 30, 0.01, 1e6);
          float prior = (float) p.number("prior", 1.0 / 15, 0, 1);
          return () ->
              candidate(
                  (in, item) -> {
                    PairCounts.Row row = in.statistics().next(1).row(item);
                    return (row.of(item) + weight * prior) / (row.total() + weight);
                  });
        });
    known(
        "click-rate",
        p -> {
          double weight = p.number("weight", 50, 0.01, 1e6);
          return () -> new ClickRate(weight);
        });

    // What this session did with the item and its like.
    known("times-chosen", p -> () -> candidate((in, item) -> in.timesInSession(item)));
    known(
        "events-since-chosen",
        p ->
            () ->
                candidate(
                    (in, item) -> in.timesInSession(item) == 0 ? Float.NaN : in.eventsAgo(item)));
    known(
        "share-of-category",
        p ->
            () ->
                candidate(
                    (in, item) ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) in.categoryInSession(in.catalog().category(item))
                                / in.sessionLength()));
    known(
        "share-of-attribute",
        p -> {
          String attribute = p.text("attribute");
          return () -> new ShareOfAttribute(attribute);
        });

    // Where the item stands.
    known(
        "attribute",
        p -> {
          String attribute = p.text("attribute");
          return () -> candidate((in, item) -> in.catalog().numbers(attribute)[item]);
        });
    known(
        "attribute-difference",
        p -> {
          String attribute = p.text("attribute");
          boolean sameCategory = p.flag("same-category", false);
          return () -> new AttributeDifference(attribute, sameCategory);
        });
    known(
        "place",
        p -> {
          boolean relative = p.flag("relative", false);
          return () ->
              candidate(
                  (in, item) ->
                      relative
                          ? in.order(item) / in.catalog().categorySize(in.catalog().category(item))
                          : in.order(item));
        });
    known(
        "place-from",
        p -> {
          String from = p.word("from", "current", "highest", "lowest", "latest");
          boolean absolute = p.flag("absolute", false);
          return () ->
              candidate(
                  (in, item) -> {
                    float difference =
                        in.order(item) - placeInCategory(in, from, in.catalog().category(item));
                    return absolute ? Math.abs(difference) : difference;
                  });
        });

    // What the session is like; the same for all candidates.
    known("session-length", p -> () -> request(FeatureInput::sessionLength));
    known("sequence-length", p -> () -> request(FeatureInput::length));
    known("distinct-items", p -> () -> request(FeatureInput::distinctInSession));
    known("distinct-categories", p -> () -> request(Transformations::distinctCategories));
    known(
        "repeat-share",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) (in.sessionLength() - in.distinctInSession())
                                / in.sessionLength()));
    known(
        "immediate-repeat-share",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) in.immediateRepeats() / in.sessionLength()));
    known(
        "direction",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0 ? 0 : (float) in.direction() / in.sessionLength()));
    known(
        "last-step",
        p ->
            () ->
                request(
                    in -> {
                      int before = in.last(2);
                      int current = in.contextItem();
                      return before == Catalog.UNKNOWN
                              || in.catalog().category(before) != in.catalog().category(current)
                          ? Float.NaN
                          : in.order(current) - in.order(before);
                    }));
    known(
        "current-transitions",
        p -> () -> request(in -> in.statistics().next(1).row(in.contextItem()).total()));
    known(
        "current-place",
        p -> {
          boolean relative = p.flag("relative", false);
          return () ->
              request(
                  in -> {
                    int current = in.contextItem();
                    float size =
                        relative
                            ? Math.max(1, in.catalog().categorySize(in.catalog().category(current)))
                            : 1;
                    return in.order(current) / size;
                  });
        });
    known(
        "current-attribute",
        p -> {
          String attribute = p.text("attribute");
          return () -> request(in -> in.catalog().numbers(attribute)[in.contextItem()]);
        });
    known(
        "current-category-share",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) in.categoryInSession(in.catalog().category(in.contextItem()))
                                / in.sessionLength()));
    known("times-current-chosen", p -> () -> request(in -> in.timesInSession(in.contextItem())));
    known(
        "furthest-place",
        p ->
            () ->
                request(
                    in -> {
                      int category = in.catalog().category(in.contextItem());
                      return in.highest(category)
                          / Math.max(1, in.catalog().categorySize(category));
                    }));
    known(
        "exit-rate",
        p -> {
          int order = p.integer("order", 1, 0, 2);
          float weight = (float) p.number("weight", 40, 0.01, 1e6);
          return () -> request(in -> exitRate(in, order, weight));
        });
  }

  private Transformations() {}

  /**
   * The maker of a declared transformation. A mistake is noted in the sections' problems, and a
   * transformation that is always missing stands in.
   *
   * @param name as declared under the key {@code transformation} of {@code feature}
   */
  static Supplier<Transformation> read(String name, Section feature, Section parameters) {
    Function<Section, Supplier<Transformation>> reader = KNOWN.get(name);
    if (reader == null) {
      feature.refuse("transformation", "\"" + name + "\" is not one of " + KNOWN.keySet());
      return () -> request(in -> Float.NaN);
    }
    Supplier<Transformation> maker = reader.apply(parameters);
    parameters.done();
    return maker;
  }

  /** The names, in the order of documentation. */
  public static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  private static void known(String name, Function<Section, Supplier<Transformation>> reader) {
    KNOWN.put(name, reader);
  }

  private static Transformation candidate(Transformation.OfCandidate transformation) {
    return transformation;
  }

  private static Transformation request(Transformation.OfRequest transformation) {
    return transformation;
  }

  private static float popularityInCategory(FeatureInput in, int item) {
    int category = in.catalog().category(item);
    return (in.statistics().events(item) + 1)
        / Math.max(
            1, in.statistics().categoryEvents(category) + in.catalog().categorySize(category));
  }

  private static float sessionStartShare(FeatureInput in, int item) {
    return (float)
        ((in.statistics().sessionStarts(item) + 0.5)
            / (in.statistics().totalSessionStarts() + 0.5 * Math.max(1, in.catalog().size() - 1)));
  }

  private static float placeInCategory(FeatureInput in, String from, int category) {
    return switch (from) {
      case "highest" -> in.highest(category);
      case "lowest" -> in.lowest(category);
      case "latest" -> in.latest(category);
      default ->
          in.catalog().category(in.contextItem()) == category
              ? in.order(in.contextItem())
              : Float.NaN;
    };
  }

  private static float distinctCategories(FeatureInput in) {
    int distinct = 0;
    for (int category = 0; category < in.catalog().categoryCount(); category++) {
      distinct += in.categoryInSession(category) > 0 ? 1 : 0;
    }
    return distinct;
  }

  /**
   * How often nothing followed: over all events (order 0), after this item (1), after these two
   * items (2), each leaning on the one before with a weight in events.
   */
  private static float exitRate(FeatureInput in, int order, float weight) {
    Statistics statistics = in.statistics();
    float any = (float) ((statistics.totalSessionStarts() + 1) / (statistics.totalEvents() + 7));
    if (order == 0) {
      return any;
    }
    int current = in.contextItem();
    float events = statistics.events(current);
    float afterOne =
        (events - statistics.next(1).row(current).total() + weight * any) / (events + weight);
    int before = in.last(2);
    if (order == 1 || before == Catalog.UNKNOWN) {
      return afterOne;
    }
    float pairs = statistics.next(1).row(before).of(current);
    float followed = statistics.nextAfterTwo(before, current).total();
    return (pairs - followed + weight * afterOne) / (pairs + weight);
  }
}
