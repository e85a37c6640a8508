package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.events.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A gateway in a process of its own: the program {@code proffer serve}. Ended by its handle when
 * closed.
 */
final class GatewayProcess implements AutoCloseable {
  private static final long READY_WITHIN_MILLIS = 60_000;
  private static final long STOP_WITHIN_SECONDS = 20;

  private final Process process;
  private final int port;
  private final int managementPort;

  private GatewayProcess(Process process, int port, int managementPort) {
    this.process = process;
    this.port = port;
    this.managementPort = managementPort;
  }

  /**
   * Starts a gateway and waits until it can answer.
   *
   * @param port 0 for a free one
   * @param loud whether its output is shown here
   */
  static GatewayProcess start(
      HomeOptions home, int port, int managementPort, List<String> more, boolean loud)
      throws IOException {
    Path root = Path.of(System.getProperty("proffer.root", ".")).toAbsolutePath().normalize();
    Path ready = Files.createTempFile("proffer-ready-", ".json");
    Files.delete(ready);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + root.resolve("gateway/target/jvm.args"));
    String separator = System.getProperty("path.separator");
    command.add("-cp");
    command.add(
        root.resolve("gateway/target/proffer-gateway.jar")
            + separator
            + root.resolve("gateway/target/lib/*"));
    command.add("dev.proffer.gateway.Main");
    command.add("serve");
    command.addAll(
        List.of(
            "--home", home.home.toString(),
            "--config", home.config.toString(),
            "--port", String.valueOf(port),
            "--management-port", String.valueOf(managementPort),
            "--ready-file", ready.toString()));
    if (home.thrownAway) {
      command.add("--models-in-home");
    }
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Path output = Files.createTempFile("proffer-gateway-", ".log");
    if (loud) {
      builder.inheritIO();
    } else {
      builder.redirectOutput(output.toFile());
    }
    Process process = builder.start();
    // A command that is told to stop takes its gateway along.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop-gateway"));
    Time time = Time.system();
    long began = time.millis();
    while (!Files.exists(ready)) {
      if (!process.isAlive() || time.millis() - began > READY_WITHIN_MILLIS) {
        process.destroyForcibly();
        String said = loud ? "" : ":\n" + Files.readString(output);
        throw new Failed("the gateway did not start" + said);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    JsonNode ports = new JsonMapper().readTree(Files.readString(ready));
    Files.deleteIfExists(ready);
    if (!loud) {
      output.toFile().deleteOnExit();
    } else {
      Files.deleteIfExists(output);
    }
    return new GatewayProcess(
        process, ports.path("port").asInt(), ports.path("management_port").asInt());
  }

  /** The ports and the process as a line of JSON. */
  String readyLine() {
    return "{\"port\":"
        + port
        + ",\"management_port\":"
        + managementPort
        + ",\"pid\":"
        + process.pid()
        + "}";
  }

  /** Where the public port answers. */
  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Where the management port answers. */
  String managementUrl() {
    return "http://127.0.0.1:" + managementPort;
  }

  /** Waits for its end; gives its exit code. */
  int await() {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  @Override
  public void close() {
    stop(process);
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(STOP_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
