package dev.proffer.ranker.store;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where the versions of each task's models are kept, who goes by which alias, and what gateways say
 * they serve. A version is there whole or not at all, and never changes; the aliases of a task
 * change as one, and no two changes lose each other, whoever makes them. Any number of processes
 * use one place.
 *
 * <p>Safe for use by many threads. Every method may wait for a disk or a network: not for an event
 * loop. What cannot be asked is an {@link java.io.UncheckedIOException}, of a bucket {@link
 * StoreAway}.
 */
public interface ModelStore extends AutoCloseable {
  /** What this is, for people: a folder's path, or {@code s3://bucket/prefix}. */
  String place();

  /** Who goes by which alias now. */
  Aliases aliases(String task);

  /**
   * What {@link #aliases} said when it was last answered, also to another process of this home;
   * null when this store keeps no such copy, or there is none yet. Never asks the store itself.
   */
  @Nullable Aliases lastSeen(String task);

  /**
   * Changes the aliases; others who do the same wait, or are asked again with what is there by
   * then.
   *
   * @param named a version that must be there, or null when the change names none that is new
   * @param change gives the aliases from those before; may be called more than once
   * @return the aliases after the change
   * @throws StoreRefused when the version is not there, or is being removed
   */
  Aliases change(String task, @Nullable String named, UnaryOperator<Aliases> change);

  /** The complete versions, in the order of their names. */
  List<String> versions(String task);

  /**
   * The directory with a version's files, on this machine; fetched and checked if it is not here
   * yet.
   *
   * @throws StoreRefused when the version is not there or damaged, where the store can tell
   */
  Path directory(String task, String version);

  /**
   * An empty directory on this machine to write a version into; {@link #complete} shows it to
   * others. What an earlier try left is removed.
   */
  Path begin(String task, String version);

  /** Shows the version that was begun, whole. A version that is there stays. */
  void complete(String task, String version);

  /** A note beside a version, which unlike its files may change; null when there is none. */
  byte @Nullable [] note(String task, String version, String name);

  /** Writes a note beside a version, over the one that is there. */
  void keepNote(String task, String version, String name, byte[] content);

  /** Says that a gateway serves these versions, or is about to, at an instant. */
  void serving(String task, String gateway, Set<String> versions, long nowMillis);

  /** What gateways said they serve since an instant. */
  Set<String> served(String task, long sinceMillis);

  /** Which versions nobody needs. */
  @FunctionalInterface
  interface Needless {
    /** The versions to remove, of those that are there, oldest first. */
    Collection<String> of(List<String> versions, Aliases aliases, Set<String> served);
  }

  /**
   * Removes what nobody needs: never a version that an alias names, or that a gateway said it
   * serves since an instant, also if either comes to be meanwhile.
   *
   * @return what was removed
   */
  List<String> collect(String task, Needless needless, long sinceMillis, long nowMillis);

  @Override
  void close();
}
