package dev.proffer.ranker.artifact;

import dev.proffer.events.time.Time;
import dev.proffer.ranker.RegistrySpec;
import dev.proffer.ranker.store.Aliases;
import dev.proffer.ranker.store.FolderStore;
import dev.proffer.ranker.store.ModelStore;
import dev.proffer.ranker.store.s3.S3Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The registry of models, over a {@link ModelStore}: a folder of this machine or one that several
 * share, or a bucket. Any number of processes read; no change of an alias is lost, and what an
 * alias names or a gateway serves is not collected.
 *
 * <p>Reads and writes files and may ask a network: not for an event loop.
 */
public final class ModelRegistry implements AutoCloseable {
  /** Who serves. */
  public static final String CHAMPION = "champion";

  /** Who served before, and serves again when the champion cannot. */
  public static final String PREVIOUS = "previous";

  /** Who is tried beside the champion. */
  public static final String CHALLENGER = "challenger";

  /** All names a version can go by. */
  public static final List<String> ALIASES = List.of(CHAMPION, PREVIOUS, CHALLENGER);

  /** For how long a gateway is believed to serve what it said last. */
  public static final long SERVING_MILLIS = TimeUnit.MINUTES.toMillis(10);

  /** The folder of the registry below the home, unless a bucket is configured. */
  private static final String FOLDER = "models";

  /** What is held of buckets below the home: a folder for each, so that none passes for another. */
  private static final String COPIES = "models-copy";

  private final ModelStore store;

  /** A registry in a folder. */
  public ModelRegistry(Path root) {
    this(new FolderStore(root));
  }

  private ModelRegistry(ModelStore store) {
    this.store = store;
  }

  /**
   * The registry that is configured; nothing is asked of it yet.
   *
   * @param home where the folder is, or the copies of what a bucket holds
   * @param environment where the keys to a bucket are, as {@link System#getenv()} gives it
   */
  public static ModelRegistry open(
      RegistrySpec spec, Path home, Time time, Map<String, String> environment) {
    RegistrySpec.Bucket bucket = spec.bucket();
    return new ModelRegistry(
        bucket == null
            ? new FolderStore(home.resolve(FOLDER))
            : new S3Store(bucket, home.resolve(COPIES).resolve(known(bucket)), time, environment));
  }

  /** A name for a bucket's copies: another bucket, or one elsewhere, has another. */
  private static String known(RegistrySpec.Bucket bucket) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((bucket.endpoint() + " " + bucket.place()).getBytes(StandardCharsets.UTF_8));
      return bucket.name() + "-" + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  /** Where it is, for people: a folder's path, or {@code s3://bucket/prefix}. */
  public String place() {
    return store.place();
  }

  /** Who goes by which alias now, asked of the store once. */
  public Aliases aliases(String task) {
    return store.aliases(task);
  }

  /** What the store said when it last answered, without asking it; null when that is not known. */
  public @Nullable Aliases lastSeen(String task) {
    return store.lastSeen(task);
  }

  /** The version an alias names, or null when it names none. */
  public @Nullable String alias(String task, String alias) {
    return alias(store.aliases(task), alias);
  }

  /** The version an alias names among some, or null when it names none. */
  public static @Nullable String alias(Aliases aliases, String alias) {
    return switch (alias) {
      case CHAMPION -> aliases.champion();
      case PREVIOUS -> aliases.previous();
      case CHALLENGER -> aliases.challenger();
      default -> throw new IllegalArgumentException(alias + " is not one of " + ALIASES);
    };
  }

  /** Makes a version the champion and the champion the previous one. */
  public void promote(String task, String version) {
    store.change(task, version, before -> before.promote(version));
  }

  /**
   * Makes a version the challenger: what experiments and the shadow try by that name.
   *
   * @throws IllegalArgumentException when there is no such version
   */
  public void challenge(String task, String version) {
    store.change(task, version, before -> before.challenge(version));
  }

  /**
   * Makes the previous version the champion again, and the champion the previous one: so a second
   * call takes the first back.
   *
   * @return who is champion now
   * @throws IllegalArgumentException when no version was champion before
   */
  public String rollback(String task) {
    return String.valueOf(
        store
            .change(
                task,
                null,
                before -> {
                  Aliases after = before.rollback();
                  if (after == null) {
                    throw new IllegalArgumentException(
                        "no version of " + task + " was champion before " + before.champion());
                  }
                  return after;
                })
            .champion());
  }

  /**
   * Says that a gateway serves these versions, or is about to: they are not collected while it says
   * so at least once in {@link #SERVING_MILLIS}.
   *
   * @param gateway a name of its own, by {@link
   *     dev.proffer.features.artifact.VersionDirectory#isName}
   */
  public void serving(String task, String gateway, Set<String> versions, long nowMillis) {
    store.serving(task, gateway, versions, nowMillis);
  }

  /** What gateways said they serve, less who has not said so for {@link #SERVING_MILLIS}. */
  public Set<String> served(String task, long nowMillis) {
    return store.served(task, nowMillis - SERVING_MILLIS);
  }

  /**
   * Removes the versions that nobody needs: no alias names them, no gateway serves them, and they
   * are not among the latest.
   *
   * @param keep how many of the latest stay in any case
   * @return what was removed
   */
  public List<String> collect(String task, int keep, long nowMillis) {
    return store.collect(
        task,
        (versions, aliases, served) -> {
          List<String> needless =
              new ArrayList<>(versions.subList(0, Math.max(0, versions.size() - keep)));
          needless.removeAll(served);
          needless.removeIf(aliases::name);
          return needless;
        },
        nowMillis - SERVING_MILLIS,
        nowMillis);
  }

  /** The complete versions of a task, oldest first by name. */
  public List<String> versions(String task) {
    return store.versions(task);
  }

  /** The directory with a version's files, on this machine; fetched first if need be. */
  public Path directory(String task, String version) {
    return store.directory(task, version);
  }

  /**
   * An empty directory to write a version into; {@link #complete} makes it visible. What an earlier
   * try left is removed.
   */
  public Path begin(String task, String version) {
    return store.begin(task, version);
  }

  /** Makes the version that was begun visible, whole. */
  public void complete(String task, String version) {
    store.complete(task, version);
  }

  /** The figures of a version's last evaluation; empty when there was none. */
  public Map<String, Double> figures(String task, String version) {
    byte[] kept = store.note(task, version, ModelArtifact.METRICS);
    try {
      return kept == null ? Map.of() : ModelArtifact.figures(kept);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keeps the figures of an evaluation beside a version, over those of one before. */
  public void keepFigures(String task, String version, Map<String, Double> figures) {
    store.keepNote(task, version, ModelArtifact.METRICS, ModelArtifact.figures(figures));
  }

  @Override
  public void close() {
    store.close();
  }
}
