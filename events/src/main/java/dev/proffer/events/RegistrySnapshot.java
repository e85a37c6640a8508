package dev.proffer.events;

import dev.proffer.configs.ConfigException;
import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The registry a home's events were taken in by: a copy of {@code events.yaml} beside the log, made
 * at each start. It is what the next registry is held against.
 */
public final class RegistrySnapshot {
  /** The file's name below the home. */
  public static final String FILE = "events-registry.yaml";

  private RegistrySnapshot() {}

  /**
   * The registry of the last start; null when there was none.
   *
   * @throws ConfigException when the copy cannot be read
   */
  public static @Nullable EventRegistry read(Path home) {
    Path file = home.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.readFile(file, problems);
    problems.throwIfAny();
    return registry;
  }

  /**
   * Refuses a registry that breaks those who send and read events by the one of the last start.
   *
   * @throws ConfigException naming every change that breaks
   */
  public static void check(Path home, EventRegistry now) {
    EventRegistry before = read(home);
    if (before != null) {
      List<Evolution.Change> breaking = Evolution.breaking(Evolution.between(before, now));
      if (!breaking.isEmpty()) {
        throw new ConfigException(refusal(before, now, breaking));
      }
    }
  }

  /** What is wrong with the changes from one registry to another, and what can be done. */
  public static String refusal(
      EventRegistry before, EventRegistry now, List<Evolution.Change> breaking) {
    StringBuilder text = new StringBuilder();
    text.append(now.file())
        .append(": ")
        .append(breaking.size())
        .append(breaking.size() == 1 ? " change breaks" : " changes break")
        .append(" those who go by ")
        .append(before.file());
    for (Evolution.Change change : breaking) {
      text.append("\n  ").append(change);
    }
    return text.append("\nRaise the type's version if this is meant, or accept it once with")
        .append(" ./proffer events check --accept")
        .toString();
  }

  /** Remembers a registry as the one that events are taken in by. */
  public static void write(Path home, EventRegistry now) throws IOException {
    Files.createDirectories(home);
    Path file = home.resolve(FILE);
    byte[] text = Files.readAllBytes(now.file());
    if (Files.exists(file) && Arrays.equals(text, Files.readAllBytes(file))) {
      return;
    }
    Path next = home.resolve(FILE + ".unfinished");
    try (FileChannel out =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (ByteBuffer left = ByteBuffer.wrap(text); left.hasRemaining(); ) {
        out.write(left);
      }
      out.force(true); // an empty copy after a power loss would be one that breaks
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
