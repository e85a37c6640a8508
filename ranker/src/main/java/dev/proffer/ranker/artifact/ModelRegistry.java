package dev.proffer.ranker.artifact;

import dev.proffer.features.artifact.VersionDirectory;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The registry of models in a directory: {@code <root>/<task>} is a task's {@link
 * VersionDirectory}. One process publishes at a time; any number read.
 */
public final class ModelRegistry {
  /** Who serves. */
  public static final String CHAMPION = "champion";

  /** Who served before, and serves again when the champion cannot. */
  public static final String PREVIOUS = "previous";

  private final Path root;

  public ModelRegistry(Path root) {
    this.root = root;
  }

  /** The version an alias names, or null when it names none. */
  public @Nullable String alias(String task, String alias) {
    return of(task).alias(alias);
  }

  /** Makes a version the champion and the champion the previous one. */
  public void promote(String task, String version) {
    VersionDirectory models = of(task);
    if (!models.versions().contains(version)) {
      throw new IllegalArgumentException("no version " + version + " of " + task + " in " + root);
    }
    String champion = models.alias(CHAMPION);
    if (champion != null && !champion.equals(version)) {
      models.point(PREVIOUS, champion);
    }
    models.point(CHAMPION, version);
  }

  /** The complete versions of a task, oldest first by name. */
  public List<String> versions(String task) {
    return of(task).versions();
  }

  /** Where a version's files are. */
  public Path directory(String task, String version) {
    return of(task).directory(version);
  }

  /**
   * An empty directory to write a version into; {@link #complete} makes it visible. What an earlier
   * try left is removed.
   */
  public Path begin(String task, String version) {
    return of(task).begin(version);
  }

  /** Makes the version that was begun visible, whole. */
  public void complete(String task, String version) {
    of(task).complete(version);
  }

  private VersionDirectory of(String task) {
    return new VersionDirectory(root.resolve(task));
  }
}
