package dev.proffer.perf;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a measurement has opened: processes and a temporary directory. Closed once, what was opened
 * last first, at the end or when the program is stopped by a signal, whichever comes first.
 */
final class Resources implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Thread hook = new Thread(this::closeAll, "bench-stop");
  private boolean closed;

  Resources() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Keeps something to close; closes it at once when the rest is closed already. */
  synchronized <T extends AutoCloseable> T add(T resource) {
    if (closed) {
      close(resource);
      throw new Failed("stopped");
    }
    opened.push(resource);
    return resource;
  }

  /** A directory that is removed with all it holds. */
  Path directory() throws IOException {
    return directory("proffer-bench-", false);
  }

  /** A fresh directory, which is removed with all it holds unless it is to be kept. */
  Path directory(String prefix, boolean keep) throws IOException {
    Path directory = Files.createTempDirectory(prefix);
    if (!keep) {
      add(() -> delete(directory));
    }
    return directory;
  }

  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the hook itself is what is running
    }
  }

  private synchronized void closeAll() {
    closed = true;
    while (!opened.isEmpty()) {
      close(opened.pop());
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      System.err.println("not closed as it should be: " + e);
    }
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
