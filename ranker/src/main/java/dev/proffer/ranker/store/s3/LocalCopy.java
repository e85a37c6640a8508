package dev.proffer.ranker.store.s3;

import dev.proffer.features.artifact.VersionDirectory;
import dev.proffer.ranker.store.StoreAway;
import dev.proffer.ranker.store.StoreRefused;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What this machine holds of a bucket: versions, each held against its {@link FileList} before it
 * is shown and once more by each process that reads it, and the aliases as they were last seen.
 * Several processes of one home share it.
 */
final class LocalCopy {
  private static final String ALIASES = "aliases";

  /** A file whose time says when a version was last asked for, by the file system's clock. */
  private static final String USED = ".used";

  private static final long UNUSED_MILLIS = TimeUnit.HOURS.toMillis(1);

  private final Path root;
  private final Set<Path> checked = ConcurrentHashMap.newKeySet();

  LocalCopy(Path root) {
    this.root = root;
  }

  VersionDirectory of(String task) {
    return new VersionDirectory(root.resolve(task));
  }

  /** The alias object as it was last kept, or null. */
  byte @Nullable [] aliases(String task) {
    try {
      return Files.readAllBytes(root.resolve(task).resolve(ALIASES));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keeps the alias object for a start without the bucket. */
  void keepAliases(String task, byte[] bytes) {
    of(task)
        .exclusively(
            () -> {
              Path file = root.resolve(task).resolve(ALIASES);
              Path next = root.resolve(task).resolve("." + ALIASES);
              try {
                Files.write(next, bytes);
                return Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /** A version that is here and whole, or null; one that is damaged is removed. */
  @Nullable Path whole(String task, String version) {
    Path directory = of(task).directory(version);
    if (!Files.isDirectory(directory)) {
      checked.remove(directory);
      return null;
    }
    if (!checked.contains(directory)) {
      try {
        FileList said =
            FileList.parse(Files.readAllBytes(directory.resolve(FileList.NAME)), version);
        FileList is = FileList.of(directory);
        if (!is.files().entrySet().containsAll(said.files().entrySet())) {
          of(task).remove(version);
          return null;
        }
      } catch (IOException | StoreRefused e) {
        of(task).remove(version);
        return null;
      }
      checked.add(directory);
    }
    touch(directory);
    return directory;
  }

  private static void touch(Path directory) {
    try {
      Files.write(directory.resolve(USED), new byte[0]);
    } catch (IOException e) {
      // On a disk that is full or read-only a version may be fetched again; it is served as well.
    }
  }

  /**
   * Fetches a version that is not here.
   *
   * @throws StoreRefused when a file is missing or is not what the list says
   */
  Path fetch(String task, String version, FileList list, S3Bucket bucket, String prefix) {
    VersionDirectory models = of(task);
    return models.exclusively(
        () -> {
          Path there = whole(task, version); // another process of this home was quicker
          if (there != null) {
            return there;
          }
          Path directory = models.begin(version);
          try {
            for (Map.Entry<String, FileList.Entry> file : list.files().entrySet()) {
              fetch(bucket, prefix, directory, file.getKey(), file.getValue());
            }
            Files.write(directory.resolve(FileList.NAME), list.bytes());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          models.complete(version);
          Path whole = models.directory(version);
          checked.add(whole);
          touch(whole);
          return whole;
        });
  }

  private static void fetch(
      S3Bucket bucket, String prefix, Path directory, String name, FileList.Entry said) {
    FileList.Entry[] is = new FileList.Entry[1];
    boolean found =
        bucket.download(
            prefix + name,
            in -> {
              try (OutputStream out = Files.newOutputStream(directory.resolve(name))) {
                is[0] = FileList.copy(in, out, said.length());
              }
            });
    if (!found || !said.equals(is[0])) {
      throw new StoreRefused(
          bucket.place()
              + "/"
              + prefix
              + name
              + (found ? " has the digest " + is[0].sha256() : " is missing")
              + "; expected "
              + said.sha256()
              + " of "
              + said.length()
              + " bytes");
    }
  }

  /** Removes versions that are not wanted and that no process asked for within an hour. */
  void prune(String task, Set<String> wanted, long nowMillis) {
    VersionDirectory models = of(task);
    for (String version : models.versions()) {
      Path used = models.directory(version).resolve(USED);
      if (!wanted.contains(version)) {
        try {
          if (!Files.exists(used)
              || nowMillis - Files.getLastModifiedTime(used).toMillis() > UNUSED_MILLIS) {
            checked.remove(models.directory(version));
            models.remove(version);
          }
        } catch (IOException | UncheckedIOException e) {
          // It takes some room until the next time.
        }
      }
    }
  }

  /** What of a version could not be fetched because the bucket is away. */
  static StoreAway away(String version, StoreAway cause) {
    return new StoreAway(
        "version " + version + " is not on this machine, and " + cause.getMessage(), cause);
  }
}
