package dev.proffer.gateway.ops;

import dev.proffer.events.log.LogHousekeeping;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.log.kafka.RelayFigures;
import dev.proffer.events.time.Time;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.gateway.live.LogFold;
import dev.proffer.gateway.live.ModelWatcher;
import dev.proffer.gateway.live.SharedState;
import dev.proffer.gateway.live.TableWatcher;
import dev.proffer.gateway.live.Worlds;
import dev.proffer.pipeline.World;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the gateway is, in words. Reads published figures only: nothing here waits, so a loop may
 * ask.
 */
public final class Health {
  /** The log's thread comes by every few milliseconds; silence of this length is a fault. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final double NEARLY_FULL = 0.8;

  private final Time time;
  private final long startedNanos;
  private final Worlds worlds;
  private final LogPump pump;
  private final LogFold fold;
  private final LogHousekeeping housekeeping;
  private final ModelWatcher watcher;
  private volatile @Nullable RelayFigures relay;
  private volatile @Nullable SharedState shared;
  private volatile @Nullable TableWatcher tables;
  private volatile Set<String> usedTables = Set.of();
  private volatile @Nullable ChronicleSequenceStore store;
  private volatile Phase phase = Phase.STARTING;

  /**
   * A report.
   *
   * @param ok whether every part is
   * @param parts by name, in the order to be read
   */
  public record Report(Phase phase, boolean ok, double uptimeSeconds, Map<String, Part> parts) {}

  /** One part, with the words for it. */
  public record Part(boolean ok, String words) {}

  public Health(
      Time time,
      Worlds worlds,
      LogPump pump,
      LogFold fold,
      LogHousekeeping housekeeping,
      ModelWatcher watcher) {
    this.time = time;
    this.startedNanos = time.nanos();
    this.worlds = worlds;
    this.pump = pump;
    this.fold = fold;
    this.housekeeping = housekeeping;
    this.watcher = watcher;
  }

  /** Says from here on how what is shared through Redis is. */
  public void watch(SharedState sharing) {
    shared = sharing;
  }

  /**
   * Says from here on how the attribute tables are.
   *
   * @param used those that a task's features or a source read: without a version of one of these
   *     something is wrong
   */
  public void watch(TableWatcher watching, Set<String> used) {
    usedTables = Set.copyOf(used);
    tables = watching;
  }

  /** Says from here on how full the store of sequences is. */
  public void watch(ChronicleSequenceStore sequences) {
    store = sequences;
  }

  /** Says from here on how the relay is. */
  public void watch(RelayFigures relaying) {
    relay = relaying;
  }

  /** Where the gateway stands. */
  public Phase phase() {
    return phase;
  }

  /** Enters another phase. */
  public void enter(Phase next) {
    phase = next;
  }

  /** The report now. */
  public Report report() {
    Map<String, Part> parts = new LinkedHashMap<>();
    parts.put("log", log());
    parts.put("disk", disk());
    parts.put("statistics", statistics());
    parts.put("models", models());
    TableWatcher watching = tables;
    if (watching != null && !watching.states().isEmpty()) {
      parts.put("tables", tables(watching));
    }
    parts.put("users", users());
    RelayFigures relaying = relay;
    if (relaying != null) {
      parts.put("kafka", new Part(relaying.connected(), relaying.words()));
    }
    SharedState sharing = shared;
    if (sharing != null) {
      parts.put("redis", new Part(sharing.ok(), sharing.words()));
    }
    boolean ok = parts.values().stream().allMatch(Part::ok);
    return new Report(phase, ok, Math.round((time.nanos() - startedNanos) / 1e6) / 1e3, parts);
  }

  private Part log() {
    long silent = fold.silentNanos();
    if (silent > SILENCE_NANOS) {
      return new Part(
          false,
          "the log's thread was not seen for "
              + TimeUnit.NANOSECONDS.toSeconds(silent)
              + " s; events are not acknowledged, suggestions go on");
    }
    String words =
        pump.folded()
            + " entries folded, "
            + pump.behind()
            + " acknowledged and not yet, "
            + pump.depth()
            + " submissions wait to be written";
    long bad = pump.unreadable() + fold.left();
    return new Part(bad == 0, bad == 0 ? words : words + ", " + bad + " could not be read");
  }

