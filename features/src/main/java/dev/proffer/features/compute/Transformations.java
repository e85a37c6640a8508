package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.text.EditDistance;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The transformations a feature may name, each with the reader of its parameters. To add one: a
 * class, or a line where a line is enough, registered with its definition, and a test.
 *
 * <p>"Session" is the user's latest session, the item looked at counted as its last event; "place"
 * is the attribute that orders a category (sequences.yaml, {@code order-attribute}).
 */
public final class Transformations {
  private static final Registry REGISTRY = new Registry();

  static {
    // What comes next.
    known(
        Registry.USER_AND_ITEM,
        "next-probability",
        "Probability that the item is chosen next: judged by the walk through the catalog (order 0), by the last item (1), by the last two (2), each leaning on the one before where counts are thin.",
        p -> {
          int order = p.integer("order", 2, 0, 2);
          return () -> candidate((in, item) -> in.nextItem().probability(order, item));
        });
    known(
        Registry.USER_AND_ITEM,
        "lag-probability",
        "How often the item came lag events after the item that many events back: its count over all counts and a weight.",
        p -> {
          int lag = p.integer("lag", 2, 1, Statistics.MAX_LAG);
          double weight = p.number("weight", 20, 0, 1e6);
          return () -> new LagProbability(lag, weight);
        });
    known(
        Registry.USER_AND_ITEM,
        "decayed-next",
        "How probable the item is after each of the latest items of the session, the further back the less.",
        p -> {
          int steps = p.integer("steps", 8, 1, 50);
          double decay = p.number("decay", 0.7, 0.01, 1);
          double weight = p.number("weight", 10, 0.01, 1e6);
          return () -> new DecayedNext(steps, decay, weight);
        });
    known(
        Registry.USER_AND_ITEM,
        "category-next-probability",
        "Probability that the item's category comes after that of the item looked at.",
        p -> () -> candidate((in, item) -> in.nextItem().categoryProbability(item)));
    known(
        Registry.USER_AND_ITEM,
        "step-probability",
        "Probability of the step from the place of the item looked at to the item's, of the same category; 0 for another. By arrival: told apart by how the person came.",
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
        Registry.USER_AND_ITEM,
        "together",
        "How much the item shares sessions with the latest items: cosine of the sessions' sets, shrunk by a weight.",
        p -> {
          int steps = p.integer("steps", 1, 1, 50);
          double decay = p.number("decay", 0.7, 0.01, 1);
          double weight = p.number("weight", 5, 0, 1e6);
          return () -> new Together(steps, decay, weight);
        });

    // What everybody chooses.
    known(
        Registry.ITEM,
        "popularity",
        "Logarithm of the item's share of everybody's choices.",
        p -> Popularity::new);
    known(
        Registry.ITEM,
        "popularity-in-category",
        "The item's share of its category's choices.",
        p -> () -> candidate(Transformations::popularityInCategory));
    known(
        Registry.ITEM,
        "session-start-share",
        "Share of the sessions that begin with the item.",
        p -> () -> candidate(Transformations::sessionStartShare));
    known(
        Registry.ITEM,
        "repeat-rate",
        "How often the item is chosen twice running, leaning on a prior by a weight.",
        p -> {
          float weight = (float) p.number("weight", 30, 0.01, 1e6);
          float prior = (float) p.number("prior", 1.0 / 15, 0, 1);
          return () -> new RepeatRate(weight, prior);
        });
    known(
        Registry.ITEM,
        "click-rate",
        "How often the item's showings by this gateway were clicked, leaning on the mean of all by a weight in showings (empirical Bayes).",
        p -> {
          double weight = p.number("weight", 50, 0.01, 1e6);
          return () -> new ClickRate(weight);
        });

    // What this session did with the item and its like.
    known(
        Registry.USER_AND_ITEM,
        "times-chosen",
        "How often the session chose the item.",
        p -> () -> candidate((in, item) -> in.timesInSession(item)));
    known(
        Registry.USER_AND_ITEM,
        "events-since-chosen",
        "How many events ago the session chose the item; missing when it did not.",
        p ->
            () ->
                candidate(
                    (in, item) -> in.timesInSession(item) == 0 ? Float.NaN : in.eventsAgo(item)));
    known(
        Registry.USER_AND_ITEM,
        "share-of-category",
        "Share of the session's events in the item's category; 0 for an empty session.",
        p ->
            () ->
                candidate(
                    (in, item) ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) in.categoryInSession(in.catalog().category(item))
                                / in.sessionLength()));
    known(
        Registry.USER_AND_ITEM,
        "share-of-attribute",
        "Share of the session's events whose item has the same value of an attribute; 0 for an empty session.",
        p -> {
          String attribute = p.text("attribute");
          return () -> new ShareOfAttribute(attribute);
        });

