package dev.proffer.features.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Versions of one thing in a directory: {@code versions/<version>/} holds one, {@code <alias>}
 * names one. A version is written under another name, synced and renamed when complete, and never
 * changed after; an alias is replaced by a rename. So a reader never sees half of either, also
 * after a crash. Any number of processes read; those that change aliases or remove versions do so
 * {@link #exclusively}.
 *
 * <p>Reads and writes files: not for an event loop. What fails is an {@link UncheckedIOException}.
 */
public final class VersionDirectory {
  private static final String VERSIONS = "versions";
  private static final String UNFINISHED = ".unfinished-";
  private static final String LOCK = ".lock";
  private static final Object IN_THIS_PROCESS = new Object();
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

  private final Path root;

  /** The versions below a directory, which need not be there yet. */
  public VersionDirectory(Path root) {
    this.root = root;
  }

  /** Whether a text can name a version: letters, digits, dots, dashes, at most 200. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** The version an alias names, or null when it names none. */
  public @Nullable String alias(String alias) {
    try {
      String version = Files.readString(root.resolve(alias)).strip();
      return version.isEmpty() ? null : version;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes an alias name a version.
   *
   * @throws IllegalArgumentException when there is no such version
   */
  public void point(String alias, String version) {
    if (!Files.isDirectory(directory(version))) {
      throw new IllegalArgumentException("no version " + version + " in " + root);
    }
    Path file = root.resolve(alias);
    Path next = root.resolve(UNFINISHED + alias);
    try {
      Files.writeString(next, version + "\n", StandardCharsets.UTF_8);
      sync(next);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Does something while no other process, and no other thread of this one, does anything
   * exclusively here; waits for its turn. The lock is the file system's: it ends with the process.
   */
  public <T> T exclusively(Supplier<T> action) {
    synchronized (IN_THIS_PROCESS) {
      try {
        Files.createDirectories(root);
        try (FileChannel file =
            FileChannel.open(
                root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          FileLock lock = file.lock();
          try {
            return action.get();
          } finally {
            lock.release();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The complete versions, in the order of their names. */
  public List<String> versions() {
    Path versions = root.resolve(VERSIONS);
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
  public Path directory(String version) {
    return root.resolve(VERSIONS).resolve(version);
  }

  /**
   * An empty directory to write a version into; {@link #complete} makes it visible. What an earlier
   * try left is removed.
   */
  public Path begin(String version) {
    if (!isName(version)) {
      throw new IllegalArgumentException(
          "version \"" + version + "\"; expected letters, digits, dots and dashes, at most 200");
    }
    Path unfinished = unfinished(version);
    try {
      delete(unfinished);
      return Files.createDirectories(unfinished);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directory that {@link #begin} gave. */
  public Path begun(String version) {
    return unfinished(version);
  }

  /** Makes the version that was begun visible, whole. A version that is there stays. */
  public void complete(String version) {
    Path to = directory(version);
    try {
      if (Files.exists(to)) {
        throw new FileAlreadyExistsException(to.toString(), null, "a version never changes");
      }
      Path from = unfinished(version);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
        for (Path file : files) {
          sync(file);
        }
      }
      sync(from);
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      sync(root.resolve(VERSIONS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Removes what was begun and not completed, or a version that no alias names. A version is
   * renamed before its files go, so nobody sees a part of it.
   */
  public void remove(String version) {
    try {
      delete(unfinished(version));
      if (Files.isDirectory(directory(version))) {
        Files.move(directory(version), unfinished(version), StandardCopyOption.ATOMIC_MOVE);
        delete(unfinished(version));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path unfinished(String version) {
    return root.resolve(VERSIONS).resolve(UNFINISHED + version);
  }

  private static void sync(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      try (FileChannel names = FileChannel.open(path, StandardOpenOption.READ)) {
        names.force(true);
      }
    } else {
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
        file.force(true);
      }
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
