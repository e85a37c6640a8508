package dev.proffer.gateway.live;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.store.LiveState;
import dev.proffer.pipeline.experiments.Arm;
import dev.proffer.pipeline.experiments.Tallies;
import dev.proffer.pipeline.experiments.Tally;
import dev.proffer.pipeline.rules.RememberedShowings;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the log into the live state, shows the state to requests as a new {@link World} now and
 * then, and says which suggestion a click answers.
 *
 * <p>The log's thread owns it; the figures it publishes may be read from any. An entry that cannot
 * be folded is counted and left out: it is in the log, and one bad entry must not stop the rest.
 */
public final class LogFold implements LogPump.Fold {
  private static final Logger LOG = LoggerFactory.getLogger(LogFold.class);

  /** What was shown within this span counts as shown lately. */
  public static final long COVERAGE_MILLIS = TimeUnit.HOURS.toMillis(1);

  /** The version and rung of what no longer or never was known. */
  public static final String UNKNOWN = "unknown";

  /** The version where no model scored. */
  public static final String NO_MODEL = "none";

  private static final long SLOWEST_REFRESH_MILLIS = 1_000;

  /**
   * Up to so many entries a second statistics are shown as often as they may be, beyond it less
   * often in proportion: each time has the rows that are added to copied, all of them in the end,
   * and what is copied for a second is what the collector's pauses are made of.
   */
  private static final double ENTRIES_A_SECOND = 1_000;

  private static final double LEAST_OFTEN = 10;

  /** A change of the catalog is shown this soon, however seldom statistics are. */
  private static final long CATALOG_REFRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LiveState state;
  private final LongSupplier stored;
  private final Worlds worlds;
  private final Time time;
  private final boolean frozen;
  private final long refreshNanos;
  private final Listener listener;
  private final Map<String, Answer> answers;
  private final Map<String, String> words = new HashMap<>();
  private final CompletableFuture<@Nullable Void> history = new CompletableFuture<>();
  private long[] lastShown = new long[64];
  private final Queue<Item> itemsOfOthers = new ConcurrentLinkedQueue<>();
  private volatile Supplier<@Nullable Statistics> shared = () -> null;
  private @Nullable Statistics sharedShown;
  private boolean following;
  private Runnable turn = () -> {};
  private long at = -1;
  private boolean ownAlone = true;
  private @Nullable RememberedShowings showings;
  private Tallies tallies = new Tallies();
  private final Arm.Words arms = new Arm.Words();
  private volatile Consumer<String> forgetting = userId -> {};
  private long itemsRefused;
  private long shownVersion = -1;
  private long refreshedNanos;
  private long sinceRefreshed;
  private volatile long heartbeatNanos;
  private volatile long users;
  private volatile double coverage;
  private final AtomicLong left = new AtomicLong();
  private final AtomicLong erasures = new AtomicLong();

  /** Hears of events that answer a suggestion. Called on the log's thread. */
  public interface Listener {
    /** Hears nothing. */
    Listener NOBODY =
        new Listener() {
          @Override
          public void clicked(String modelVersion, String servedBy, boolean first) {}

          @Override
          public void converted(String modelVersion, String servedBy) {}

          @Override
          public void viewed(String modelVersion, String servedBy) {}
        };

    /** A click; {@code first} of its suggestion. */
    void clicked(String modelVersion, String servedBy, boolean first);

    /** A conversion. */
    void converted(String modelVersion, String servedBy);

    /** A client confirms that a proposition was seen; not an impression, that was served. */
    void viewed(String modelVersion, String servedBy);
  }

  private static final class Answer {
    private final String modelVersion;
    private final String servedBy;
    private final List<Arm.Logged> arm;
    private final int group;
    private boolean clicked;

    Answer(String modelVersion, String servedBy, List<Arm.Logged> arm, int group) {
      this.modelVersion = modelVersion;
      this.servedBy = servedBy;
      this.arm = arm;
      this.group = group;
    }
  }

