package dev.proffer.pipeline.experiments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The stopped variants of a home, a file each: {@code experiments/stopped/<experiment>.<variant>}
 * with the instant in epoch milliseconds and the reason. Any process may write or remove one; a
 * running gateway looks now and then. Reads and writes files: not for an event loop.
 */
public final class StopDirectory {
  /** The directory below the home. */
  public static final String DIRECTORY = "experiments/stopped";

  private static final String NEXT = ".next-";
  private static final char BETWEEN = '.'; // no name has one

  private final Path directory;

  public StopDirectory(Path home) {
    this.directory = home.resolve(DIRECTORY);
  }

  /** What is stopped now. */
  public Stops read() throws IOException {
    if (!Files.isDirectory(directory)) {
      return Stops.NONE;
    }
    Map<String, Stops.Stop> stops = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith(NEXT)) {
          stops.put(name.replace(BETWEEN, ':'), read(file));
        }
      }
    }
    return new Stops(stops);
  }

  /** A file that is not as it should be stops its variant all the same. */
  private static Stops.Stop read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    String first = lines.isEmpty() ? "" : lines.get(0);
    boolean instant = first.matches("\\d{1,18}");
    return new Stops.Stop(
        instant ? Long.parseLong(first) : Files.getLastModifiedTime(file).toMillis(),
        String.join(" ", instant ? lines.subList(1, lines.size()) : lines));
  }

  /** Stops a variant; one that is stopped already stays so for its own reason. */
  public void stop(String experiment, String variant, long atMillis, String reason)
      throws IOException {
    Path file = directory.resolve(experiment + BETWEEN + variant);
    if (Files.exists(file)) {
      return;
    }
    Files.createDirectories(directory);
    Path next = directory.resolve(NEXT + experiment + BETWEEN + variant);
    Files.writeString(next, atMillis + "\n" + reason + "\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Lets a variant run again. */
  public void start(String experiment, String variant) throws IOException {
    Files.deleteIfExists(directory.resolve(experiment + BETWEEN + variant));
  }
}
