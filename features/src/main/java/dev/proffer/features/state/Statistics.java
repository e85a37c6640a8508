package dev.proffer.features.state;

import dev.proffer.features.spec.StatisticsSpec;
import java.util.Arrays;
import java.util.List;

/**
 * What the log says of items and of what comes after what: how often each item was chosen, opened a
 * session, was shown; which item, category and step through the catalog came next. One thread
 * writes; {@link #snapshot} gives an immutable copy for any thread to read.
 *
 * <p>All counts are whole numbers, and {@link #observe} takes back what a late event puts asunder,
 * so the same events in any order of arrival give the same counts, as long as a late event falls
 * within the kept sequence. It takes back nothing but what the same user's events were counted for,
 * so (but for items that become known in between) the statistics of all users are the sum of those
 * of some and those of the others. Two exceptions to the order, both rare: {@link #together} and
 * {@link #sessions} are not taken back when a late event joins or parts two sessions, and an item
 * that changes its category keeps what was counted under the old one.
 *
 * <p>Of the pairs of items each count keeps {@link StatisticsSpec#mostPairs} at most, and a row of
 * {@link PairCounts} a number of its own: beyond these the rarest are forgotten, and which those
 * are hangs on the order of the events. The same events in the same order forget the same.
 */
public final class Statistics {
  /** How many steps back transitions are counted. */
  public static final int MAX_LAG = 3;

  /** A step through the catalog is counted up to this many places either way. */
  public static final int MAX_STEP = 500;

  /** The step before is told apart up to this many places either way. */
  public static final int MAX_ARRIVAL = 25;

  /** The arrival "from another category". */
  public static final int FROM_ELSEWHERE = 2 * MAX_ARRIVAL + 1;

  /** The arrival "at the start of a session". */
  public static final int AT_START = 2 * MAX_ARRIVAL + 2;

  /** Pairs are looked through for too many whenever so many events have been counted. */
  static final int FORGET_EVERY = 1 << 14;

  private static final Catalog.Builder NO_ITEMS = new Catalog.Builder();

  /** How many totals there are. */
  static final int TOTALS = 4;

  /** How many counts there are of each item; the first {@link #TOTALS} of them have a total. */
  static final int ITEM_COLUMNS = 5;

  private final long sessionGapMillis;
  private final String orderAttribute;
  private final CountColumn events;
  private final CountColumn sessionStarts;
  private final CountColumn sessions;
  private final CountColumn impressions;
  private final CountColumn impressionClicks;
  private final CountColumn categoryEvents;
  private final PairCounts[] next = new PairCounts[MAX_LAG];
  private final PairCounts together;
  private final PairCounts categoryNext;
  private final PairCounts arrivals;
  private final PairCounts steps;
  private final PairCounts stepsAfterStep;
  private final NextAfterTwo nextAfterTwo;
  private final DeclaredStatistics declared;
  // Scratch of the counting thread: a stretch, and the items of a session, each once, told by the
  // number of the session at which an item was last seen.
  private final Stretch stretch = new Stretch();
  private int[] others = new int[0];
  private int[] lastSeen = new int[0];
  private int seeing;
  private double totalEvents;
  private double totalStarts;
  private double totalImpressions;
  private double totalImpressionClicks;
  private final boolean isSnapshot;

  /** Empty statistics for reading only: of a world without events. */
  public Statistics() {
    this(30 * 60_000L, "");
  }

  /**
   * Empty statistics.
   *
   * @param sessionGapMillis a longer pause between two events parts two sessions
   * @param orderAttribute the numeric attribute that orders the items of a category; empty for none
   */
  public Statistics(long sessionGapMillis, String orderAttribute) {
    this(sessionGapMillis, orderAttribute, StatisticsSpec.NONE);
  }

  /** Empty statistics, with declared ones beside them. */
  public Statistics(long sessionGapMillis, String orderAttribute, StatisticsSpec declared) {
    this.sessionGapMillis = sessionGapMillis;
    this.orderAttribute = orderAttribute;
    events = new CountColumn();
    sessionStarts = new CountColumn();
    sessions = new CountColumn();
    impressions = new CountColumn();
    impressionClicks = new CountColumn();
    categoryEvents = new CountColumn();
    for (int lag = 0; lag < MAX_LAG; lag++) {
      next[lag] = new PairCounts();
    }
    together = new PairCounts();
    categoryNext = new PairCounts();
    arrivals = new PairCounts();
    steps = new PairCounts();
    stepsAfterStep = new PairCounts();
    nextAfterTwo = new NextAfterTwo();
    this.declared = new DeclaredStatistics(declared);
    isSnapshot = false;
  }

