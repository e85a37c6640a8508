package dev.proffer.perf;

import dev.proffer.fixtures.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gateways that are killed and started again on the same homes and ports. One thread starts and
 * kills.
 */
final class Gateways {
  private static final Duration START = Duration.ofMinutes(2);

  private static final Duration ANSWER = Duration.ofSeconds(2);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build();
  private final Programs programs;
  private final Path directory;
  private final Resources resources;
  private final List<Integer> ports = new ArrayList<>();
  private final List<Integer> managementPorts = new ArrayList<>();
  private final List<Child> children = new ArrayList<>();
  private int starts;

  Gateways(Programs programs, Path directory, Resources resources, int count) {
    this.programs = programs;
    this.directory = directory;
    this.resources = resources;
    for (int at = 0; at < count; at++) {
      ports.add(Ports.free());
      managementPorts.add(Ports.free());
    }
  }

  List<Integer> ports() {
    return ports;
  }

  /** The sum of a gateway's metrics of one name; null while it does not answer or lacks it. */
  @Nullable Double metric(int gateway, String name) {
    URI uri = URI.create("http://127.0.0.1:" + managementPorts.get(gateway) + "/metrics");
    try {
      HttpResponse<Stream<String>> response =
          http.send(
              HttpRequest.newBuilder(uri).timeout(ANSWER).build(),
              HttpResponse.BodyHandlers.ofLines());
      Double sum = null;
      for (String line : (Iterable<String>) response.body()::iterator) {
        if (line.startsWith(name + " ") || line.startsWith(name + "{")) {
          double value = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
          sum = sum == null ? value : sum + value;
        }
      }
      return sum;
    } catch (IOException | UncheckedIOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  int count() {
    return ports.size();
  }

  /** Where a gateway keeps everything. */
  Path home(int gateway) {
    return directory.resolve("home-" + gateway);
  }

  /** Starts a gateway and waits until it is ready. */
  void start(int gateway, Path config) throws IOException {
    Child child =
        resources.add(
            Child.start(
                "gateway-" + gateway + "-" + starts++,
                programs.gateway(
                    home(gateway),
                    config,
                    ports.get(gateway),
                    managementPorts.get(gateway),
                    List.of("-Xmx768m", "-XX:+UseSerialGC")),
                directory));
    if (gateway < children.size()) {
      children.set(gateway, child);
    } else {
      children.add(child);
    }
    child.await("ready ", START);
  }

  /** Ends a gateway with SIGKILL and waits for its end. */
  void kill(int gateway) {
    children.get(gateway).kill();
  }

  /** Ends all in order. */
  void stop() {
    children.forEach(Child::close);
  }
}
