package dev.proffer.ranker.artifact;

import dev.proffer.features.artifact.VersionDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The registry of models in a directory: {@code <root>/<task>} is a task's {@link
 * VersionDirectory}, on a disk of this machine or a folder that several share. Any number of
 * processes read; changes of aliases and collections wait for each other.
 *
 * <p>Reads and writes files: not for an event loop.
 */
public final class ModelRegistry {
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

  private static final long FORGET_MILLIS = TimeUnit.DAYS.toMillis(30);
  private static final String SERVING = "serving";
  private static final String NEXT = ".next-";

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
    models.exclusively(
        () -> {
          // A crash in between leaves one version in both places, which serves as before.
          String champion = models.alias(CHAMPION);
          if (champion != null && !champion.equals(version)) {
            models.point(PREVIOUS, champion);
          }
          models.point(CHAMPION, version);
          return version;
        });
  }

  /**
   * Makes a version the challenger: what experiments and the shadow try by that name.
   *
   * @throws IllegalArgumentException when there is no such version
   */
  public void challenge(String task, String version) {
    VersionDirectory models = of(task);
    if (!models.versions().contains(version)) {
      throw new IllegalArgumentException("no version " + version + " of " + task + " in " + root);
    }
    models.exclusively(
        () -> {
          models.point(CHALLENGER, version);
          return version;
        });
  }

  /**
   * Makes the previous version the champion again, and the champion the previous one: so a second
   * call takes the first back.
   *
   * @return who is champion now
   * @throws IllegalArgumentException when no version was champion before
   */
  public String rollback(String task) {
    VersionDirectory models = of(task);
    return models.exclusively(
        () -> {
          String champion = models.alias(CHAMPION);
          String previous = models.alias(PREVIOUS);
          if (previous == null || previous.equals(champion)) {
            throw new IllegalArgumentException(
                "no version of " + task + " was champion before " + champion);
          }
          models.point(CHAMPION, previous);
          if (champion != null) {
            models.point(PREVIOUS, champion);
          }
          return previous;
        });
  }

  /**
   * Says that a gateway serves these versions, or is about to: they are not collected while it says
   * so at least once in {@link #SERVING_MILLIS}.
   *
   * @param gateway a name of its own, by {@link VersionDirectory#isName}
   */
  public void serving(String task, String gateway, Set<String> versions, long nowMillis) {
    Path leases = root.resolve(task).resolve(SERVING);
    Path next = leases.resolve(NEXT + gateway);
    try {
      Files.createDirectories(leases);
      List<String> lines = new ArrayList<>(versions);
      lines.add(0, String.valueOf(nowMillis));
      Files.write(next, lines);
      Files.move(
          next,
          leases.resolve(gateway),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What gateways said they serve, less who has not said so for {@link #SERVING_MILLIS}. */
  public Set<String> served(String task, long nowMillis) {
    Set<String> served = new TreeSet<>();
    Path leases = root.resolve(task).resolve(SERVING);
    if (!Files.isDirectory(leases)) {
      return served;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(leases)) {
      for (Path file : files) {
        if (!String.valueOf(file.getFileName()).startsWith(NEXT)) {
          List<String> lines = Files.readAllLines(file);
          if (nowMillis - Long.parseLong(lines.get(0)) <= SERVING_MILLIS) {
            served.addAll(lines.subList(1, lines.size()));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return served;
  }

  /**
   * Removes the versions that nobody needs: no alias names them, no gateway serves them, and they
   * are not among the latest.
   *
   * @param keep how many of the latest stay in any case
   * @return what was removed
   */
  public List<String> collect(String task, int keep, long nowMillis) {
    VersionDirectory models = of(task);
    return models.exclusively(
        () -> {
          List<String> versions = models.versions();
          List<String> candidates =
              new ArrayList<>(versions.subList(0, Math.max(0, versions.size() - keep)));
          candidates.removeAll(served(task, nowMillis));
          for (String alias : ALIASES) {
            candidates.remove(String.valueOf(models.alias(alias)));
          }
          candidates.forEach(models::remove);
          forgetSilent(task, nowMillis);
          return List.copyOf(candidates);
        });
  }

  /** Removes the words of gateways that are long gone. */
  private void forgetSilent(String task, long nowMillis) {
    Path leases = root.resolve(task).resolve(SERVING);
    if (!Files.isDirectory(leases)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(leases)) {
      for (Path file : files) {
        if (nowMillis - Files.getLastModifiedTime(file).toMillis() > FORGET_MILLIS) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