  private Statistics(Statistics of) {
    sessionGapMillis = of.sessionGapMillis;
    orderAttribute = of.orderAttribute;
    events = of.events.snapshot();
    sessionStarts = of.sessionStarts.snapshot();
    sessions = of.sessions.snapshot();
    impressions = of.impressions.snapshot();
    impressionClicks = of.impressionClicks.snapshot();
    categoryEvents = of.categoryEvents.snapshot();
    for (int lag = 0; lag < MAX_LAG; lag++) {
      next[lag] = of.next[lag].snapshot();
    }
    together = of.together.snapshot();
    categoryNext = of.categoryNext.snapshot();
    arrivals = of.arrivals.snapshot();
    steps = of.steps.snapshot();
    stepsAfterStep = of.stepsAfterStep.snapshot();
    nextAfterTwo = of.nextAfterTwo.snapshot();
    declared = of.declared.snapshot();
    totalEvents = of.totalEvents;
    totalStarts = of.totalStarts;
    totalImpressions = of.totalImpressions;
    totalImpressionClicks = of.totalImpressionClicks;
    isSnapshot = true;
  }

  /** Whether it never changes again. */
  public boolean isSnapshot() {
    return isSnapshot;
  }

  /** An immutable copy. Costs a reference a page of rows; what has not changed is shared. */
  public Statistics snapshot() {
    return new Statistics(this);
  }

  /**
   * Counts an event about an item.
   *
   * @param before the user's sequence without the event
   * @param eventHash the event's id, hashed; with the time it says where the event stands
   * @param item the item's index; the unknown item counts for nothing, but stands between others
   * @param items the catalog as of now
   * @param maxLength how many events a sequence keeps: one as long as that may have lost its
   *     beginning, so its first event tells nothing of what came before, and an event that is older
   *     than all it keeps counts by itself only
   */
  public void observe(
      UserSequence before,
      long timeMillis,
      long eventHash,
      int item,
      Catalog.Builder items,
      int maxLength) {
    if (item != Catalog.UNKNOWN) {
      events.add(item, 1);
      totalEvents++;
      categoryEvents.add(items.category(item), 1);
      if (((long) totalEvents & FORGET_EVERY - 1) == 0) {
        forgetRarest();
      }
    }
    int at = before.position(timeMillis, eventHash);
    boolean begins = before.size() < maxLength;
    if (at == 0 && !begins) {
      return;
    }

    // Everything an event can change lies within MAX_LAG events on either side of it.
    int from = Math.max(0, at - MAX_LAG);
    int to = Math.min(before.size(), at + MAX_LAG);
    boolean last = at == before.size();
    if (!last) {
      Stretch old = stretch.of(to - from, begins && from == 0, items);
      for (int i = 0; i < old.length; i++) {
        old.set(i, items.index(before.itemHash(from + i)), before.timeMillis(from + i));
      }
      count(old, 0, -1);
    }
    Stretch now = stretch.of(to - from + 1, begins && from == 0, items);
    int own = at - from;
    for (int i = 0; i < now.length; i++) {
      int source = from + (i < own ? i : i - 1);
      if (i == own) {
        now.set(i, item, timeMillis);
      } else {
        now.set(i, items.index(before.itemHash(source)), before.timeMillis(source));
      }
    }
    count(now, last ? own : 0, 1);
    if (item != Catalog.UNKNOWN) {
      countTogether(before, at, timeMillis, item, items);
    }
  }

  /** Brings every count of pairs that has more than it may down to half of that. */
  public void forgetRarest() {
    int most = declared.spec().mostPairs();
    for (PairCounts byNumber : List.of(next[0], next[1], next[2], together, arrivals)) {
      if (byNumber.pairs() > most) {
        byNumber.forgetRarest(most / 2, from -> from, false);
      }
    }
    nextAfterTwo.forgetRarest(most);
  }

  /**
   * Whether every pair that ever stood in a session is still counted, so that what is not counted
   * never was. Before as many events as pairs are kept, nothing can have been forgotten but by a
   * row that was too long by itself.
   */
  public boolean countsEveryPair() {
    return totalEvents <= declared.spec().mostPairs();
  }

  /** A few neighbouring events of a sequence. */
  private final class Stretch {
    private final int[] items = new int[2 * MAX_LAG + 1];
    private final long[] times = new long[2 * MAX_LAG + 1];
    private int length;
    private boolean opensSequence;
    private Catalog.Builder catalog = NO_ITEMS;
    private AttributeColumn order = new AttributeColumn(); // of that catalog

