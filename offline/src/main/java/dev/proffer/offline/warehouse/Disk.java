package dev.proffer.offline.warehouse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file operations that a commit is made of, each of which happens whole or not at all and is on
 * the disk when it returns. A test overrides {@link #step} to stop at any of them.
 */
class Disk {
  /** Called before each operation. */
  void step(String operation, Path path) throws IOException {}

  /** Makes a staged file durable. */
  final void sync(Path file) throws IOException {
    step("sync", file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Replaces a small text file whole. */
  final void write(Path file, String text) throws IOException {
    step("write", file);
    Path parent = parent(file);
    Files.createDirectories(parent);
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    step("rename", file);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(parent);
  }

  /** Moves a file within the file system. */
  final void move(Path from, Path to) throws IOException {
    step("move", to);
    Path parent = parent(to);
    if (!Files.isDirectory(parent)) {
      Files.createDirectories(parent);
      syncDirectory(parent(parent));
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes a file, if it is there. */
  final void delete(Path file) throws IOException {
    step("delete", file);
    Files.deleteIfExists(file);
  }

  /** Makes the names in a directory durable. */
  final void syncDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " has no directory");
    }
    return parent;
  }
}
