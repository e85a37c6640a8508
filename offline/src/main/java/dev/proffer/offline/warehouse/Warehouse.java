package dev.proffer.offline.warehouse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.events.log.Positions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory {@code warehouse/} of a home, open for one writer. Parquet files lie below {@code
 * <table>/day=<day>/}; {@code _manifest.json} names them all, {@code _schema.json} says what is in
 * them.
 *
 * <p>A change is made so: its files are written below {@code warehouse.staging/}, outside what a
 * reader would glob; the journal is written; old files are deleted, new ones renamed into place,
 * the manifest replaced, the journal deleted. A change whose journal is there is taken to its end
 * when the warehouse is opened next; one without a journal has never been. A reader that globs the
 * directory therefore sees a row at most once and a file whole: while a change with deletions
 * (merged files, an erasure) is being made it may miss their rows, or be told that a file it listed
 * is gone, for the milliseconds between.
 */
public final class Warehouse implements AutoCloseable {
  /** The directory below the home. */
  public static final String DIRECTORY = "warehouse";

  /** Where files are made, below the home. */
  public static final String STAGING = "warehouse.staging";

  /** The manifest's name. */
  public static final String MANIFEST = "_manifest.json";

  /** The schema's name. */
  public static final String SCHEMA = "_schema.json";

  private static final String JOURNAL = "journal.json";
  private static final String LOCK = "lock";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .build();

  private final Path directory;
  private final Path staging;
  private final Path home;
  private final Disk disk;
  private final FileChannel lockFile;
  private Manifest manifest;

  private Warehouse(Path home, Disk disk, FileChannel lockFile) throws IOException {
    this.home = home;
    this.directory = home.resolve(DIRECTORY);
    this.staging = home.resolve(STAGING);
    this.disk = disk;
    this.lockFile = lockFile;
    this.manifest = recover();
  }

  /**
   * Opens the warehouse of a home and takes an interrupted change to its end.
   *
   * @throws IllegalArgumentException when another process has it open, or a newer version made it
   */
  public static Warehouse open(Path home) throws IOException {
    return open(home, new Disk());
  }

  static Warehouse open(Path home, Disk disk) throws IOException {
    Path staging = Files.createDirectories(home.resolve(STAGING));
    FileChannel channel =
        FileChannel.open(
            staging.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lock(channel) == null) {
        throw new IllegalArgumentException(
            "another process compacts into "
                + home.resolve(DIRECTORY)
                + "; one at a time, try again when it has ended");
      }
      return new Warehouse(home, disk, channel);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  private Manifest recover() throws IOException {
    Path journal = staging.resolve(JOURNAL);
    checkSchema();
    Manifest read =
        Files.exists(directory.resolve(MANIFEST))
            ? JSON.readValue(directory.resolve(MANIFEST).toFile(), Manifest.class)
            : Manifest.EMPTY;
    if (Files.exists(journal)) {
      manifest = read;
      carryOut(JSON.readValue(journal.toFile(), Change.class));
      read = manifest;
    } else if (read.number() == 0 && hasFiles()) {
      throw new IllegalArgumentException(
          directory
              + " holds files and no "
              + MANIFEST
              + "; put it back, or remove the directory and compact again");
    }
    clearStaging();
    return read;
  }

  private boolean hasFiles() throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.anyMatch(file -> file.toString().endsWith(".parquet"));
    }
  }

  private void checkSchema() throws IOException {
    Path file = directory.resolve(SCHEMA);
    if (!Files.exists(file)) {
      disk.write(file, schema());
      return;
    }
    JsonNode tables = JSON.readTree(file.toFile()).path("tables");
    boolean older = false;
    for (WarehouseTable table : WarehouseTable.values()) {
      int there = tables.path(table.word()).path("version").asInt(table.version());
      if (there > table.version()) {
        throw new IllegalArgumentException(
            file
                + ": "
                + table.word()
                + " has version "
                + there
                + ", this program knows "
                + table.version()
                + "; use the newer program");
      }
      older |= there < table.version();
    }
    if (older) {
      disk.write(file, schema());
    }
  }

  private static String schema() throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", 1);
    ObjectNode tables = root.putObject("tables");
    for (WarehouseTable table : WarehouseTable.values()) {
      ObjectNode one = tables.putObject(table.word());
      one.put("version", table.version());
      if (table.key() != null) {
        one.put("unique", table.key());
      }
      one.put("partitioned_by", "day");
      ArrayNode columns = one.putArray("columns");
      for (WarehouseTable.Column column : table.columns()) {
        columns
            .addObject()
            .put("name", column.name())
            .put("type", column.type())
            .put("description", column.description());
      }
    }
    return JSON.writeValueAsString(root) + "\n";
  }

  private void clearStaging() throws IOException {
    try (Stream<Path> files = Files.walk(staging)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(staging) && !file.equals(staging.resolve(LOCK))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** The home it is the warehouse of. */
  public Path home() {
    return home;
  }

  Manifest manifest() {
    return manifest;
  }

  Path directory() {
    return directory;
  }

  /** Where a file is made that will have that path below the warehouse; its directory is there. */
  Path staged(String path) throws IOException {
    Path file = staging.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    return file;
  }

  /** Where DuckDB may put what does not fit in memory. */
  Path scratch() {
    return staging.resolve("scratch");
  }

  /** Makes a change whose files are staged; when this returns it is made for good. */
  void commit(Change change) throws IOException {
    for (String path : change.moves()) {
      disk.sync(staging.resolve(path));
    }
    disk.write(staging.resolve(JOURNAL), JSON.writeValueAsString(change));
    carryOut(change);
  }

  private void carryOut(Change change) throws IOException {
    for (String path : change.deletes()) {
      disk.delete(directory.resolve(path));
    }
    for (String path : change.moves()) {
      if (Files.exists(staging.resolve(path))) {
        disk.move(staging.resolve(path), directory.resolve(path));
      } else if (!Files.exists(directory.resolve(path))) {
        throw new IllegalStateException(path + " is neither staged nor in the warehouse");
      }
    }
    syncDirectories(change.deletes());
    syncDirectories(change.moves());
    disk.write(directory.resolve(MANIFEST), JSON.writeValueAsString(change.after()));
    String position = change.after().positions().get(SpoolSource.NAME);
    if (position != null) {
      // After the manifest: retention may delete what stands before it.
      disk.step("position", home);
      new Positions(home).write(Positions.WAREHOUSE, Long.parseUnsignedLong(position, 16));
    }
    disk.delete(staging.resolve(JOURNAL));
    manifest = change.after();
  }

  private void syncDirectories(List<String> paths) throws IOException {
    for (Path parent :
        paths.stream()
            .map(path -> Objects.requireNonNull(directory.resolve(path).getParent()))
            .distinct()
            .toList()) {
      disk.syncDirectory(parent);
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close(); // and the lock with it
  }
}