    /** As new, for other events. */
    Stretch of(int events, boolean opens, Catalog.Builder over) {
      length = events;
      opensSequence = opens;
      if (over != catalog) {
        catalog = over;
        order = over.column(orderAttribute);
      }
      return this;
    }

    void set(int at, int item, long time) {
      items[at] = item;
      times[at] = time;
    }

    boolean starts(int at) {
      return at > 0 ? times[at] - times[at - 1] > sessionGapMillis : opensSequence;
    }

    /**
     * The event the given number of events before, in the same session; UNKNOWN when there is none.
     */
    int back(int at, int lag) {
      for (int i = at; i > at - lag; i--) {
        if (i <= 0 || starts(i)) {
          return Catalog.UNKNOWN;
        }
      }
      return items[at - lag];
    }

    int category(int item) {
      return catalog.category(item);
    }

    float order(int item) {
      return order.number(item);
    }
  }

  /**
   * Adds (or takes back) what each event of a stretch, from one on, has to do with those before it.
   */
  private void count(Stretch stretch, int from, int sign) {
    for (int at = from; at < stretch.length; at++) {
      int item = stretch.items[at];
      if (item == Catalog.UNKNOWN) {
        continue;
      }
      // The first event of a stretch that is cut out of a longer sequence is there for the others.
      if (stretch.starts(at) && (sign > 0 || sessionStarts(item) > 0)) {
        sessionStarts.add(item, sign);
        totalStarts += sign;
      }
      for (int lag = 1; lag <= MAX_LAG; lag++) {
        int earlier = stretch.back(at, lag);
        if (earlier != Catalog.UNKNOWN) {
          next[lag - 1].add(earlier, item, sign);
        }
      }
      int one = stretch.back(at, 1);
      if (one == Catalog.UNKNOWN) {
        continue;
      }
      int category = stretch.category(item);
      int before = stretch.category(one);
      categoryNext.add(before, category, sign);
      int two = stretch.back(at, 2);
      if (two != Catalog.UNKNOWN) {
        nextAfterTwo.add(two, one, item, sign);
      }
      if (category != before) {
        arrivals.add(before, item, sign);
        continue;
      }
      int step = step(stretch.order(one), stretch.order(item), MAX_STEP);
      if (step >= 0) {
        steps.add(category, step, sign);
        // An arrival that lies before the stretch would be mistaken for a session's start.
        boolean known = at >= 2 || stretch.opensSequence;
        if (known) {
          stepsAfterStep.add(
              arrival(
                  two,
                  one,
                  two == Catalog.UNKNOWN ? 0 : stretch.category(two),
                  before,
                  two == Catalog.UNKNOWN ? Float.NaN : stretch.order(two),
                  stretch.order(one)),
              step,
              sign);
        }
      }
    }
  }

  /**
   * How a person came to an item: a number from 0 to {@link #AT_START}, to tell the next step by.
   *
   * @param before the item before, {@link Catalog#UNKNOWN} at the start of a session
   */
  public static int arrival(
      int before, int item, int categoryBefore, int category, float orderBefore, float order) {
    if (before == Catalog.UNKNOWN || item == Catalog.UNKNOWN) {
      return AT_START;
    }
    int step = categoryBefore == category ? step(orderBefore, order, MAX_ARRIVAL) : -1;
    return step < 0 ? FROM_ELSEWHERE : step;
  }

  /**
   * The number of a step from one place to another, 0 to {@code 2 * most}; -1 when a place is not
   * known.
   */
  public static int step(float from, float to, int most) {
    float difference = to - from;
    return Float.isNaN(difference)
        ? -1
        : Math.max(-most, Math.min(most, Math.round(difference))) + most;
  }

  private void countTogether(
      UserSequence before, int at, long timeMillis, int item, Catalog.Builder items) {
    int first = at;
    long last = timeMillis;
    while (first > 0 && last - before.timeMillis(first - 1) <= sessionGapMillis) {
      last = before.timeMillis(--first);
    }
    int end = at;
    last = timeMillis;
    while (end < before.size() && before.timeMillis(end) - last <= sessionGapMillis) {
      last = before.timeMillis(end++);
    }
    long hash = items.hash(item);
    for (int i = first; i < end; i++) {
      if (before.itemHash(i) == hash) {
        return; // this session counted the item already
      }
    }
    if (others.length < end - first) {
      others = new int[2 * (end - first)];
    }
    if (lastSeen.length < items.size() + 1) {
      lastSeen = Arrays.copyOf(lastSeen, 2 * (items.size() + 1));
    }
    seeing++;
    int different = 0;
    for (int i = first; i < end; i++) {
      int other = items.index(before.itemHash(i));
      if (other != Catalog.UNKNOWN && lastSeen[other] != seeing) {
        lastSeen[other] = seeing;
        others[different++] = other;
      }
    }
    sessions.add(item, 1);
    for (int k = 0; k < different; k++) {
      together.add(others[k], item, 1);
      together.add(item, others[k], 1);
    }
  }

