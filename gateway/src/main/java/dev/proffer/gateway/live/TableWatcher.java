package dev.proffer.gateway.live;

import dev.proffer.candidates.lucene.NearVectors;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.candidates.source.Vectors;
import dev.proffer.events.time.Time;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the current version of every declared table: opens it and shows it to requests, or says
 * why it is refused; what served before stays then.
 *
 * <p>{@link #look} reads whole files: never on an event loop, one call at a time. {@link #states}
 * may be read from any thread.
 */
public final class TableWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(TableWatcher.class);

  /** A refusal may have been a full disk or a busy one: such a version is tried again. */
  private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final TableRegistry registry;
  private final TablesSpec spec;
  private final Worlds worlds;
  private final Time time;
  private final Listener listener;
  private volatile Source source = table -> {};
  private volatile Set<Vectors.Wanted> near = Set.of();
  private String trouble = "";
  private final Map<String, AttributeTable> serving = new HashMap<>();
  private final Map<String, Refusal> refused = new HashMap<>();
  private volatile List<TableState> states = List.of();

  /** Brings new versions of a table into the registry. Called on the thread of {@link #look}. */
  @FunctionalInterface
  public interface Source {
    /** Brings what there is; throws when it cannot be reached. */
    void bring(TableSpec table) throws IOException;
  }

  /** Hears what the watcher did. Called on the thread of {@link #look}. */
  public interface Listener {
    /** A version was refused for the first time. */
    void tableRefused(String table);

    /** What serves now, after a change. */
    void tablesServing(List<TableState> states);
  }

  /**
   * One table.
   *
   * @param version that serves, null when none does
   * @param rows of it
   * @param asOfMillis the instant it is true at
   * @param refusal why the current version is not the one that serves; empty when it is
   */
  public record TableState(
      String table, @Nullable String version, int rows, long asOfMillis, String refusal) {}

  private record Refusal(String version, String reason, long nanos) {}

  public TableWatcher(
      TableRegistry registry, TablesSpec spec, Worlds worlds, Time time, Listener listener) {
    this.registry = registry;
    this.spec = spec;
    this.worlds = worlds;
    this.time = time;
    this.listener = listener;
  }

  /** The tables, in the order of {@code tables.yaml}. */
  public List<TableState> states() {
    return states;
  }

  /** Has new versions brought in before every look from now on. */
  public void from(Source brought) {
    source = brought;
  }

  /** Has vectors of new versions indexed, so that near ones are found, from now on. */
  public void index(Set<Vectors.Wanted> wanted) {
    near = Set.copyOf(wanted);
  }

  /** Looks at every table once. */
  public synchronized void look() {
    List<TableState> seen = new ArrayList<>();
    boolean reached = true;
    for (TableSpec table : spec.tables()) {
      reached = reached && brought(table);
      try {
        look(table);
      } catch (RuntimeException e) {
        LOG.error("the versions of the table {} cannot be read, it stays", table.name(), e);
      }
      AttributeTable serves = serving.get(table.name());
      Refusal refusal = refused.get(table.name());
      seen.add(
          new TableState(
              table.name(),
              serves == null ? null : serves.header().version(),
              serves == null ? 0 : serves.rows(),
              serves == null ? 0 : serves.header().asOfMillis(),
              refusal == null ? "" : refusal.reason()));
    }
    if (!seen.equals(states)) {
      states = List.copyOf(seen);
      listener.tablesServing(states);
    }
  }

  /** Whether the source could be reached; who cannot be is not asked for the other tables. */
  private boolean brought(TableSpec table) {
    try {
      source.bring(table);
      trouble = "";
      return true;
    } catch (IOException | RuntimeException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(trouble)) {
        LOG.warn("no new version of the table {} can be brought in: {}", table.name(), why);
        trouble = why;
      }
      return false;
    }
  }

  private void look(TableSpec table) {
    String current = registry.current(table.name());
    AttributeTable serves = serving.get(table.name());
    if (current == null || (serves != null && serves.header().version().equals(current))) {
      refused.remove(table.name());
      return;
    }
    Refusal before = refused.get(table.name());
    boolean again = before != null && before.version().equals(current);
    if (before != null && again && time.nanos() - before.nanos() < RETRY_NANOS) {
      return;
    }
    try {
      AttributeTable opened = registry.open(table, current);
      Map<Vectors.Wanted, Vectors> indexed = new HashMap<>();
      for (Vectors.Wanted wanted : near) {
        if (wanted.of().table().equals(table.name())) {
          indexed.put(wanted, NearVectors.of(opened, wanted)); // before requests see the version
        }
      }
      worlds.update(
          world -> {
            CatalogIndex index = world.index();
            for (Map.Entry<Vectors.Wanted, Vectors> one : indexed.entrySet()) {
              index = index.with(one.getKey(), one.getValue());
            }
            return world.with(world.tables().with(opened)).with(index);
          });
      serving.put(table.name(), opened);
      refused.remove(table.name());
      LOG.info("table {}: version {}, {} rows", table.name(), current, opened.rows());
    } catch (TableRefused e) {
      String reason = String.valueOf(e.getMessage());
      refused.put(table.name(), new Refusal(current, reason, time.nanos()));
      if (!again) {
        LOG.warn("table {}: {}", table.name(), reason);
        listener.tableRefused(table.name());
      }
    }
  }
}
