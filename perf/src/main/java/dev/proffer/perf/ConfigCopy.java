package dev.proffer.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A copy of a configuration directory in which single keys are set otherwise. */
final class ConfigCopy {
  private final Path directory;

  private ConfigCopy(Path directory) {
    this.directory = directory;
  }

  /** Copies all files. */
  static ConfigCopy of(Path config, Path directory) throws IOException {
    Home.copyAll(config, directory);
    return new ConfigCopy(directory);
  }

  /** Sets a key of the first level, whether the file has it or not; the file is made if need be. */
  ConfigCopy set(String file, String key, String value) throws IOException {
    Path path = directory.resolve(file);
    List<String> lines = new ArrayList<>();
    if (Files.exists(path)) {
      lines.addAll(Files.readAllLines(path));
      lines.removeIf(line -> line.startsWith(key + ":"));
    }
    lines.add(key + ": " + value);
    Files.write(path, lines);
    return this;
  }

  /** Rewrites a file. */
  ConfigCopy edit(String file, UnaryOperator<String> edit) throws IOException {
    Path path = directory.resolve(file);
    Files.writeString(path, edit.apply(Files.readString(path)));
    return this;
  }

  /** Where the copy is. */
  Path directory() {
    return directory;
  }
}
