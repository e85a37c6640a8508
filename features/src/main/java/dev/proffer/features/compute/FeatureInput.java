package dev.proffer.features.compute;

import dev.proffer.events.Hash64;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.Attributes;
import dev.proffer.features.text.AskedTerms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the features of one request are computed from, with the sequence's items looked up once and
 * the latest session counted once. Reused from request to request by one thread; allocates only
 * when a sequence or the catalog is longer than any before.
 *
 * <p>The item the person looks at counts as the latest event of the session, whether or not its
 * event has arrived.
 */
public final class FeatureInput {
  private static final SequenceSpec NO_SPEC = new SequenceSpec(List.of(), 1, 1, "");

  private Catalog catalog = Catalog.EMPTY;
  private Statistics statistics = new Statistics();
  private long asOfMillis;
  private int contextCategory;
  private long contextHash;
  private long deviceHash;

  private RequestContext context = RequestContext.NONE;
  private Attributes attributes = Attributes.NONE;
  private final List<TableRows> itemRows = new ArrayList<>();
  private SequenceSpec spec = NO_SPEC;

  private int candidates = Integer.MAX_VALUE;
  private int length;
  private int sessionStart;
  private int[] items = new int[64];
  private long[] times = new long[64];

  // The events proper: the item looked at is none of them.
  private UserSequence sequence = UserSequence.EMPTY;
  private int firstEvent;
  private int events;
  // For named sequences: what stands beside it comes behind the item looked at, in places of the
  // same arrays, and then what its lookback hides.
  private UserSequence beside = UserSequence.EMPTY;
  private int besideAt;
  private int besides;
  private int hiddenAt;
  private int request;
  private final Map<EventSelection, SelectedEvents> selections = new HashMap<>();
  private final Map<Asking, Asked> askings = new HashMap<>();

  // Of the latest session, by item; only the session's items are ever set, and unset by the next
  // request.
  private int[] counts = new int[256];
  private int[] ago = new int[256];
  private int distinct;
  private int immediateRepeats;
  private int forward;
  private int backward;

  // Of the latest session, by category.
  private int[] categoryCounts = new int[16];
  private float[] highest = new float[16];
  private float[] lowest = new float[16];
  private float[] latest = new float[16];
  private float[] orders = new float[0];

  private final NextItem nextItem = new NextItem(this);

  /**
   * Sets the input for one request.
   *
   * @param sequence the user's events; those at or after {@code asOfMillis} are left out
   * @param contextItem index of the item the person looks at, {@link Catalog#UNKNOWN} when there is
   *     none
   * @param contextCategory number of the category the person looks at, 0 when there is none: then
   *     that of the latest item
   */
  public void set(
      Catalog catalog,
      Statistics statistics,
      UserSequence sequence,
      SequenceSpec spec,
      int contextItem,
      int contextCategory,
      long asOfMillis) {
    set(
        catalog,
        statistics,
        sequence,
        spec,
        contextItem,
        contextCategory,
        RequestContext.NONE,
        asOfMillis);
  }

  /** Sets the input for one request that no table knows anything of. */
  public void set(
      Catalog catalog,
      Statistics statistics,
      UserSequence sequence,
      SequenceSpec spec,
      int contextItem,
      int contextCategory,
      RequestContext context,
      long asOfMillis) {
    set(
        catalog,
        statistics,
        sequence,
        spec,
        contextItem,
        contextCategory,
        context,
        Attributes.NONE,
        asOfMillis);
  }

  /**
   * Sets the input for one request.
   *
   * @param context what else the caller said
   * @param attributes what the tables know of the user and of items
   */
  public void set(
      Catalog catalog,
      Statistics statistics,
      UserSequence sequence,
      SequenceSpec spec,
      int contextItem,
      int contextCategory,
      RequestContext context,
      Attributes attributes,
      long asOfMillis) {
    forget();
    this.context = context;
    this.attributes = attributes;
    this.spec = spec;
    this.sequence = sequence;
    request++;
    this.catalog = catalog;
    this.statistics = statistics;
    this.asOfMillis = asOfMillis;
    contextHash = context.context().isEmpty() ? 0 : Hash64.of(context.context());
    deviceHash = context.device().isEmpty() ? 0 : Hash64.of(context.device());
    orders = catalog.numbers(spec.orderAttribute());
    beside = sequence.beside();
    if (items.length <= sequence.size() + beside.size()) {
      items = new int[(sequence.size() + beside.size()) * 2];
      times = new long[items.length];
    }
    long oldest = spec.lookbackMillis() == 0 ? Long.MIN_VALUE : asOfMillis - spec.lookbackMillis();
    firstEvent = 0;
    while (firstEvent < sequence.size() && sequence.timeMillis(firstEvent) < oldest) {
      firstEvent++;
    }
    for (int at = firstEvent; at < sequence.size(); at++) {
      long time = sequence.timeMillis(at);
      if (time >= asOfMillis) {
        break;
      }
      append(catalog.index(sequence.itemHash(at)), time, spec);
    }
    events = length;
    if (contextItem != Catalog.UNKNOWN && contextItem != last(1)) {
      append(contextItem, asOfMillis, spec);
    }
    besideAt = length;
    besides = appendFor(beside, beside.size(), besideAt);
    hiddenAt = besideAt + besides;
    appendFor(sequence, spec.named().isEmpty() ? 0 : firstEvent, hiddenAt);
    this.contextCategory = contextCategory != 0 ? contextCategory : catalog.category(last(1));
    countSession();
    nextItem.reset();
  }

