package dev.proffer.ranker.store;

import dev.proffer.features.artifact.VersionDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Versions in a folder of this machine, or one that several share: {@code <root>/<task>} is a
 * task's {@link VersionDirectory}. Changes of aliases and collections wait for each other by a lock
 * of the file system.
 */
public final class FolderStore implements ModelStore {
  private static final long FORGET_MILLIS = TimeUnit.DAYS.toMillis(30);
  private static final String CHAMPION = "champion";
  private static final String PREVIOUS = "previous";
  private static final String CHALLENGER = "challenger";
  private static final String SERVING = "serving";
  private static final String NEXT = ".next-";

  private final Path root;

  /** A store in a folder, which need not be there yet. */
  public FolderStore(Path root) {
    this.root = root;
  }

  @Override
  public String place() {
    return root.toString();
  }

  @Override
  public Aliases aliases(String task) {
    VersionDirectory models = of(task);
    return new Aliases(models.alias(CHAMPION), models.alias(PREVIOUS), models.alias(CHALLENGER));
  }

  @Override
  public @Nullable Aliases lastSeen(String task) {
    return null;
  }

  @Override
  public Aliases change(String task, @Nullable String named, UnaryOperator<Aliases> change) {
    VersionDirectory models = of(task);
    refuseUnknown(models, task, named);
    return models.exclusively(
        () -> {
          refuseUnknown(models, task, named); // it may have been removed while this waited
          Aliases before = aliases(task);
          Aliases after = change.apply(before);
          // A crash in between leaves the version that serves next in both places.
          if (after.champion() != null && after.champion().equals(before.previous())) {
            point(models, CHAMPION, before.champion(), after.champion());
            point(models, PREVIOUS, before.previous(), after.previous());
          } else {
            point(models, PREVIOUS, before.previous(), after.previous());
            point(models, CHAMPION, before.champion(), after.champion());
          }
          point(models, CHALLENGER, before.challenger(), after.challenger());
          return after;
        });
  }

  private void refuseUnknown(VersionDirectory models, String task, @Nullable String named) {
    if (named != null && !models.versions().contains(named)) {
      throw new StoreRefused("no version " + named + " of " + task + " in " + root);
    }
  }

  private static void point(
      VersionDirectory models, String alias, @Nullable String before, @Nullable String after) {
    if (after != null && !after.equals(before)) {
      models.point(alias, after);
    }
  }

  @Override
  public List<String> versions(String task) {
    return of(task).versions();
  }

  @Override
  public Path directory(String task, String version) {
    return of(task).directory(version);
  }

  @Override
  public Path begin(String task, String version) {
    return of(task).begin(version);
  }

  @Override
  public void complete(String task, String version) {
    of(task).complete(version);
  }

  @Override
  public byte @Nullable [] note(String task, String version, String name) {
    try {
      return Files.readAllBytes(directory(task, version).resolve(name));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void keepNote(String task, String version, String name, byte[] content) {
    Path directory = directory(task, version);
    try {
      replace(directory.resolve(name + ".next"), directory.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void serving(String task, String gateway, Set<String> versions, long nowMillis) {
    Path leases = root.resolve(task).resolve(SERVING);
    try {
      Files.createDirectories(leases);
      replace(
          leases.resolve(NEXT + gateway),
          leases.resolve(gateway),
          Leases.text(versions, nowMillis).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Set<String> served(String task, long sinceMillis) {
    Set<String> served = new TreeSet<>();
    Path leases = root.resolve(task).resolve(SERVING);
    if (!Files.isDirectory(leases)) {
      return served;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(leases)) {
      for (Path file : files) {
        if (!String.valueOf(file.getFileName()).startsWith(NEXT)) {
          served.addAll(Leases.versions(Files.readAllLines(file), sinceMillis));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return served;
  }

  @Override
  public List<String> collect(String task, Needless needless, long sinceMillis, long nowMillis) {
    VersionDirectory models = of(task);
    return models.exclusively(
        () -> {
          List<String> gone =
              new ArrayList<>(
                  needless.of(models.versions(), aliases(task), served(task, sinceMillis)));
          gone.forEach(models::remove);
          forgetSilent(task, nowMillis);
          return List.copyOf(gone);
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

  @Override
  public void close() {}

  private static void replace(Path next, Path file, byte[] content) throws IOException {
    Files.write(next, content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private VersionDirectory of(String task) {
    return new VersionDirectory(root.resolve(task));
  }
}
