package dev.proffer.gateway.live;

import dev.proffer.pipeline.World;
import java.util.function.UnaryOperator;

/**
 * The world as requests see it. Any thread reads; the log's thread renews catalog and statistics,
 * the watcher the models, and neither undoes what the other did.
 */
public final class Worlds {
  private volatile World current = World.empty();

  /** The world now; a request takes it once. */
  public World now() {
    return current;
  }

  /** Replaces the world by a function of it; one such change at a time. */
  public synchronized void update(UnaryOperator<World> change) {
    current = change.apply(current);
  }
}
