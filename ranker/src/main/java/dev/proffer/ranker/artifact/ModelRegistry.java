package dev.proffer.ranker.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The registry of models in a directory: {@code <root>/<task>/versions/<version>/} holds a version,
 * {@code <root>/<task>/<alias>} names one. A version is written under another name and renamed when
 * complete, an alias is replaced by a rename, so a reader never sees half of either. One process
 * publishes at a time; any number read.
 */
public final class ModelRegistry {
  /** Who serves. */
  public static final String CHAMPION = "champion";

  /** Who served before, and serves again when the champion cannot. */
  public static final String PREVIOUS = "previous";

  private static final String UNFINISHED = ".unfinished-";

  private final Path root;

  public ModelRegistry(Path root) {
    this.root = root;
  }

  /** The version an alias names, or null when it names none. */
  public @Nullable String alias(String task, String alias) {
    try {
      String version = Files.readString(root.resolve(task).resolve(alias)).strip();
      return version.isEmpty() ? null : version;
    } catch (java.nio.file.NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a version the champion and the champion the previous one. */
  public void promote(String task, String version) {
    if (!Files.isDirectory(directory(task, version))) {
      throw new IllegalArgumentException("no version " + version + " of " + task + " in " + root);
    }
    String champion = alias(task, CHAMPION);
    if (champion != null && !champion.equals(version)) {
      point(task, PREVIOUS, champion);
    }
    point(task, CHAMPION, version);
  }

  /** The complete versions of a task, oldest first by name. */
  public List<String> versions(String task) {
    Path versions = root.resolve(task).resolve("versions");
    if (!Files.isDirectory(versions)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(versions)) {
      for (Path path : found) {
        String name = String.valueOf(path.getFileName());
        if (!name.startsWith(UNFINISHED)) {
          names.add(name);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Collections.sort(names);
    return names;
  }

  /** Where a version's files are. */
  public Path directory(String task, String version) {
    return root.resolve(task).resolve("versions").resolve(version);
  }

  /**
   * An empty directory to write a version into; {@link #complete} makes it visible. What an earlier
   * try left is removed.
   */
  public Path begin(String task, String version) {
    Path unfinished = directory(task, version).resolveSibling(UNFINISHED + version);
    try {
      delete(unfinished);
      return Files.createDirectories(unfinished);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the version that was begun visible, whole. */
  public void complete(String task, String version) {
    Path to = directory(task, version);
    try {
      Files.move(to.resolveSibling(UNFINISHED + version), to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void point(String task, String alias, String version) {
    Path file = root.resolve(task).resolve(alias);
    Path next = file.resolveSibling(UNFINISHED + alias);
    try {
      Files.writeString(next, version + "\n", StandardCharsets.UTF_8);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
