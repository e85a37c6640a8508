package dev.proffer.pipeline.sample;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A file of samples, one behind the other, each with its length and CRC-32C; what a crash left half
 * written ends it. The name holds when it was begun. Belongs to one thread.
 */
public final class SampleFile implements AutoCloseable {
  /** The directory of the files below the home. */
  public static final String DIRECTORY = "samples";

  private static final String SUFFIX = ".served";
  private static final long MAGIC = 0x50524F46_534D5031L; // PROFSMP1
  private static final int MOST_BYTES = 1 << 28;

  private final Path path;
  private final DataOutputStream out;

  private SampleFile(Path path) throws IOException {
    this.path = path;
    this.out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)));
    out.writeLong(MAGIC);
  }

  /** A new file. */
  public static SampleFile begin(Path directory, long beganMillis) throws IOException {
    Files.createDirectories(directory);
    return new SampleFile(
        directory.resolve(String.format(Locale.ROOT, "%015d%s", beganMillis, SUFFIX)));
  }

  /** The files of a directory, the oldest first; none when it is not there. */
  public static List<Path> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
  }

  /** When a file was begun, epoch milliseconds; 0 for a name that does not say. */
  public static long beganMillis(Path file) {
    String name = String.valueOf(file.getFileName());
    String digits = name.substring(0, name.length() - SUFFIX.length());
    return digits.chars().allMatch(Character::isDigit) && !digits.isEmpty()
        ? Long.parseLong(digits)
        : 0;
  }

  /** The whole samples of a file. */
  public static List<ServedSample> read(Path file) throws IOException {
    List<ServedSample> samples = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      if (in.readLong() != MAGIC) {
        throw new IOException(file + " is no file of samples of this version");
      }
      while (true) {
        int length = in.readInt();
        long sum = in.readInt() & 0xffffffffL;
        if (length < 0 || length > MOST_BYTES) {
          break;
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length || sum != sum(bytes)) {
          break;
        }
        samples.add(ServedSample.decode(bytes));
      }
    } catch (EOFException e) {
      // The end, be it of a file that was not finished.
    }
    return samples;
  }

  /** Writes a file anew without the samples that are not to be kept; does not when all are. */
  public static void keep(Path file, Predicate<ServedSample> kept) throws IOException {
    List<ServedSample> all = read(file);
    List<ServedSample> left = all.stream().filter(kept).toList();
    if (left.size() == all.size()) {
      return;
    }
    if (left.isEmpty()) {
      Files.delete(file);
      return;
    }
    Path anew = file.resolveSibling(file.getFileName() + ".anew");
    try (SampleFile out = new SampleFile(anew)) {
      for (ServedSample sample : left) {
        out.write(sample);
      }
    }
    Files.move(anew, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Adds a sample. */
  public void write(ServedSample sample) throws IOException {
    byte[] bytes = sample.encode();
    out.writeInt(bytes.length);
    out.writeInt((int) sum(bytes));
    out.write(bytes);
  }

  /** Hands on what is buffered. */
  public void flush() throws IOException {
    out.flush();
  }

  private static long sum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, bytes.length);
    return sum.getValue();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
