package dev.proffer.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Somebody else on the same disk: writes blocks and forces each to the device, one after another,
 * until it is closed. The file never grows beyond {@value #FILE_BYTES} bytes and is deleted.
 */
final class BusyDisk implements AutoCloseable {
  private static final int BLOCK_BYTES = 4 << 20;
  private static final int FILE_BYTES = 64 << 20;

  private final Path file;
  private final Thread thread;
  private volatile boolean closing;
  private final AtomicLong written = new AtomicLong();
  private volatile @Nullable IOException failure;

  private BusyDisk(Path file) {
    this.file = file;
    this.thread = new Thread(this::write, "busy-disk");
    this.thread.setDaemon(true);
  }

  /** Begins. */
  static BusyDisk in(Path directory) {
    BusyDisk disk = new BusyDisk(directory.resolve("busy-disk"));
    disk.thread.start();
    return disk;
  }

  /** Bytes that were written and forced so far. */
  long written() {
    return written.get();
  }

  private void write() {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (long at = 0; !closing; at = (at + BLOCK_BYTES) % FILE_BYTES) {
        block.clear().putLong(0, written.get() + 1);
        while (block.hasRemaining()) {
          channel.write(block, at + block.position());
        }
        channel.force(false);
        written.addAndGet(BLOCK_BYTES);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
      Files.deleteIfExists(file);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    IOException failed = failure;
    if (failed != null) {
      throw new UncheckedIOException(failed);
    }
  }
}
