package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real gateway in a process of its own, which a test may kill; ended at the end. */
final class GatewayProcess implements AutoCloseable {
  private final Process process;
  private final Client open;
  private final Client management;

  private GatewayProcess(Process process, JsonObject ports) {
    this.process = process;
    this.open = new Client(ports.getInteger("port"));
    this.management = new Client(ports.getInteger("management_port"));
  }

  /**
   * Starts one on the home {@code dir/var} and waits until it is ready.
   *
   * @param before what its command line is put behind, such as a command that runs it elsewhere
   */
  static GatewayProcess on(Path dir, Configuration configuration, String... before)
      throws IOException {
    Path ready = dir.resolve("ready.json");
    Files.deleteIfExists(ready);
    List<String> command = new ArrayList<>(List.of(before));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.removeIf(
        argument -> argument.startsWith("-agent") || argument.startsWith("-javaagent"));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "dev.proffer.gateway.Main",
            "serve",
            "--home",
            dir.resolve("var").toString(),
            "--config",
            configuration.directory().toString(),
            "--port=0",
            "--management-port=0",
            "--ready-file",
            ready.toString()));
    Path errors = dir.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(dir.resolve("out").toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      await().until(() -> Files.exists(ready) || !process.isAlive());
      assertThat(process.isAlive()).as(Files.readString(errors)).isTrue();
      return new GatewayProcess(process, new JsonObject(Files.readString(ready)));
    } catch (Throwable e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Asks the public port. */
  Client open() {
    return open;
  }

  /** Asks the management port. */
  Client management() {
    return management;
  }

  /** Ends it as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
    assertThat(ended()).isTrue();
  }

  private boolean ended() {
    try {
      return process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    if (!ended()) {
      process.destroyForcibly();
    }
  }
}
