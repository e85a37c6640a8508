package dev.proffer.events.log;

import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.JsonLogCodec;
import dev.proffer.events.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What could not be delivered or read, kept for people with the reason: JSON lines below {@code
 * dead-letters/} of the home, one file a day (UTC). A line is synced before {@link #keep} returns.
 * Safe to share between threads; several processes may append.
 */
public final class DeadLetters {
  /** The directory's name below the home. */
  public static final String DIRECTORY = "dead-letters";

  private final Path directory;
  private final Time time;
  private final AtomicLong kept = new AtomicLong();

  /** The dead letters of a home, whose directory is made at the first one. */
  public DeadLetters(Path home, Time time) {
    this.directory = home.resolve(DIRECTORY);
    this.time = time;
  }

  /**
   * Keeps an entry that cannot be delivered, or bytes of which no entry can be made.
   *
   * @param from who could not, such as {@code relay}
   * @param where where it stands, in that reader's words
   * @throws UncheckedIOException when the file cannot be written
   */
  public synchronized void keep(
      String from,
      String where,
      String reason,
      @Nullable LogEntry entry,
      byte @Nullable [] content) {
    Instant now = Instant.ofEpochMilli(time.millis());
    Map<String, String> marks = new LinkedHashMap<>();
    marks.put("at", now.toString());
    marks.put("from", from);
    marks.put("where", where);
    marks.put("reason", reason);
    byte[] line =
        (JsonLogCodec.deadLetter(marks, entry, content) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(directory);
      Path file = directory.resolve(LocalDate.ofInstant(now, ZoneOffset.UTC) + ".jsonl");
      try (FileChannel out =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    kept.incrementAndGet();
  }

  /** How many were kept by this process. */
  public long kept() {
    return kept.get();
  }
}
