package dev.proffer.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A copy of the shipped configuration for a test to change. */
public final class Configuration {
  private static final String GATEWAY =
      """
      port: 0
      management-port: 0
      event-loops: 2
      off-loop-ms: 20000
      users: 1000
      statistics-refresh-ms: 50
      model-poll-ms: 3600000
      checkpoint-seconds: 0
      """;

  private final Path directory;

  private Configuration(Path directory) {
    this.directory = directory;
  }

  /** The shipped files below {@code parent}, on free ports and small. */
  public static Configuration shipped(Path parent) {
    try {
      Path directory = Files.createDirectories(parent.resolve("configs"));
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(Path.of("..", "configs"), "*.yaml")) {
        for (Path file : files) {
          Files.copy(
              file, directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      return new Configuration(directory).with("gateway.yaml", GATEWAY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces a file. */
  public Configuration with(String file, String text) {
    try {
      Files.writeString(directory.resolve(file), text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds lines to {@code gateway.yaml}; a key that is there already is replaced. */
  public Configuration gateway(String key, long value) {
    String line = key + ": " + value + "\n";
    String without = text("gateway.yaml").replaceAll("(?m)^" + key + ":.*\n", "");
    return with("gateway.yaml", without + line);
  }

  /** A file's text. */
  public String text(String file) {
    try {
      return Files.readString(directory.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path directory() {
    return directory;
  }

  /** The settings, read. */
  public Settings settings() {
    return Settings.read(directory);
  }
}