  /** The {@link Hash64} of what the person looks at; 0 when it is not known. */
  long contextHash() {
    return contextHash;
  }

  /** The device; empty when it is not known. */
  public String device() {
    return context.device();
  }

  /** The {@link Hash64} of the device; 0 when it is not known. */
  long deviceHash() {
    return deviceHash;
  }

  private void append(int item, long time, SequenceSpec spec) {
    if (length > 0 && time - times[length - 1] > spec.sessionGapMillis()) {
      sessionStart = length;
    }
    items[length] = item;
    times[length++] = time;
  }

  /** Puts events before the instant into places of their own; how many. */
  private int appendFor(UserSequence of, int end, int place) {
    int count = 0;
    while (count < end && of.timeMillis(count) < asOfMillis) {
      items[place + count] = catalog.index(of.itemHash(count));
      times[place + count] = of.timeMillis(count);
      count++;
    }
    return count;
  }

  /** How many candidates are about to be computed; many where nobody said. */
  int candidates() {
    return candidates;
  }

  void candidates(int count) {
    candidates = count;
  }

  private void forget() {
    candidates = Integer.MAX_VALUE;
    for (int at = sessionStart; at < length; at++) {
      counts[items[at]] = 0;
    }
    length = 0;
    sessionStart = 0;
  }

  private void countSession() {
    if (counts.length < catalog.size()) {
      counts = new int[catalog.size() * 5 / 4];
      ago = new int[counts.length];
    }
    int categories = catalog.categoryCount();
    if (categoryCounts.length < categories) {
      categoryCounts = new int[categories * 2];
      highest = new float[categories * 2];
      lowest = new float[categories * 2];
      latest = new float[categories * 2];
    }
    Arrays.fill(categoryCounts, 0, categories, 0);
    Arrays.fill(highest, 0, categories, Float.NaN);
    Arrays.fill(lowest, 0, categories, Float.NaN);
    Arrays.fill(latest, 0, categories, Float.NaN);
    distinct = 0;
    immediateRepeats = 0;
    forward = 0;
    backward = 0;
    for (int at = sessionStart; at < length; at++) {
      int item = items[at];
      int category = catalog.category(item);
      float order = orders[item];
      if (counts[item]++ == 0) {
        distinct++;
      }
      ago[item] = length - 1 - at;
      categoryCounts[category]++;
      latest[category] = order;
      if (!Float.isNaN(order) && !(order <= highest[category])) {
        highest[category] = order;
      }
      if (!Float.isNaN(order) && !(order >= lowest[category])) {
        lowest[category] = order;
      }
      if (at > sessionStart) {
        int before = items[at - 1];
        if (before == item) {
          immediateRepeats++;
        }
        if (catalog.category(before) == category) {
          forward += order > orders[before] ? 1 : 0;
          backward += order < orders[before] ? 1 : 0;
        }
      }
    }
  }

  public Catalog catalog() {
    return catalog;
  }

  /** What else the caller said. */
  public RequestContext context() {
    return context;
  }

  /** What the tables know. */
  public Attributes attributes() {
    return attributes;
  }

  /** The rows of items in a version of a table; the same for all features that read it. */
  TableRows rowsOf(AttributeTable table) {
    for (int at = 0; at < itemRows.size(); at++) {
      TableRows rows = itemRows.get(at);
      if (rows.isOf(table)) {
        rows.over(catalog);
        return rows;
      }
    }
    itemRows.removeIf(rows -> !rows.isCurrent(this));
    TableRows made = new TableRows(table);
    made.over(catalog);
    itemRows.add(made);
    return made;
  }

  /** How many events there are, the item looked at not counted. */
  int events() {
    return events;
  }

  /** The event's type, as {@link UserSequence#typeCode} numbers it. */
  int type(int at) {
    return of(at).type(placeIn(at));
  }

  /** A number of an event, by its column; NaN when it lacks it. */
  float number(int at, int column) {
    UserSequence of = of(at);
    return column < of.numbers() ? of.number(placeIn(at), column) : Float.NaN;
  }

  private UserSequence of(int at) {
    return at >= besideAt && at < hiddenAt ? beside : sequence;
  }