    // Where the item stands.
    known(
        Registry.ITEM,
        "attribute",
        "A numeric attribute of the item; missing when it lacks it.",
        p -> {
          String attribute = p.text("attribute");
          return () -> new NumberOf(attribute);
        });
    known(
        Registry.USER_AND_ITEM,
        "attribute-difference",
        "A numeric attribute of the item less that of the item looked at; missing when either lacks it.",
        p -> {
          String attribute = p.text("attribute");
          boolean sameCategory = p.flag("same-category", false);
          return () -> new AttributeDifference(attribute, sameCategory);
        });
    known(
        Registry.ITEM,
        "place",
        "The item's place in its category, or relative to the category's size.",
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
        Registry.USER_AND_ITEM,
        "place-from",
        "Places between the item and where the session stands in its category: the item looked at, or the highest, lowest or latest place it came to.",
        p -> {
          PlaceFrom.Origin from = p.oneOf("from", PlaceFrom.Origin.class, PlaceFrom.Origin.CURRENT);
          boolean absolute = p.flag("absolute", false);
          return () -> new PlaceFrom(from, absolute);
        });

    // What the session is like; the same for all candidates.
    known(
        Registry.USER,
        "session-length",
        "Events of the session.",
        p -> () -> request(FeatureInput::sessionLength));
    known(
        Registry.USER,
        "sequence-length",
        "Events that are kept of the user.",
        p -> () -> request(FeatureInput::length));
    known(
        Registry.USER,
        "distinct-items",
        "Different items of the session.",
        p -> () -> request(FeatureInput::distinctInSession));
    known(
        Registry.USER,
        "distinct-categories",
        "Different categories of the session.",
        p -> () -> request(Transformations::distinctCategories));
    known(
        Registry.USER,
        "repeat-share",
        "Share of the session's events that came back to an item; 0 for an empty session.",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) (in.sessionLength() - in.distinctInSession())
                                / in.sessionLength()));
    known(
        Registry.USER,
        "immediate-repeat-share",
        "Share of the session's events that repeated the one before; 0 for an empty session.",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) in.immediateRepeats() / in.sessionLength()));
    known(
        Registry.USER,
        "direction",
        "Steps forward in a category less steps back, per event of the session.",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0 ? 0 : (float) in.direction() / in.sessionLength()));
    known(
        Registry.USER,
        "last-step",
        "Places between the session's last two items of one category; else missing.",
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
        Registry.USER,
        "current-transitions",
        "How often anything followed the item looked at.",
        p -> () -> request(in -> in.statistics().next(1).row(in.contextItem()).total()));
    known(
        Registry.USER,
        "current-place",
        "Place of the item looked at, or relative to its category's size.",
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
        Registry.USER,
        "current-attribute",
        "A numeric attribute of the item looked at.",
        p -> {
          String attribute = p.text("attribute");
          return () -> request(in -> in.catalog().numbers(attribute)[in.contextItem()]);
        });
    known(
        Registry.USER,
        "current-category-share",
        "Share of the session's events in the category of the item looked at.",
        p ->
            () ->
                request(
                    in ->
                        in.sessionLength() == 0
                            ? 0
                            : (float) in.categoryInSession(in.catalog().category(in.contextItem()))
                                / in.sessionLength()));
    known(
        Registry.USER,
        "times-current-chosen",
        "How often the session chose the item looked at.",
        p -> () -> request(in -> in.timesInSession(in.contextItem())));
    known(
        Registry.USER,
        "furthest-place",
        "The furthest place the session came to in the category of the item looked at, over the category's size.",
        p ->
            () ->
                request(
                    in -> {
                      int category = in.catalog().category(in.contextItem());
                      return in.highest(category)
                          / Math.max(1, in.catalog().categorySize(category));
                    }));
    known(
        Registry.USER,
        "exit-rate",
        "How often nothing followed: after any event (order 0), after the item looked at (1), after the last two (2), each leaning on the one before by a weight; where rare pairs were forgotten, 2 is 1.",
        p -> {
          int order = p.integer("order", 1, 0, 2);
          float weight = (float) p.number("weight", 40, 0.01, 1e6);
          return () -> request(in -> exitRate(in, order, weight));
        });

    EventTransformations.register(REGISTRY);
    AffinityTransformations.register(REGISTRY);
    ItemTransformations.register(REGISTRY);
    TextTransformations.register(REGISTRY);
    MomentTransformations.register(REGISTRY);
    StatisticTransformations.register(REGISTRY);
    TableTransformations.register(REGISTRY);
    EmbeddingTransformations.register(REGISTRY);
    DerivedTransformations.register(REGISTRY);
  }

  private static final int NEAREST = 3;
  private static final int FAR = 64;

  private Transformations() {}

  /**
   * The maker of a declared transformation. A mistake is noted in the sections' problems, and a
   * transformation that is always missing stands in.
   *
   * @param name as declared under the key {@code transformation} of {@code feature}
   */
  static Supplier<Transformation> read(String name, Section feature, Declaration declaration) {
    Registry.Kind kind = REGISTRY.kinds().get(name);
    if (kind == null) {
      if (!name.isEmpty()) { // that it is required is said already
        feature.refuse("transformation", unknown(name));
      }
      return () -> request(in -> Float.NaN);
    }
    Supplier<Transformation> maker = kind.reader().apply(declaration);
    declaration.parameters().done();
    return maker;
  }

  /** All of them would hide what went wrong. */
  private static String unknown(String name) {
    EditDistance distance = new EditDistance();
    List<String> nearest =
        names().stream()
            .sorted(Comparator.comparing(known -> distance.of(name, known, FAR)))
            .limit(NEAREST)
            .toList();
    return "\""
        + name
        + "\" is not one of the "
        + names().size()
        + " of docs/transformations.md; nearest: "
        + nearest;
  }

  /** The names, in the order of documentation. */
  public static List<String> names() {
    return List.copyOf(REGISTRY.kinds().keySet());
  }

  /** What a transformation computes, with its edge cases, in words. */
  public static String definition(String name) {
    Registry.Kind kind = REGISTRY.kinds().get(name);
    return kind == null ? "" : kind.definition();
  }

  /** Whom or what a transformation's value belongs to. */
  public static String entity(String name) {
    Registry.Kind kind = REGISTRY.kinds().get(name);
    return kind == null ? "" : kind.entity();
  }

  private static void known(
      String entity,
      String name,
      String definition,
      Function<Section, Supplier<Transformation>> reader) {
    REGISTRY.add(entity, name, definition, d -> reader.apply(d.parameters()));
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

  private static float distinctCategories(FeatureInput in) {
    int distinct = 0;
    for (int category = 0; category < in.catalog().categoryCount(); category++) {
      distinct += in.categoryInSession(category) > 0 ? 1 : 0;
    }
    return distinct;
  }

  /**
   * How often nothing followed: over all events (order 0), after this item (1), after these two
   * items (2), each leaning on the one before with a weight in events. What the last two are held
   * against was forgotten as soon as they were, each at its own time, so their difference means
   * something only where nothing was.
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
    PairCounts.Row afterBefore = statistics.next(1).row(before);
    if (afterBefore.forgotten() > 0 || !statistics.countsEveryPair()) {
      return afterOne;
    }
    float pairs = afterBefore.of(current);
    float followed = statistics.nextAfterTwo(before, current).total();
    return (pairs - followed + weight * afterOne) / (pairs + weight);
  }
}
