package dev.proffer.events.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How far each reader of a log has come: one small text file a reader below {@code positions/} of
 * the home, holding the index of the last record it is done with ({@link EventLog.Tail#index}).
 * Replaced whole and synced, so a crash leaves the old position or the new one. Each name has one
 * writer; any process may read.
 */
public final class Positions {
  /** The relay to Kafka. */
  public static final String RELAY = "relay";

  /** The compaction into the warehouse. */
  public static final String WAREHOUSE = "warehouse";

  /** The directory's name below the home. */
  public static final String DIRECTORY = "positions";

  private static final String NEXT = ".next";

  private final Path directory;

  /** The positions of the log of a home, whose directory is made at the first write. */
  public Positions(Path home) {
    this.directory = home.resolve(DIRECTORY);
  }

  /**
   * The index of the last record the reader is done with; empty when it has not begun.
   *
   * @throws IllegalStateException when the file holds something else
   */
  public OptionalLong read(String reader) {
    try {
      String text = Files.readString(directory.resolve(reader), StandardCharsets.UTF_8).strip();
      return OptionalLong.of(Long.parseUnsignedLong(text, 16));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          directory.resolve(reader) + " holds no position; expected a hexadecimal index", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every reader's position. */
  public Map<String, Long> all() {
    Map<String, Long> all = new TreeMap<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> !name.endsWith(NEXT))
            .forEach(name -> read(name).ifPresent(index -> all.put(name, index)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }

  /** Notes that the reader is done with everything up to and including the index. */
  public void write(String reader, long index) {
    try {
      Files.createDirectories(directory);
      Path next = directory.resolve(reader + NEXT);
      try (FileChannel file =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        file.write(
            ByteBuffer.wrap((Long.toHexString(index) + "\n").getBytes(StandardCharsets.UTF_8)));
        file.force(true);
      }
      Files.move(
          next,
          directory.resolve(reader),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