  private int placeIn(int at) {
    return at < besideAt ? firstEvent + at : at < hiddenAt ? at - besideAt : at - hiddenAt;
  }

  /**
   * The places of the events of a named sequence before the instant, oldest first: those of the
   * sequence and those beside it, whatever the sequence's own lookback.
   *
   * @param into as long as {@link #mostPlaces}
   * @return how many there are
   */
  int places(SequenceSpec.Named named, int[] types, int[] into) {
    int own = 0;
    int other = 0;
    int count = 0;
    int ends = firstEvent + events;
    while (own < ends || other < besides) {
      boolean first = other < besides && (own == ends || sequence.besideComesBefore(other, own));
      int place =
          first ? besideAt + other++ : own < firstEvent ? hiddenAt + own++ : own++ - firstEvent;
      if (holds(types, type(place))) {
        into[count++] = place;
      }
    }
    int from = Math.max(0, count - named.maxLength());
    if (named.lookbackMillis() > 0) {
      long oldest = asOfMillis - named.lookbackMillis();
      while (from < count && times[into[from]] < oldest) {
        from++;
      }
    }
    System.arraycopy(into, from, into, 0, count - from);
    return count - from;
  }

  private static boolean holds(int[] types, int type) {
    for (int one : types) {
      if (one == type) {
        return true;
      }
    }
    return false;
  }

  /** How many places there are at most. */
  int mostPlaces() {
    return hiddenAt + firstEvent;
  }

  /** The named sequence of a number. */
  SequenceSpec.Named named(int number) {
    return spec.named().get(number);
  }

  /** Where the latest session begins; at the events' end when it has none of them. */
  int sessionStart() {
    return Math.min(sessionStart, events);
  }

  /** A longer pause than this parts two sessions, in milliseconds. */
  long sessionGapMillis() {
    return spec.sessionGapMillis();
  }

  /** Changes with each {@link #set}. */
  int request() {
    return request;
  }

  /** The events of a selection; the same object for equal selections, of this input alone. */
  SelectedEvents select(EventSelection selection) {
    return selections.computeIfAbsent(selection, s -> new SelectedEvents(s, this));
  }

  /** The words that are asked for; the same object for equal askings, of this input alone. */
  AskedTerms asked(Asking asking) {
    return askings.computeIfAbsent(asking, a -> new Asked(a, this)).now();
  }

  public Statistics statistics() {
    return statistics;
  }

  /** The instant the features are computed for, epoch milliseconds. */
  public long asOfMillis() {
    return asOfMillis;
  }

  /** How many events the sequence has, the item looked at counted. */
  public int length() {
    return length;
  }

  /**
   * The item at a position of the sequence, oldest first; {@link Catalog#UNKNOWN} when the catalog
   * lacks it.
   */
  public int item(int at) {
    return items[at];
  }

  /** When the event at a position happened, epoch milliseconds. */
  public long timeMillis(int at) {
    return times[at];
  }

  /** How many events the latest session has. */
  public int sessionLength() {
    return length - sessionStart;
  }

  /**
   * The item {@code back} events before the end of the latest session; 1 is the last. {@link
   * Catalog#UNKNOWN} beyond.
   */
  public int last(int back) {
    return back <= length - sessionStart ? items[length - back] : Catalog.UNKNOWN;
  }

  /** The item the person looks at: the last of the latest session. */
  public int contextItem() {
    return last(1);
  }

  /** The category the person looks at; 0 for none. */
  public int contextCategory() {
    return contextCategory;
  }

  /** How often the latest session chose the item. */
  public int timesInSession(int item) {
    return counts[item];
  }

  /**
   * How many events ago the latest session chose the item; 0 for the last. Only for items it chose.
   */
  public int eventsAgo(int item) {
    return ago[item];
  }

  /** How many different items the latest session chose. */
  public int distinctInSession() {
    return distinct;
  }

  /** How often the latest session chose the same item twice running. */
  public int immediateRepeats() {
    return immediateRepeats;
  }

  /**
   * How often the latest session went to a later place of the same category, less how often to an
   * earlier one.
   */
  public int direction() {
    return forward - backward;
  }

  /** How many events of the latest session were about the category. */
  public int categoryInSession(int category) {
    return categoryCounts[category];
  }

  /** The furthest place of a category that the latest session came to; NaN when it came to none. */
  float highest(int category) {
    return highest[category];
  }

  /** The same by category; only to be read, and until the next request. */
  float[] highest() {
    return highest;
  }

  /** The nearest places, by category, as {@link #highest()}. */
  float[] lowest() {
    return lowest;
  }

  /** The last places, by category, as {@link #highest()}. */
  float[] latest() {
    return latest;
  }

  /** The places of items in their categories; NaN where there is none. */
  float[] orders() {
    return orders;
  }

  /** An item's place in its category; NaN when it has none. */
  float order(int item) {
    return orders[item];
  }

  NextItem nextItem() {
    return nextItem;
  }
}
