package dev.proffer.perf;

import dev.proffer.offline.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Which trained home is measured, by which configuration and JVM options; mixed into a command. */
final class HomeOptions {
  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(
      names = "--gateway-java-options",
      paramLabel = "OPTIONS",
      description = "JVM options for the gateway alone, such as those that record a profile.")
  private String gatewayJavaOptions = "";

  /** Fails, and says what to do, where nothing is trained. */
  void check() {
    Home.champion(home);
  }

  /** A copy of the home below {@code directory}. */
  Home copy(Path directory) throws IOException {
    return Home.copy(home, directory.resolve("home"), Settings.read(config));
  }

  /** A copy of the configuration below {@code directory}. */
  ConfigCopy configs(Path directory) throws IOException {
    return ConfigCopy.of(config, directory.resolve("configs"));
  }

  /** The gateway's JVM options, each a word. */
  List<String> gatewayJavaOptions() {
    return words(gatewayJavaOptions);
  }

  /** JVM options as they stand on a command line. */
  static List<String> words(String options) {
    return options.isBlank() ? List.of() : List.of(options.strip().split("\\s+"));
  }
}
