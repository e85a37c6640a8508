package dev.proffer.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.perf.load.BareServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Starts what is measured, each in a process of its own on free ports of the loopback address: the
 * gateway with one event loop on a copy of the configuration, and the bare server beside it with
 * the same JVM options.
 */
final class Servers {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration FOLD = Duration.ofMinutes(5);

  private final Path root;
  private final Path directory;
  private final Machine machine;
  private final Resources resources;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build();
  private final JsonMapper json = new JsonMapper();

  /**
   * A server that answers.
   *
   * @param word what it said when it was ready, beside the port
   */
  record Running(Child child, int port, int managementPort, String word) {}

  /** An answer as it came. */
  record Answer(int status, List<String> headers, byte[] body, JsonNode json) {}

  Servers(Path root, Path directory, Machine machine, Resources resources) {
    this.root = root;
    this.directory = directory;
    this.machine = machine;
    this.resources = resources;
  }

  /**
   * The gateway.
   *
   * @param name its own among the gateways of a run
   */
  Running gateway(String name, Path home, ConfigCopy config, List<String> javaOptions)
      throws IOException {
    return gateway(name, home, config, Path.of(System.getProperty("java.home")), javaOptions);
  }

  /** The same on another JDK. */
  Running gateway(
      String name, Path home, ConfigCopy config, Path javaHome, List<String> javaOptions)
      throws IOException {
    config.set("gateway.yaml", "event-loops", "1");
    String classPath =
        root.resolve("gateway/target/proffer-gateway.jar")
            + System.getProperty("path.separator")
            + root.resolve("gateway/target/lib/*");
    List<String> command =
        Child.java(javaHome, jvmArguments(), javaOptions, classPath, "dev.proffer.gateway.Main");
    command.addAll(
        List.of(
            "serve",
            "--home",
            home.toString(),
            "--config",
            config.directory().toString(),
            "--port",
            "0",
            "--management-port",
            "0"));
    Child child = start(name, machine.server(command));
    JsonNode ports = json.readTree(child.await("ready ", START).substring("ready ".length()));
    return new Running(
        child, ports.path("port").asInt(), ports.path("management_port").asInt(), "");
  }

  /** The bare server, which answers with the bytes of a captured answer. */
  Running bare(Answer answer) throws IOException {
    return bare("bare-server", answer, List.of());
  }

  /** The same, each answer by way of a second thread. */
  Running handingOver(Answer answer) throws IOException {
    return bare("bare-server-handing-over", answer, List.of(BareServer.HANDING_OVER));
  }

  private Running bare(String name, Answer answer, List<String> more) throws IOException {
    Path headers = directory.resolve("answer.headers");
    Path body = directory.resolve("answer.body");
    Files.write(headers, answer.headers());
    Files.write(body, answer.body());
    List<String> command =
        Child.java(
            jvmArguments(),
            List.of(),
            System.getProperty("java.class.path"),
            "dev.proffer.perf.load.BareServer");
    command.addAll(List.of(String.valueOf(answer.status()), headers.toString(), body.toString()));
    command.addAll(more);
    Child child = start(name, machine.server(command));
    String[] words = child.await("ready ", START).split(" ", 3);
    return new Running(child, Integer.parseInt(words[1]), 0, words[2]);
  }

  /** The load. */
  Child load() throws IOException {
    List<String> command =
        Child.java(
            jvmArguments(),
            List.of(),
            System.getProperty("java.class.path"),
            "dev.proffer.perf.load.Load");
    Child child = start("load", machine.load(command));
    child.await("ready", START);
    return child;
  }

  private Child start(String name, List<String> command) throws IOException {
    return resources.add(Child.start(name, command, directory));
  }

  private Path jvmArguments() {
    Path file = root.resolve("gateway/target/jvm.args");
    if (!Files.isRegularFile(file)) {
      throw new Failed(file + " is missing; start through ./proffer bench, which builds it");
    }
    return file;
  }

  /** One answer of {@code /suggest}. */
  Answer suggest(int port, String body) throws IOException {
    return post(port, "/suggest", body, 200);
  }

  /** One answer to a body of JSON; fails unless it has that status. */
  Answer post(int port, String path, String body, int status) throws IOException {
    HttpResponse<byte[]> response =
        send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            status);
    List<String> headers = new ArrayList<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> headers.add(name + ": " + value)));
    return new Answer(status, headers, response.body(), json.readTree(response.body()));
  }

  /** How many answers the gateway has given with something missing, whatever the cause. */
  double degraded(Running gateway) throws IOException {
    return sum(gateway, line -> line.startsWith("proffer_degraded_total"));
  }

  /** How many events the gateway did not keep, whatever the cause. */
  double notKept(Running gateway) throws IOException {
    return sum(
        gateway,
        line ->
            line.startsWith("proffer_events_total")
                && (line.contains("outcome=\"refused\"") || line.contains("outcome=\"lost\"")));
  }

  /**
   * How far the gateway's state is behind what was acknowledged, and how long it took to fold that.
   */
  record Behind(double entries, double seconds) {}

  /** Waits until the gateway has folded what it acknowledged. */
  Behind awaitFold(Running gateway) throws IOException {
    long began = System.nanoTime();
    double entries = behind(gateway);
    for (double left = entries; left > 0; left = behind(gateway)) {
      if (System.nanoTime() - began > FOLD.toNanos()) {
        throw new Failed("the gateway did not fold " + left + " entries in " + FOLD);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return new Behind(entries, entries == 0 ? 0 : (System.nanoTime() - began) / 1e9);
  }

  private double behind(Running gateway) throws IOException {
    return sum(gateway, line -> line.startsWith("proffer_log_behind "));
  }

  /** The sum of those of the gateway's metrics whose line is wanted. */
  double sum(Running gateway, Predicate<String> wanted) throws IOException {
    HttpResponse<byte[]> response =
        send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + gateway.managementPort() + "/metrics"))
                .timeout(ANSWER)
                .build(),
            200);
    double sum = 0;
    for (String line : new String(response.body(), StandardCharsets.UTF_8).split("\n", -1)) {
      if (wanted.test(line)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  private HttpResponse<byte[]> send(HttpRequest request, int status) throws IOException {
    try {
      HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != status) {
        throw new Failed(
            request.uri()
                + " answered "
                + response.statusCode()
                + ": "
                + new String(response.body(), StandardCharsets.UTF_8));
      }
      return response;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("interrupted", e);
    }
  }
}