  /** Counts an item as shown. */
  public void observeImpression(int item) {
    impressions.add(item, 1);
    totalImpressions++;
  }

  /** Counts a click that answers an impression. */
  public void observeImpressionClick(int item) {
    impressionClicks.add(item, 1);
    totalImpressionClicks++;
  }

  /** The statistics that are declared in statistics.yaml. */
  public DeclaredStatistics declared() {
    return declared;
  }

  /** How often the item was chosen. */
  public float events(int item) {
    return events.at(item);
  }

  /** How often any item was chosen. */
  public double totalEvents() {
    return totalEvents;
  }

  /** How often an item of the category was chosen. */
  public float categoryEvents(int category) {
    return categoryEvents.at(category);
  }

  /** How often the item opened a session. */
  public float sessionStarts(int item) {
    return sessionStarts.at(item);
  }

  /** How many sessions there were. */
  public double totalSessionStarts() {
    return totalStarts;
  }

  /** In how many sessions the item was chosen at least once. */
  public float sessions(int item) {
    return sessions.at(item);
  }

  /** How often the item was shown by this gateway. */
  public float impressions(int item) {
    return impressions.at(item);
  }

  /** How often a click answered a showing of the item. */
  public float impressionClicks(int item) {
    return impressionClicks.at(item);
  }

  /** How often anything was shown. */
  public double totalImpressions() {
    return totalImpressions;
  }

  /** How often a click answered a showing. */
  public double totalImpressionClicks() {
    return totalImpressionClicks;
  }

  /** Item to item: chosen {@code lag} events later in the session; lag 1 to {@value #MAX_LAG}. */
  public PairCounts next(int lag) {
    return next[lag - 1];
  }

  /** What was chosen next after two items in a row; an empty row when they never stood so. */
  public PairCounts.Row nextAfterTwo(int two, int one) {
    return nextAfterTwo.row(two, one);
  }

  /** Item to item: chosen in the same session; both orders counted, each pair once a session. */
  public PairCounts together() {
    return together;
  }

  /** Category to category: that of the next event. */
  public PairCounts categoryNext() {
    return categoryNext;
  }

  /** Category to item: chosen next by who came from another category. */
  public PairCounts arrivals() {
    return arrivals;
  }

  /**
   * Category to step: by how many places the next item of the same category lay off, as {@link
   * #step} numbers it.
   */
  public PairCounts steps() {
    return steps;
  }

  /**
   * Arrival to step: the same, told apart by how the person came, as {@link #arrival} numbers it.
   */
  public PairCounts stepsAfterStep() {
    return stepsAfterStep;
  }

  /** The numeric attribute that orders the items of a category; empty for none. */
  public String orderAttribute() {
    return orderAttribute;
  }

  long sessionGapMillis() {
    return sessionGapMillis;
  }

  double[] totals() {
    return new double[] {totalEvents, totalStarts, totalImpressions, totalImpressionClicks};
  }

  float[][] itemColumns() {
    return new float[][] {
      events.counts(),
      sessionStarts.counts(),
      impressions.counts(),
      impressionClicks.counts(),
      sessions.counts()
    };
  }

  float[] categoryColumn() {
    return categoryEvents.counts();
  }

  NextAfterTwo nextAfterTwo() {
    return nextAfterTwo;
  }

  void addTotals(double[] totals) {
    totalEvents += totals[0];
    totalStarts += totals[1];
    totalImpressions += totals[2];
    totalImpressionClicks += totals[3];
  }

  /** Adds to a column of {@link #itemColumns}, or of categories behind them. */
  void addColumn(int column, int index, float count) {
    switch (column) {
      case 0 -> events.add(index, count);
      case 1 -> sessionStarts.add(index, count);
      case 2 -> impressions.add(index, count);
      case 3 -> impressionClicks.add(index, count);
      case 4 -> sessions.add(index, count);
      default -> categoryEvents.add(index, count);
    }
  }
}
