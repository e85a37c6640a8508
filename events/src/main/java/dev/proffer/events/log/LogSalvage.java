package dev.proffer.events.log;

import dev.proffer.events.codec.LogCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a log whole again whose files were damaged, such as by a loss of power under a log that is
 * not synced: a reader stands still at the first damaged record, and what is appended behind it is
 * never read. The death of a process does no such damage.
 *
 * <p>A damaged file is searched for whole records, byte by byte; they are written to a new file of
 * the same name, in their order, and the old one is kept beside it as {@code .damaged}. The records
 * before the damage keep their indexes.
 *
 * <p>To be used before anybody opens the log. Chronicle's files: 4-byte aligned headers of 30 bits
 * of length and two flags, then the record (Chronicle Queue RFC, "Size Prefixed Blob").
 */
public final class LogSalvage {
  private static final Logger LOG = LoggerFactory.getLogger(LogSalvage.class);
  private static final String SUFFIX = ".cq4";
  private static final int END_OF_FILE = 0xC0000000;
  private static final int NOT_COMPLETE = 0x80000000;
  private static final int LENGTH = 0x3fffffff;

  /** How each of our records begins: a CBOR map whose first key is "kind". */
  private static final long BEGIN = 0x646e696b64bfL;

  private static final long BEGIN_MASK = 0xffffffffffffL;

  /** What the header of a file is tagged with. */
  private static final String STORE = "SCQStore";

  private static final long WINDOW = 256L << 20;

  private LogSalvage() {}

  /**
   * What was done to a damaged file.
   *
   * @param readable records that could be read before it
   * @param salvaged records that are in the new file
   * @param lastKept the {@link EventLog.Tail#index} of the last record that is where it was; those
   *     behind it may have moved
   */
  public record Salvaged(Path file, long readable, long salvaged, long lastKept) {}

  /**
   * Checks the latest file of a log, and every file changed since an instant, and replaces those
   * that are damaged.
   *
   * @param sinceMillis epoch milliseconds
   */
  public static List<Salvaged> run(Path directory, long sinceMillis) throws IOException {
    List<Salvaged> done = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return done;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
    for (int at = 0; at < files.size(); at++) {
      Path file = files.get(at);
      boolean last = at == files.size() - 1;
      if (last || Files.getLastModifiedTime(file).toMillis() >= sinceMillis) {
        Damage damage = look(directory, file);
        if (damage.found) {
          Salvaged salvaged = replace(directory, file, damage);
          LOG.error(
              "{} was damaged behind record {}: {} records are saved, the old file is kept as {}",
              file,
              salvaged.readable(),
              salvaged.salvaged(),
              damaged(file).getFileName());
          done.add(salvaged);
        }
      }
    }
    return done;
  }

  private record Damage(boolean found, long readable) {}

  static Path damaged(Path file) {
    return file.resolveSibling(file.getFileName() + ".damaged");
  }