  /**
   * A fold that has seen nothing yet.
   *
   * @param stored how many users have a sequence
   * @param refreshMillis how often statistics are shown to requests; 0 for those of the start only
   * @param attributionRequests how many of the latest suggestions are remembered
   */
  public LogFold(
      LiveState state,
      LongSupplier stored,
      Worlds worlds,
      Time time,
      long refreshMillis,
      int attributionRequests,
      Listener listener) {
    this.state = state;
    this.stored = stored;
    this.worlds = worlds;
    this.time = time;
    this.frozen = refreshMillis == 0;
    this.refreshNanos =
        TimeUnit.MILLISECONDS.toNanos(frozen ? SLOWEST_REFRESH_MILLIS : refreshMillis);
    this.listener = listener;
    this.answers =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Answer> eldest) {
            return size() > attributionRequests;
          }
        };
    this.heartbeatNanos = time.nanos();
  }

  @Override
  public void apply(LogEntry entry) {
    sinceRefreshed++;
    if (entry instanceof Item) {
      settle(); // here, so that an entry that cannot be counted does not cost the item
    }
    try {
      state.apply(entry);
      if (entry instanceof Erasure erasure) {
        erasures.incrementAndGet();
        forgetting.accept(erasure.userId());
        if (showings != null) {
          showings.forget(erasure.userId());
        }
      } else if (entry instanceof Impression impression) {
        remember(impression);
        if (showings != null) {
          showings.add(impression);
        }
      } else if (entry instanceof Event event && event.requestId() != null) {
        attribute(event, event.requestId());
      }
    } catch (RuntimeException e) {
      leave(e);
    }
  }

  private void leave(RuntimeException e) {
    long so = left.incrementAndGet();
    if (so % 1_000 == 1) {
      LOG.error("an entry of the log could not be folded, {} so far", so, e);
    }
  }

  /** The statistics count what came: requests see them at the next refresh only. */
  @Override
  public void acknowledged() {
    settle();
  }

  @Override
  public void turns(Runnable offer) {
    turn = offer;
  }

  private void settle() {
    while (true) {
      try {
        while (state.settle(LogPump.ENTRIES_A_TURN)) {
          turn.run();
        }
        return;
      } catch (RuntimeException e) {
        leave(e);
      }
    }
  }

  /** Takes over an item that another gateway took in; from any thread. */
  public void learn(Item item) {
    itemsOfOthers.add(item);
  }

  /** Shows these statistics to requests, while there are some, in place of this log's own. */
  public void share(Supplier<@Nullable Statistics> statistics) {
    shared = statistics;
  }

  /** Remembers what users are shown, from before the first entry on; null for nobody's. */
  public void showing(@Nullable RememberedShowings remembered) {
    showings = remembered;
  }

  /** Counts for the arms of experiments what is taken in from here on. */
  public void counting(Tallies counted) {
    tallies = counted;
  }

  /** Tells of each user who is forgotten, on the log's thread. */
  public void onErasure(Consumer<String> listener) {
    forgetting = listener;
  }

  @Override
  public void at(long index) {
    at = index;
  }

  @Override
  public void caughtUp() {
    long now = time.nanos();
    heartbeatNanos = now;
    boolean itemsChanged = state.catalogChanged() || !itemsOfOthers.isEmpty();
    long due = itemsChanged ? Math.min(refreshNanos, CATALOG_REFRESH_NANOS) : refreshNanos;
    long passed = now - refreshedNanos;
    if (!following || (passed >= due && (itemsChanged || passed >= due * stretch(passed)))) {
      refreshedNanos = now;
      sinceRefreshed = 0;
      try {
        refresh();
      } catch (RuntimeException e) {
        LOG.error("the world could not be renewed, requests see the one before", e);
      }
    }
    if (!following) {
      following = true;
      history.complete(null);
    }
  }

  /** How many times as long as may be until statistics are shown, at the rate of late. */
  private double stretch(long passedNanos) {
    double entriesASecond = sinceRefreshed * 1e9 / Math.max(1, passedNanos);
    return Math.min(LEAST_OFTEN, Math.max(1, entriesASecond / ENTRIES_A_SECOND));
  }

  private void refresh() {
    settle();
    for (Item item = itemsOfOthers.poll(); item != null; item = itemsOfOthers.poll()) {
      state.learn(item);
      ownAlone = false;
    }
    Catalog catalog = state.catalog();
    boolean keep = frozen && following;
    Statistics ofAll = shared.get();
    boolean changed =
        keep
            ? catalog != worlds.now().catalog()
            : state.version() != shownVersion
                || ofAll != sharedShown
                || catalog != worlds.now().catalog();
    if (changed) {
      shownVersion = state.version();
      sharedShown = ofAll;
      Statistics own = ofAll == null ? state.statistics().snapshot() : ofAll;
      Statistics statistics = keep ? worlds.now().statistics() : own;
      long index = ownAlone && !keep && ofAll == null ? at : -1;
      worlds.update(world -> world.with(catalog, statistics, index, time.millis()));
    }
    users = stored.getAsLong();
    if (state.itemsRefused() > itemsRefused) {
      itemsRefused = state.itemsRefused();
      LOG.error(
          "the item {} is left out, the hash of its id is that of another item; {} so far",
          state.lastItemRefused(),
          itemsRefused);
    }
    coverage = measureCoverage(catalog);
  }

  private void remember(Impression impression) {
    String version = impression.modelVersion();
    List<Arm.Logged> arm = arms.apply(impression.variant());
    int group = arm.isEmpty() ? 0 : Tally.group(impression.userId());
    answers.put(
        impression.requestId(),
        new Answer(
            same(version == null ? NO_MODEL : version), same(impression.servedBy()), arm, group));
    if (following && !arm.isEmpty()) {
      tallies.answered(impression, arm, group);
    }
    long shownAt = following ? time.millis() : impression.timeMillis();
    Catalog catalog = worlds.now().catalog();
    for (Impression.Shown shown : impression.shown()) {
      int item = catalog.index(shown.itemId());
      if (item >= lastShown.length) {
        lastShown = Arrays.copyOf(lastShown, Math.max(item + 1, 2 * lastShown.length));
      }
      lastShown[item] = Math.max(lastShown[item], shownAt);
    }
  }

  private void attribute(Event event, String requestId) {
    boolean click = event.type().equals(EventRegistry.CLICK);
    boolean viewed = event.type().equals(EventRegistry.IMPRESSION);
    if (!click && !viewed && !event.type().equals(EventRegistry.CONVERSION)) {
      return;
    }
    Answer answer = answers.get(requestId);
    boolean first = false;
    if (click && answer != null) {
      first = !answer.clicked;
      answer.clicked = true;
    }
    if (!following) {
      return; // counted by the process that took it in
    }
    if (answer != null && !answer.arm.isEmpty()) {
      if (click) {
        tallies.clicked(answer.arm, answer.group, first);
      } else if (!viewed) {
        tallies.converted(answer.arm, answer.group, value(event));
      }
    }
    String version = answer == null ? UNKNOWN : answer.modelVersion;
    String servedBy = answer == null ? UNKNOWN : answer.servedBy;
    if (click) {
      listener.clicked(version, servedBy, first);
    } else if (viewed) {
      listener.viewed(version, servedBy);
    } else {
      listener.converted(version, servedBy);
    }
  }

  private static double value(Event conversion) {
    return conversion.fields().get("value") instanceof Number number ? number.doubleValue() : 0;
  }

  private double measureCoverage(Catalog catalog) {
    int shown = 0;
    long since = time.millis() - COVERAGE_MILLIS;
    for (int item = 1; item < Math.min(lastShown.length, catalog.size()); item++) {
      if (lastShown[item] > since) {
        shown++;
      }
    }
    return catalog.size() <= 1 ? 0 : (double) shown / (catalog.size() - 1);
  }

  /** One string for equal words, of which there are few: a version and a rung a suggestion. */
  private String same(String word) {
    return words.computeIfAbsent(word, w -> w);
  }

  /** Completes when what the log held at the start is folded and shown. */
  public CompletableFuture<@Nullable Void> history() {
    return history;
  }

  /** How long ago the log's thread was last seen at the log's end, in nanoseconds. */
  public long silentNanos() {
    return Math.max(0, time.nanos() - heartbeatNanos);
  }

  /** Users with a sequence, as of the last refresh. */
  public long users() {
    return users;
  }

  /** The share of the catalog that was shown within {@link #COVERAGE_MILLIS}. */
  public double coverage() {
    return coverage;
  }

  /** Tombstones of users folded since the start. */
  public long erasures() {
    return erasures.get();
  }

  /** The state itself, for its owner: the log's thread, or who comes after its end. */
  public LiveState state() {
    return state;
  }

  /** Entries that could not be folded. */
  public long left() {
    return left.get();
  }
}
