package dev.proffer.features.compute;

import dev.proffer.events.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Every feature by its definition, counted again for each value from the plain list of choices in
 * double precision. Shares no code with what it checks: no index, no statistics, no sequence.
 * {@link RawWorld#NOTHING} stands for every item the catalog lacks.
 */
final class Definitions {
  private static final String NOTHING = RawWorld.NOTHING;

  private final RawWorld world;
  private final Map<String, Item> items = new HashMap<>();
  private final List<List<String>> sessions = new ArrayList<>();
  private List<String> session = List.of();
  private List<RawWorld.Choice> own = List.of();
  private int sequenceLength;
  private String category = NOTHING;
  private RawWorld.Query query =
      new RawWorld.Query(NOTHING, NOTHING, NOTHING, RequestContext.NONE, 0);

  Definitions(RawWorld world) {
    this.world = world;
    world.items.forEach(item -> items.put(item.id(), item));
    Map<String, Long> last = new HashMap<>();
    Map<String, List<String>> open = new HashMap<>();
    for (RawWorld.Choice choice : world.choices) {
      Long before = last.put(choice.user(), choice.time());
      if (before == null || choice.time() - before > RawWorld.GAP) {
        List<String> fresh = new ArrayList<>();
        sessions.add(fresh);
        open.put(choice.user(), fresh);
      }
      List<String> running = open.get(choice.user());
      if (running != null) {
        running.add(known(choice.item()));
      }
    }
  }

  /** Takes up a question: its user's latest session, what is looked at counted as the last. */
  void ask(RawWorld.Query query) {
    this.query = query;
    own =
        world.choices.stream()
            .filter(choice -> choice.user().equals(query.user()) && choice.time() < query.asOf())
            .toList();
    List<String> latest = new ArrayList<>();
    long last = Long.MIN_VALUE / 2;
    sequenceLength = 0;
    for (RawWorld.Choice choice : world.choices) {
      if (choice.user().equals(query.user()) && choice.time() < query.asOf()) {
        if (choice.time() - last > RawWorld.GAP) {
          latest.clear();
        }
        latest.add(known(choice.item()));
        last = choice.time();
        sequenceLength++;
      }
    }
    String looked = known(query.contextItem());
    String current = latest.isEmpty() ? NOTHING : latest.get(latest.size() - 1);
    if (!looked.equals(NOTHING) && !looked.equals(current)) {
      if (query.asOf() - last > RawWorld.GAP) {
        latest.clear();
      }
      latest.add(looked);
      sequenceLength++;
    }
    session = latest;
    category = query.contextCategory();
    if (category.equals(NOTHING)) {
      category = categoryOf(last(1));
    }
  }

  RawWorld.Query query() {
    return query;
  }

  /** All items. */
  List<Item> items() {
    return world.items;
  }

  /** What the user did before the instant, in order. */
  List<RawWorld.Choice> own() {
    return own;
  }

  /** The item as the catalog has it; null when it lacks it. */
  @Nullable Item itemOf(String id) {
    return items.get(id);
  }

  /** The item looked at, or else the last of the session. */
  String current() {
    return last(1);
  }

  /** How often an item was chosen right after another. */
  double transitions(String from, String to) {
    return after(from, to);
  }

  private String known(String item) {
    return items.containsKey(item) ? item : NOTHING;
  }

  // What an item is.

  private String categoryOf(String item) {
    Item of = items.get(item);
    return of == null || of.category() == null ? NOTHING : of.category();
  }

  private double number(String item, String attribute) {
    Item of = items.get(item);
    return of != null && of.attributes().get(attribute) instanceof Number number
        ? number.doubleValue()
        : Double.NaN;
  }

  private double place(String item) {
    return number(item, "place");
  }

  private long sizeOf(String ofCategory) {
    return world.items.stream().filter(item -> categoryOf(item.id()).equals(ofCategory)).count();
  }

  private long categoryCount() {
    return world.items.stream().map(Item::category).filter(c -> c != null).distinct().count();
  }

  // What everybody did.

  private long choicesOf(Predicate<String> item) {
    return world.choices.stream()
        .map(choice -> known(choice.item()))
        .filter(chosen -> !chosen.equals(NOTHING) && item.test(chosen))
        .count();
  }

  private double share(String item) {
    return (choicesOf(item::equals) + 1.0) / Math.max(1, choicesOf(i -> true) + items.size());
  }

  private double shareInCategory(String item) {
    String of = categoryOf(item);
    double size = sizeOf(of);
    double chosen = choicesOf(i -> categoryOf(i).equals(of));
    return (choicesOf(item::equals) + 1.0) / Math.max(1, chosen + size);
  }

  private long starts(Predicate<String> item) {
    return sessions.stream()
        .filter(one -> !one.get(0).equals(NOTHING) && item.test(one.get(0)))
        .count();
  }

  /**
   * Three neighbours of a session: two before, one before and the one; NOTHING beyond its start.
   */
  private interface Neighbours {
    boolean test(String two, String one, String item);
  }

  /** How often an event follows another of its session directly, both about known items. */
  private long followed(Neighbours wanted) {
    long count = 0;
    for (List<String> one : sessions) {
      for (int at = 1; at < one.size(); at++) {
        String two = at >= 2 ? one.get(at - 2) : NOTHING;
        boolean both = !one.get(at).equals(NOTHING) && !one.get(at - 1).equals(NOTHING);
        if (both && wanted.test(two, one.get(at - 1), one.get(at))) {
          count++;
        }
      }
    }
    return count;
  }

  private long after(String from, String to) {
    return followed((two, one, item) -> one.equals(from) && item.equals(to));
  }

  private long afterAny(String from) {
    return followed((two, one, item) -> one.equals(from));
  }

  private long lagged(String from, int lag, Predicate<String> to) {
    long count = 0;
    for (List<String> one : sessions) {
      for (int at = lag; at < one.size(); at++) {
        boolean both = !one.get(at).equals(NOTHING) && !one.get(at - lag).equals(NOTHING);
        if (both && one.get(at - lag).equals(from) && to.test(one.get(at))) {
          count++;
        }
      }
    }
    return count;
  }

  private long sessionsWith(String... wanted) {
    return sessions.stream()
        .filter(one -> !List.of(wanted).contains(NOTHING) && one.containsAll(List.of(wanted)))
        .count();
  }

  private double cosine(String a, String b, double weight) {
    if (a.equals(b)) {
      return 0;
    }
    double both = sessionsWith(a, b);
    return both == 0
        ? 0
        : both / Math.sqrt((sessionsWith(a) + weight) * (sessionsWith(b) + weight));
  }

  // The walk through a category.

  /** A step in whole places, at most so many either way; null when a place is missing. */
  private static String step(double from, double to, int most) {
    double places = Math.floor(to - from + 0.5);
    return Double.isNaN(places) ? "unknown" : "" + Math.max(-most, Math.min(most, (int) places));
  }

  private String step(String from, String to) {
    return step(place(from), place(to), 500);
  }

  private String arrival(String two, String one) {
    if (two.equals(NOTHING) || one.equals(NOTHING)) {
      return "start";
    }
    String by = step(place(two), place(one), 25);
    return !categoryOf(two).equals(categoryOf(one)) || by.equals("unknown") ? "elsewhere" : by;
  }

  private boolean stepped(String one, String item) {
    return categoryOf(one).equals(categoryOf(item)) && !step(one, item).equals("unknown");
  }

  private boolean canStep(String item) {
    return categoryOf(item).equals(category)
        && categoryOf(last(1)).equals(category)
        && !step(last(1), item).equals("unknown");
  }

  double stepProbability(String item) {
    if (!canStep(item)) {
      return 0;
    }
    String wanted = step(last(1), item);
    double all = followed((two, a, b) -> stepped(a, b) && categoryOf(a).equals(category));
    double same =
        followed(
            (two, a, b) ->
                stepped(a, b) && categoryOf(a).equals(category) && step(a, b).equals(wanted));
    return (same + 0.5) / (all + 0.5 * sizeOf(category));
  }

  double stepProbabilityByArrival(String item) {
    if (!canStep(item)) {
      return 0;
    }
    String wanted = step(last(1), item);
    String came = arrival(last(2), last(1));
    double all = followed((two, a, b) -> stepped(a, b) && arrival(two, a).equals(came));
    double same =
        followed(
            (two, a, b) ->
                stepped(a, b) && arrival(two, a).equals(came) && step(a, b).equals(wanted));
    return (same + 20 * stepProbability(item)) / (all + 20);
  }

  double categoryNext(String item) {
    double all = followed((two, a, b) -> categoryOf(a).equals(category));
    double same =
        followed(
            (two, a, b) ->
                categoryOf(a).equals(category) && categoryOf(b).equals(categoryOf(item)));
    return (same + 5) / (all + 5 * Math.max(1, categoryCount()));
  }

  private double walk(String item) {
    if (last(1).equals(NOTHING) && category.equals(NOTHING)) {
      return (starts(item::equals) + 0.5) / (starts(i -> true) + 0.5 * (items.size() + 1));
    }
    String to = categoryOf(item);
    if (to.equals(category)) {
      double step = stepProbabilityByArrival(item);
      return categoryNext(item) * (step > 0 ? step : shareInCategory(item));
    }
    double crossings =
        followed((two, a, b) -> categoryOf(a).equals(category) && categoryOf(b).equals(to));
    double arrived = followed((two, a, b) -> categoryOf(a).equals(category) && b.equals(item));
    return categoryNext(item) * (arrived + 20 * shareInCategory(item)) / (crossings + 20);
  }

  double next(int order, String item) {
    if (order == 0) {
      return walk(item);
    }
    double one = (after(last(1), item) + 30 * walk(item)) / (afterAny(last(1)) + 30);
    if (order == 1 || last(2).equals(NOTHING)) {
      return one;
    }
    String two = last(2);
    double same = followed((a, b, c) -> a.equals(two) && b.equals(last(1)) && c.equals(item));
    double all = followed((a, b, c) -> a.equals(two) && b.equals(last(1)));
    return (same + 40 * one) / (all + 40);
  }

  double lag(int lag, double weight, String item) {
    String from = last(lag);
    return from.equals(NOTHING)
        ? Double.NaN
        : (lagged(from, lag, item::equals) + weight * share(item))
            / (lagged(from, lag, i -> true) + weight);
  }

  double decayedNext(int steps, double decay, double weight, String item) {
    double sum = 0;
    for (int back = 1; back <= Math.min(steps, session.size()); back++) {
      double one = after(last(back), item) / (afterAny(last(back)) + weight);
      sum += Math.pow(decay, back - 1) * one;
    }
    return sum;
  }

  double together(int steps, double decay, double weight, String item) {
    if (steps == 1 && item.equals(last(1))) {
      return -1;
    }
    double sum = 0;
    for (int back = 1; back <= Math.min(steps, session.size()); back++) {
      sum += Math.pow(decay, back - 1) * cosine(last(back), item, weight);
    }
    return sum;
  }

  double popularity(String item) {
    return Math.log(share(item));
  }

  double popularityInCategory(String item) {
    return shareInCategory(item);
  }

  double opensSessions(String item) {
    return (starts(item::equals) + 0.5) / (starts(i -> true) + 0.5 * Math.max(1, items.size()));
  }

  double repeatRate(double weight, double prior, String item) {
    return (after(item, item) + weight * prior) / (afterAny(item) + weight);
  }

  double clickRate(double weight, String item) {
    double clicks = world.clicked.stream().filter(i -> !known(i).equals(NOTHING)).count();
    double showings = world.shown.stream().filter(i -> !known(i).equals(NOTHING)).count();
    double own = world.clicked.stream().filter(i -> i.equals(item)).count();
    double ownShowings = world.shown.stream().filter(i -> i.equals(item)).count();
    return (own + weight * (clicks + 1) / (showings + 20)) / (ownShowings + weight);
  }

  // What the session did.

  /** The item so many events before the end; NOTHING beyond the session's start. */
  private String last(int back) {
    return back > session.size() ? NOTHING : session.get(session.size() - back);
  }

  private double shareOfSession(Predicate<String> item) {
    return session.isEmpty() ? 0 : (double) session.stream().filter(item).count() / session.size();
  }

  double times(String item) {
    return session.stream().filter(item::equals).count();
  }

  double timesCurrent() {
    return times(last(1));
  }

  double since(String item) {
    int at = session.lastIndexOf(item);
    return at < 0 ? Double.NaN : session.size() - 1 - at;
  }

  double categoryShare(String item) {
    return shareOfSession(i -> categoryOf(i).equals(categoryOf(item)));
  }

  double currentCategoryShare() {
    return categoryShare(last(1));
  }

  double attributeShare(String attribute, String item) {
    Item of = items.get(item);
    Object value = of == null ? null : of.attributes().get(attribute);
    return value == null
        ? 0
        : shareOfSession(
            i -> {
              Item other = items.get(i);
              return other != null && value.equals(other.attributes().get(attribute));
            });
  }

  double attribute(String attribute, String item) {
    return number(item, attribute);
  }

  double attributeDifference(String attribute, boolean sameCategory, String item) {
    boolean comparable = !sameCategory || categoryOf(item).equals(categoryOf(last(1)));
    return comparable ? number(item, attribute) - number(last(1), attribute) : Double.NaN;
  }

  double place(boolean relative, String item) {
    return relative ? place(item) / sizeOf(categoryOf(item)) : place(item);
  }

  double placeFrom(String from, boolean absolute, String item) {
    List<Double> places = new ArrayList<>();
    for (String chosen : session) {
      if (categoryOf(chosen).equals(categoryOf(item))) {
        places.add(place(chosen));
      }
    }
    double origin = Double.NaN;
    for (double one : places) {
      boolean better =
          Double.isNaN(origin)
              || (from.equals("highest") && one > origin)
              || (from.equals("lowest") && one < origin);
      origin = better ? one : origin;
    }
    if (from.equals("latest")) {
      origin = places.isEmpty() ? Double.NaN : places.get(places.size() - 1);
    }
    if (from.equals("current")) {
      origin = categoryOf(last(1)).equals(categoryOf(item)) ? place(last(1)) : Double.NaN;
    }
    double difference = place(item) - origin;
    return absolute ? Math.abs(difference) : difference;
  }

  double sessionLength() {
    return session.size();
  }

  double sequenceLength() {
    return sequenceLength;
  }

  double distinctItems() {
    return new HashSet<>(session).size();
  }

  double distinctCategories() {
    Set<String> categories = new HashSet<>();
    session.forEach(item -> categories.add(categoryOf(item)));
    return categories.size();
  }

  double repeatShare() {
    return session.isEmpty() ? 0 : (session.size() - distinctItems()) / session.size();
  }

  double immediateRepeatShare() {
    double repeats = 0;
    for (int at = 1; at < session.size(); at++) {
      repeats += session.get(at).equals(session.get(at - 1)) ? 1 : 0;
    }
    return session.isEmpty() ? 0 : repeats / session.size();
  }

  double direction() {
    double sum = 0;
    for (int at = 1; at < session.size(); at++) {
      String one = session.get(at - 1);
      String item = session.get(at);
      double difference = place(item) - place(one);
      boolean counts = categoryOf(one).equals(categoryOf(item)) && !Double.isNaN(difference);
      sum += counts ? Math.signum(difference) : 0;
    }
    return session.isEmpty() ? 0 : sum / session.size();
  }

  double lastStep() {
    return last(2).equals(NOTHING) || !categoryOf(last(2)).equals(categoryOf(last(1)))
        ? Double.NaN
        : place(last(1)) - place(last(2));
  }

  double currentTransitions() {
    return afterAny(last(1));
  }

  double currentPlace(boolean relative) {
    return place(last(1)) / (relative ? Math.max(1, sizeOf(categoryOf(last(1)))) : 1);
  }

  double currentAttribute(String attribute) {
    return number(last(1), attribute);
  }

  double furthestPlace() {
    double highest = Double.NaN;
    for (String item : session) {
      if (categoryOf(item).equals(categoryOf(last(1))) && !(place(item) <= highest)) {
        highest = Double.isNaN(place(item)) ? highest : place(item);
      }
    }
    return highest / Math.max(1, sizeOf(categoryOf(last(1))));
  }

  double exitRate(int order, double weight) {
    double any = (starts(i -> true) + 1.0) / (choicesOf(i -> true) + 7.0);
    if (order == 0) {
      return any;
    }
    String current = last(1);
    double events = choicesOf(current::equals);
    double one = (events - afterAny(current) + weight * any) / (events + weight);
    if (order == 1 || last(2).equals(NOTHING)) {
      return one;
    }
    double pairs = after(last(2), current);
    double followed = followed((a, b, c) -> a.equals(last(2)) && b.equals(current));
    return (pairs - followed + weight * one) / (pairs + weight);
  }

  /** One declared feature beside what it should be. */
  record Case(String transformation, String parameters, Value expected) {}

  /** A value by its definition. */
  interface Value {
    double of(Definitions definitions, String item);
  }

  /** At least one case for every transformation there is. */
  static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (int order = 0; order <= 2; order++) {
      int of = order;
      all.add(new Case("next-probability", "order: " + of, (d, i) -> d.next(of, i)));
    }
    all.add(new Case("next-probability", "", (d, i) -> d.next(2, i)));
    for (int lag = 1; lag <= 3; lag++) {
      int of = lag;
      all.add(
          new Case("lag-probability", "lag: " + of + ", weight: 4.5", (d, i) -> d.lag(of, 4.5, i)));
    }
    all.add(new Case("lag-probability", "", (d, i) -> d.lag(2, 20, i)));
    all.add(new Case("decayed-next", "", (d, i) -> d.decayedNext(8, 0.7, 10, i)));
    all.add(
        new Case(
            "decayed-next",
            "steps: 3, decay: 1, weight: 0.5",
            (d, i) -> d.decayedNext(3, 1, 0.5, i)));
    all.add(new Case("category-next-probability", "", Definitions::categoryNext));
    all.add(new Case("step-probability", "", Definitions::stepProbability));
    all.add(
        new Case("step-probability", "by-arrival: true", Definitions::stepProbabilityByArrival));
    all.add(new Case("together", "", (d, i) -> d.together(1, 0.7, 5, i)));
    all.add(
        new Case(
            "together", "steps: 6, decay: 0.5, weight: 1", (d, i) -> d.together(6, 0.5, 1, i)));
    all.add(new Case("popularity", "", Definitions::popularity));
    all.add(new Case("popularity-in-category", "", Definitions::popularityInCategory));
    all.add(new Case("session-start-share", "", Definitions::opensSessions));
    all.add(new Case("repeat-rate", "", (d, i) -> d.repeatRate(30, 1.0 / 15, i)));
    all.add(new Case("repeat-rate", "weight: 2, prior: 0.5", (d, i) -> d.repeatRate(2, 0.5, i)));
    all.add(new Case("click-rate", "", (d, i) -> d.clickRate(50, i)));
    all.add(new Case("click-rate", "weight: 3", (d, i) -> d.clickRate(3, i)));
    all.add(new Case("times-chosen", "", Definitions::times));
    all.add(new Case("events-since-chosen", "", Definitions::since));
    all.add(new Case("share-of-category", "", Definitions::categoryShare));
    for (String attribute : List.of("colour", "place", "not-there")) {
      all.add(
          new Case(
              "share-of-attribute",
              "attribute: " + attribute,
              (d, i) -> d.attributeShare(attribute, i)));
      all.add(
          new Case("attribute", "attribute: " + attribute, (d, i) -> d.attribute(attribute, i)));
      all.add(
          new Case(
              "current-attribute",
              "attribute: " + attribute,
              (d, i) -> d.currentAttribute(attribute)));
    }
    for (boolean same : new boolean[] {true, false}) {
      all.add(
          new Case(
              "attribute-difference",
              "attribute: price, same-category: " + same,
              (d, i) -> d.attributeDifference("price", same, i)));
      all.add(new Case("place", "relative: " + same, (d, i) -> d.place(same, i)));
      all.add(new Case("current-place", "relative: " + same, (d, i) -> d.currentPlace(same)));
      for (String from : List.of("current", "highest", "lowest", "latest")) {
        all.add(
            new Case(
                "place-from",
                "from: " + from + ", absolute: " + same,
                (d, i) -> d.placeFrom(from, same, i)));
      }
    }
    all.add(new Case("session-length", "", (d, i) -> d.sessionLength()));
    all.add(new Case("sequence-length", "", (d, i) -> d.sequenceLength()));
    all.add(new Case("distinct-items", "", (d, i) -> d.distinctItems()));
    all.add(new Case("distinct-categories", "", (d, i) -> d.distinctCategories()));
    all.add(new Case("repeat-share", "", (d, i) -> d.repeatShare()));
    all.add(new Case("immediate-repeat-share", "", (d, i) -> d.immediateRepeatShare()));
    all.add(new Case("direction", "", (d, i) -> d.direction()));
    all.add(new Case("last-step", "", (d, i) -> d.lastStep()));
    all.add(new Case("current-transitions", "", (d, i) -> d.currentTransitions()));
    all.add(new Case("current-category-share", "", (d, i) -> d.currentCategoryShare()));
    all.add(new Case("times-current-chosen", "", (d, i) -> d.timesCurrent()));
    all.add(new Case("furthest-place", "", (d, i) -> d.furthestPlace()));
    for (int order = 0; order <= 2; order++) {
      int of = order;
      all.add(new Case("exit-rate", "order: " + of + ", weight: 7", (d, i) -> d.exitRate(of, 7)));
    }
    all.addAll(TextDefinitions.cases());
    all.addAll(EventDefinitions.cases());
    return all;
  }

  /** The names that are checked. */
  static Map<String, Integer> covered() {
    Map<String, Integer> covered = new TreeMap<>();
    cases().forEach(one -> covered.merge(one.transformation(), 1, Integer::sum));
    return new LinkedHashMap<>(covered);
  }
}
