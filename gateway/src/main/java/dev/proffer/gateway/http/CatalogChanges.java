package dev.proffer.gateway.http;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import dev.proffer.features.state.Catalog;
import dev.proffer.gateway.live.Worlds;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the catalog on their way into the log and from there to requests. Belongs to the
 * management port's loop.
 *
 * <p>A change carries the instant it was made, later than that of whatever this gateway knows of
 * the item, so that it stands against what was said before it wherever the two meet.
 */
final class CatalogChanges {
  /** After this a change that is kept is answered for though requests do not see it yet. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long LOOK_MILLIS = 5;

  private final Vertx vertx;
  private final Time time;
  private final LogPump pump;
  private final Worlds worlds;
  private final Acknowledgements acknowledgements;
  private final Deque<Unseen> unseen = new ArrayDeque<>();
  private boolean looking;
  private long lastMillis;

  private record Unseen(Item item, long sinceNanos, Consumer<Boolean> served) {}

  /** Those of the loop it is made on. */
  CatalogChanges(Vertx vertx, Time time, LogPump pump, Worlds worlds) {
    this.vertx = vertx;
    this.time = time;
    this.pump = pump;
    this.worlds = worlds;
    this.acknowledgements = new Acknowledgements(vertx, time);
  }

  /** The item that requests see, or saw; null when there never was one of that id. */
  @Nullable Item item(String id) {
    Catalog catalog = worlds.now().catalog();
    int index = catalog.index(id);
    return index == Catalog.UNKNOWN ? null : catalog.item(index);
  }

  /** The instant of the next change of an item, of which {@code before} is known. */
  long next(@Nullable Item before) {
    long least = Math.max(lastMillis, before == null ? 0 : before.changedMillis()) + 1;
    lastMillis = Math.max(time.millis(), least);
    return lastMillis;
  }

  long nanos() {
    return time.nanos();
  }

  long nowMillis() {
    return time.millis();
  }

  /** Refuses an id that the catalog could not tell from another's. */
  void check(String id) throws InvalidInput {
    Catalog catalog = worlds.now().catalog();
    int same = catalog.index(Hash64.of(id));
    if (same != Catalog.UNKNOWN && !catalog.item(same).id().equals(id)) {
      throw new InvalidInput(
          "id", id, "an id whose hash is not that of \"" + catalog.item(same).id() + "\"");
    }
  }

  /** Offers items to the log; false when it takes none. {@link #flush} has them taken up. */
  boolean offer(List<Item> items, Acknowledgements.Waiting waiting) {
    return acknowledgements.offer(pump, items, waiting);
  }

  /** Has the log take up what was offered. */
  void flush() {
    pump.wake();
  }

  /** Why nothing is taken. */
  Problem refusing() {
    return pump.takesIn() ? Problem.LOG_QUEUE_FULL : Problem.LOG_FULL;
  }

  /** Tells once requests see a change that the log has kept: true, or false when it takes long. */
  void served(Item kept, Consumer<Boolean> served) {
    unseen.add(new Unseen(kept, time.nanos(), served));
    look();
  }

  private void look() {
    if (!looking && !unseen.isEmpty()) {
      looking = true;
      vertx.setTimer(
          LOOK_MILLIS,
          tick -> {
            looking = false;
            lookOnce();
            look();
          });
    }
  }

  private void lookOnce() {
    long now = time.nanos();
    for (int left = unseen.size(); left > 0; left--) {
      Unseen one = unseen.remove();
      Item seen = item(one.item().id());
      boolean there = seen != null && seen.changedMillis() >= one.item().changedMillis();
      if (there || now - one.sinceNanos() > PATIENCE_NANOS) {
        one.served().accept(there);
      } else {
        unseen.add(one);
      }
    }
  }
}
