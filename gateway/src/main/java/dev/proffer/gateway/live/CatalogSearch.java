package dev.proffer.gateway.live;

import dev.proffer.candidates.lucene.ItemSearch;
import dev.proffer.candidates.source.Search;
import dev.proffer.features.state.Catalog;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what items are searched by up with the catalog that requests see, on a thread of its own: a
 * change of the catalog is found within {@value #LOOK_MILLIS} ms and what it takes to index it.
 */
public final class CatalogSearch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogSearch.class);

  static final long LOOK_MILLIS = 200;
  private static final int WARM_UP_SEARCHES = 50;

  private final Worlds worlds;
  private final ItemSearch items = new ItemSearch();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread one = new Thread(work, "proffer-search");
            one.setDaemon(true);
            return one;
          });
  private Catalog known = Catalog.EMPTY; // of the thread

  public CatalogSearch(Worlds worlds) {
    this.worlds = worlds;
  }

  /** Follows the catalog from now on; until the first one is indexed nothing is found. */
  public void start() {
    var unused = thread.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      Catalog now = worlds.now().catalog();
      if (now != known) {
        Search search = items.update(now);
        if (known == Catalog.EMPTY) {
          warmUp(search, now);
        }
        known = now;
        worlds.update(world -> world.with(world.index().with(search)));
      }
    } catch (RuntimeException e) {
      LOG.error("the catalog could not be indexed for search, the index before stays", e);
    }
  }

  /** Searches for a moment, so that the first who search do not pay for cold code. */
  private static void warmUp(Search search, Catalog catalog) {
    int[] found = new int[100];
    int every = Math.max(1, catalog.size() / WARM_UP_SEARCHES);
    for (int item = 1; item < catalog.size(); item += every) {
      String title = catalog.item(item).title();
      int unused = search.find(title.substring(0, Math.min(title.length(), 12)), found);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (thread.awaitTermination(5, TimeUnit.SECONDS)) {
        items.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
