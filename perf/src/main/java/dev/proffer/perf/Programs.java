package dev.proffer.perf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Command lines of the programs as they are shipped. */
final class Programs {
  private final Path root;

  Programs(Path root) {
    this.root = root;
  }

  /** The programs of the directory this one was started from. */
  static Programs here() {
    return new Programs(root());
  }

  /** The directory that holds the rooms. */
  static Path root() {
    return Path.of(System.getProperty("proffer.root", ".")).toAbsolutePath().normalize();
  }

  /** {@code proffer serve}. */
  List<String> gateway(
      Path home, Path config, int port, int managementPort, List<String> javaOptions) {
    List<String> command = java("gateway", "dev.proffer.gateway.Main", javaOptions);
    command.addAll(List.of("serve", "--home", home.toString(), "--config", config.toString()));
    command.addAll(List.of("--port", String.valueOf(port)));
    command.addAll(List.of("--management-port", String.valueOf(managementPort)));
    return command;
  }

  /** Any command of {@code offline}. */
  List<String> offline(List<String> arguments, List<String> javaOptions) {
    List<String> command = java("offline", "dev.proffer.offline.cli.Main", javaOptions);
    command.addAll(arguments);
    return command;
  }

  private List<String> java(String room, String main, List<String> javaOptions) {
    Path target = root.resolve(room + "/target");
    Path jvmArguments = target.resolve("jvm.args");
    if (!Files.isRegularFile(jvmArguments)) {
      throw new Failed(jvmArguments + " is missing; start through ./proffer, which builds it");
    }
    String classPath =
        target.resolve("proffer-" + room + ".jar")
            + System.getProperty("path.separator")
            + target.resolve("lib/*");
    return Child.java(jvmArguments, javaOptions, classPath, main);
  }
}