  private static Damage look(Path directory, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // Chronicle would wait long for a header that never comes.
      ByteBuffer head = ByteBuffer.allocate(64);
      channel.read(head, 0);
      if (!new String(head.array(), StandardCharsets.ISO_8859_1).contains(STORE)) {
        return new Damage(true, 0);
      }
    }
    long readable = 0;
    long end = 0;
    try (ChronicleQueue queue = open(directory);
        ExcerptTailer tailer = queue.createTailer()) {
      int cycle = cycle(queue, directory, file);
      if (tailer.moveToCycle(cycle)) {
        while (true) {
          try (DocumentContext document = tailer.readingDocument()) {
            if (!document.isPresent() || queue.rollCycle().toCycle(document.index()) != cycle) {
              break;
            }
            readable++;
            end = document.wire().bytes().readLimit();
          }
        }
      }
    } catch (RuntimeException | Error e) {
      LOG.warn("{} cannot be read on behind record {}", file, readable, e);
      return new Damage(true, readable);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long from = (end + 3) / 4 * 4;
      if (from + 4 > channel.size()) {
        return new Damage(end > channel.size(), readable); // cut off within a record, or full
      }
      ByteBuffer word = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(word, from);
      int header = word.getInt(0);
      boolean plain = header == 0 || header == END_OF_FILE || (header & NOT_COMPLETE) != 0;
      // A header that says nothing is fine at the end, and damage before it.
      boolean[] more = new boolean[1];
      scan(
          channel,
          from,
          record -> {
            more[0] = true;
            return false;
          });
      return new Damage(!plain || more[0], readable);
    }
  }

  private static ChronicleQueue open(Path directory) {
    return SingleChronicleQueueBuilder.binary(directory)
        .rollCycle(EventLog.rollCycle(directory, LogSpec.Roll.HOURLY))
        .readOnly(true)
        .build();
  }

  private static int cycle(ChronicleQueue queue, Path directory, Path file) {
    for (EventLog.Segment segment : EventLog.segments(directory, queue.rollCycle())) {
      if (segment.path().equals(file)) {
        return queue.rollCycle().toCycle(segment.firstIndex());
      }
    }
    throw new IllegalStateException(file + " is not named as the log names its files");
  }

  /** Gives every whole record from a place on, until the taker has had enough. */
  private static void scan(FileChannel channel, long from, Predicate<byte[]> taker)
      throws IOException {
    long size = channel.size();
    long at = from;
    while (at + 12 <= size) {
      int limit = (int) Math.min(WINDOW, size - at);
      MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, at, limit);
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      boolean lastWindow = at + limit == size;
      int here = 0;
      while (here + 12 <= limit) {
        if ((bytes.getLong(here + 4) & BEGIN_MASK) != BEGIN) {
          here += 4;
          continue;
        }
        int header = bytes.getInt(here);
        int length = header & LENGTH;
        if (!lastWindow && here > 0 && here + 4L + length > limit) {
          break; // the next window begins with it
        }
        byte[] record = record(bytes, here, header, limit);
        if (record == null) {
          here += 4;
        } else if (taker.test(record)) {
          here += (4 + length + 3) / 4 * 4;
        } else {
          return;
        }
      }
      if (lastWindow) {
        return;
      }
      at += here;
    }
  }

  private static byte @Nullable [] record(ByteBuffer bytes, int at, int header, int limit) {
    int length = header & LENGTH;
    // Complete data, no meta data: neither flag is set.
    if (header <= 0 || header != length || at + 4L + length > limit) {
      return null;
    }
    byte[] record = new byte[length];
    bytes.get(at + 4, record);
    try {
      LogCodec.decode(record, 0, length);
      return record;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static Salvaged replace(Path directory, Path file, Damage damage) throws IOException {
    Path room = directory.resolveSibling(directory.getFileName() + ".salvage");
    deleteAll(room);
    long[] saved = new long[1];
    long lastKept;
    try (ChronicleQueue queue = open(directory)) {
      int cycle = cycle(queue, directory, file);
      lastKept = queue.rollCycle().toIndex(cycle, 0) + damage.readable - 1;
      long beginMillis = (long) cycle * queue.rollCycle().lengthInMillis();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
          ChronicleQueue anew =
              SingleChronicleQueueBuilder.binary(room)
                  .rollCycle(queue.rollCycle())
                  .timeProvider(() -> beginMillis)
                  .build();
          ExcerptAppender appender = anew.createAppender()) {
        scan(
            channel,
            0,
            record -> {
              try (DocumentContext document = appender.writingDocument()) {
                document.wire().bytes().write(record);
              }
              saved[0]++;
              return true;
            });
      }
    }
    Path made = room.resolve(file.getFileName());
    Files.copy(file, damaged(file), StandardCopyOption.REPLACE_EXISTING);
    if (Files.exists(made)) {
      try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.delete(file);
    }
    deleteAll(room);
    return new Salvaged(file, damage.readable, saved[0], lastKept);
  }

  private static void deleteAll(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path path : (Iterable<Path>) all.sorted((a, b) -> b.compareTo(a))::iterator) {
          Files.delete(path);
        }
      }
    }
  }
}
