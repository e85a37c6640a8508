package dev.proffer.pipeline;

import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.tables.Tables;
import dev.proffer.ranker.ServedModel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a request reads beside its user: one immutable snapshot, taken once a request, so that
 * nothing changes under it.
 *
 * @param index made from this catalog and these statistics
 * @param logIndex the last record of this gateway's log that both know; -1 when they are not the
 *     fold of that log alone, or of none
 * @param models by task
 * @param tables what was learned or imported by entity
 */
public record World(
    Catalog catalog,
    Statistics statistics,
    CatalogIndex index,
    long logIndex,
    Map<String, Models> models,
    Tables tables) {
  public World {
    models = Map.copyOf(models);
  }

  /** A world of nothing: the static list answers. */
  public static World empty() {
    return of(Catalog.EMPTY, new Statistics(), Map.of());
  }

  /** A world with the index made here. */
  public static World of(Catalog catalog, Statistics statistics, Map<String, Models> models) {
    return new World(
        catalog, statistics, new CatalogIndex(catalog, statistics), -1, models, Tables.NONE);
  }

  /**
   * The models of one task.
   *
   * @param champion who serves, null when none can
   * @param previous who serves when the champion fails, null when there is none
   */
  public record Models(@Nullable ServedModel champion, @Nullable ServedModel previous) {
    /** No model. */
    public static final Models NONE = new Models(null, null);
  }

  /** The models of a task; {@link Models#NONE} when there are none. */
  public Models models(String task) {
    return models.getOrDefault(task, Models.NONE);
  }

  /**
   * The model that a variant of an experiment ranks by; null when it cannot be had.
   *
   * @param name an alias or a version, as the variant names it
   */
  public @Nullable ServedModel variantModel(String name) {
    return models(variant(name)).champion();
  }

  /** What the model of that name is kept as, beside those of the tasks. */
  public static String variant(String name) {
    return SuggestPipeline.TASK + "@" + name;
  }

  /** The same with other models for one task. */
  public World with(String task, Models changed) {
    Map<String, Models> all = new HashMap<>(models);
    all.put(task, changed);
    return new World(catalog, statistics, index, logIndex, all, tables);
  }

  /**
   * The same with another catalog and statistics, and how far into the log they know.
   *
   * @param asOfMillis the instant that orders over the catalog are made for
   */
  public World with(
      Catalog newCatalog, Statistics newStatistics, long newLogIndex, long asOfMillis) {
    return new World(
        newCatalog,
        newStatistics,
        index.next(newCatalog, newStatistics, asOfMillis),
        newLogIndex,
        models,
        tables);
  }

  /** The same with another index of the same catalog and statistics. */
  public World with(CatalogIndex changed) {
    return new World(catalog, statistics, changed, logIndex, models, tables);
  }

  /** The same with other tables. */
  public World with(Tables changed) {
    return new World(catalog, statistics, index, logIndex, models, changed);
  }
}