  private Part disk() {
    String words =
        (housekeeping.usedBytes() >> 20)
            + " MiB used of "
            + (housekeeping.quotaBytes() == 0
                ? "any amount"
                : (housekeeping.quotaBytes() >> 20) + " MiB")
            + ", "
            + (housekeeping.freeBytes() >> 20)
            + " MiB free";
    if (!housekeeping.trouble().isEmpty()) {
      words += "; " + housekeeping.trouble();
    }
    return switch (housekeeping.space()) {
      case ROOM -> new Part(housekeeping.trouble().isEmpty(), words);
      case SCARCE -> new Part(false, words + "; the log is nearly full");
      case NONE -> new Part(false, words + "; events are refused, suggestions go on");
      case READ_ONLY ->
          new Part(false, "the log cannot be written to; events are refused, suggestions go on");
    };
  }

  private Part statistics() {
    World world = worlds.now();
    int items = world.catalog().size() - 1;
    if (items == 0) {
      return new Part(false, "no items yet; the static list answers");
    }
    long events = (long) world.statistics().totalEvents();
    return new Part(
        events > 0,
        items
            + " items, "
            + (events > 0
                ? events + " events about them"
                : "no event about them yet; the static list answers when no model does"));
  }

  private Part models() {
    boolean ok = true;
    StringBuilder words = new StringBuilder();
    for (ModelWatcher.TaskState state : watcher.states()) {
      words.append(words.isEmpty() ? "" : "; ").append(state.task()).append(": ");
      if (state.champion() != null) {
        words.append("champion ").append(state.champion());
      } else {
        ok = false;
        words.append(state.previous() != null ? "previous model " + state.previous() : "no model");
      }
      String named = state.championAlias();
      if (named != null && state.champion() == null) {
        words
            .append(", ")
            .append(named)
            .append(" was refused: ")
            .append(state.refused().get(named));
      }
    }
    ModelWatcher.StoreState store = watcher.store();
    if (!store.ok()) {
      ok = false;
      words
          .append(words.isEmpty() ? "" : "; ")
          .append("the store is away for ")
          .append(Math.max(0, TimeUnit.MILLISECONDS.toSeconds(time.millis() - store.sinceMillis())))
          .append(" s, what is loaded goes on: ")
          .append(store.trouble());
    }
    return new Part(ok, words.isEmpty() ? "not looked at yet" : words.toString());
  }

  private Part tables(TableWatcher watching) {
    boolean ok = true;
    StringBuilder words = new StringBuilder();
    for (TableWatcher.TableState state : watching.states()) {
      words.append(words.isEmpty() ? "" : "; ").append(state.table()).append(": ");
      boolean used = usedTables.contains(state.table());
      ok &= (state.version() != null || !used) && state.refusal().isEmpty();
      words.append(
          state.version() != null
              ? "version " + state.version() + ", " + state.rows() + " rows"
              : used
                  ? "no version, its features are missing"
                  : "no version, and nothing that is served reads it");
      if (!state.refusal().isEmpty()) {
        words.append("; ").append(state.refusal());
      }
    }
    return new Part(ok, words.toString());
  }

  private Part users() {
    ChronicleSequenceStore sequences = store;
    return sequences == null
        ? users(fold.users(), 0, 0)
        : users(fold.users(), sequences.fill(), sequences.evicted());
  }

  /** How the users are, in a store that is so full and has let so many go. */
  static Part users(long users, double fill, long evicted) {
    String words = users + " users with a sequence";
    if (fill < NEARLY_FULL) {
      return new Part(true, words);
    }
    return new Part(
        false,
        words
            + "; the store is "
            + Math.round(100 * fill)
            + " % full, "
            + evicted
            + " of the least recently seen were let go; more room: users, users-mib");
  }
}
