package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;
import dev.proffer.features.state.Statistics;
import java.util.Arrays;

/**
 * The probability that an item is chosen next, from what followed what: a chain of three estimates,
 * each leaning on the one before where its own counts are thin (interpolated n-grams, Jelinek and
 * Mercer 1980; the weights are pseudo-counts, after MacKay and Peto 1995).
 *
 * <ol start="0">
 *   <li>By the walk: the category's probability after the current one, times the probability of the
 *       step through the category's order, told apart by how the person came; for another category,
 *       what is chosen on arrival there; with no item looked at, what opens sessions.
 *   <li>By the last item.
 *   <li>By the last two items.
 * </ol>
 *
 * <p>What a row has forgotten counts towards the estimate below it.
 *
 * <p>Each is computed once an item and request, and kept for the features that share it.
 */
final class NextItem {
  private static final float CATEGORY_WEIGHT = 5;
  private static final float STEP_WEIGHT = 0.5f;
  private static final float ARRIVAL_WEIGHT = 20;
  private static final float ELSEWHERE_WEIGHT = 20;
  private static final float LAST_WEIGHT = 30;
  private static final float LAST_TWO_WEIGHT = 40;
  private static final int WORDS = 4;

  private final FeatureInput in;
  private final Scatter afterOne = new Scatter();
  private final Scatter afterTwo = new Scatter();
  private final Scatter steps = new Scatter();
  private final Scatter arrivalSteps = new Scatter();
  private final Scatter elsewhere = new Scatter();
  private final Scatter crossings = new Scatter();

  // Four words an item, so that one look in memory finds all: the stamp of the request that they
  // are of, and the three estimates as the bits of floats.
  private int[] known = new int[WORDS * 256];
  private int stamp;
  private boolean prepared;

  private int current;
  private int category;
  private float stepTotal;
  private float arrivalTotal;
  private float afterOneTotal;
  private float afterTwoTotal;
  private float walkWeight;
  private float afterOneWeight;
  private boolean hasTwo;
  private float categoryBase;

  NextItem(FeatureInput in) {
    this.in = in;
  }

  /** Forgets the request before. */
  void reset() {
    prepared = false;
  }

  private void prepare() {
    prepared = true;
    Catalog catalog = in.catalog();
    Statistics statistics = in.statistics();
    int size = catalog.size();
    int candidates = in.candidates();
    if (known.length < WORDS * size) {
      known = new int[WORDS * (size * 5 / 4 + 1)];
      stamp = 0;
    }
    if (++stamp == 0) {
      Arrays.fill(known, 0);
      stamp = 1;
    }
    current = in.contextItem();
    category = in.contextCategory();
    int before = in.last(2);
    afterOne.clear(size, candidates);
    afterTwo.clear(size, candidates);
    elsewhere.clear(size, candidates);
    steps.clear(2 * Statistics.MAX_STEP + 1, candidates);
    arrivalSteps.clear(2 * Statistics.MAX_STEP + 1, candidates);

    PairCounts.Row one = statistics.next(1).row(current);
    afterOne.add(one, 1);
    afterOneTotal = one.total();
    walkWeight = LAST_WEIGHT + one.forgotten();
    hasTwo = before != Catalog.UNKNOWN;
    PairCounts.Row two = statistics.nextAfterTwo(before, current);
    afterTwo.add(two, 1);
    afterTwoTotal = two.total();
    afterOneWeight = LAST_TWO_WEIGHT + two.forgotten();
    PairCounts.Row step = statistics.steps().row(category);
    steps.add(step, 1);
    stepTotal = step.total();
    int arrival =
        Statistics.arrival(
            before,
            current,
            catalog.category(before),
            catalog.category(current),
            in.order(before),
            in.order(current));
    PairCounts.Row arrivalStep = statistics.stepsAfterStep().row(arrival);
    arrivalSteps.add(arrivalStep, 1);
    arrivalTotal = arrivalStep.total();
    elsewhere.add(statistics.arrivals().row(category), 1);
    PairCounts.Row crossing = statistics.categoryNext().row(category);
    crossings.clear(catalog.categoryCount(), candidates);
    crossings.add(crossing, 1);
    int categories = Math.max(1, catalog.categoryCount() - 1);
    categoryBase = crossing.total() + CATEGORY_WEIGHT * categories;
  }

  /** The estimate of an order: 0 by the walk, 1 by the last item, 2 by the last two. */
  float probability(int order, int item) {
    if (!prepared) {
      prepare();
    }
    int at = WORDS * item;
    if (known[at] != stamp) {
      known[at] = stamp;
      float walk = walk(item);
      float first = (afterOne.of(item) + walkWeight * walk) / (afterOneTotal + LAST_WEIGHT);
      float second =
          hasTwo
              ? (afterTwo.of(item) + afterOneWeight * first) / (afterTwoTotal + LAST_TWO_WEIGHT)
              : first;
      known[at + 1] = Float.floatToRawIntBits(walk);
      known[at + 2] = Float.floatToRawIntBits(first);
      known[at + 3] = Float.floatToRawIntBits(second);
    }
    return Float.intBitsToFloat(known[at + 1 + order]);
  }

  /** The probability of the item's category after the current one. */
  float categoryProbability(int item) {
    if (!prepared) {
      prepare();
    }
    return (crossings.of(in.catalog().category(item)) + CATEGORY_WEIGHT) / categoryBase;
  }

  /**
   * The probability of the step from the current item to this one of the same category; 0 for
   * another category.
   */
  float stepProbability(int item) {
    if (!prepared) {
      prepare();
    }
    int step = sameCategoryStep(item);
    if (step < 0) {
      return 0;
    }
    float size = in.catalog().categorySize(category);
    return (steps.of(step) + STEP_WEIGHT) / (stepTotal + STEP_WEIGHT * size);
  }

  /** The same, told apart by how the person came to the current item. */
  float stepProbabilityByArrival(int item) {
    float bare = stepProbability(item);
    int step = sameCategoryStep(item);
    return step < 0
        ? 0
        : (arrivalSteps.of(step) + ARRIVAL_WEIGHT * bare) / (arrivalTotal + ARRIVAL_WEIGHT);
  }

  private int sameCategoryStep(int item) {
    return in.catalog().category(item) == category && in.catalog().category(current) == category
        ? Statistics.step(in.order(current), in.order(item), Statistics.MAX_STEP)
        : -1;
  }

  private float walk(int item) {
    Statistics statistics = in.statistics();
    if (current == Catalog.UNKNOWN && category == 0) {
      return (statistics.sessionStarts(item) + 0.5f)
          / (float) (statistics.totalSessionStarts() + 0.5 * in.catalog().size());
    }
    float ofCategory = categoryProbability(item);
    int to = in.catalog().category(item);
    float size = in.catalog().categorySize(to);
    float share = (statistics.events(item) + 1) / Math.max(1, statistics.categoryEvents(to) + size);
    if (to == category) {
      float step = stepProbabilityByArrival(item);
      return ofCategory * (step > 0 ? step : share);
    }
    return ofCategory
        * (elsewhere.of(item) + ELSEWHERE_WEIGHT * share)
        / (crossings.of(to) + ELSEWHERE_WEIGHT);
  }
}
