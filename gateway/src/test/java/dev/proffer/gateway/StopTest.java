package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.time.Time;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
final class StopTest {
  @TempDir private Path dir;

  @Test
  void answersTheRequestInFlightAndKeepsItsEvent() throws Exception {
    String body = "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S1\",\"event_id\":\"last\"}";
    RunningGateway running = RunningGateway.on(dir, Configuration.shipped(dir));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), running.gateway().port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /log_event HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                  + "content-length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body.substring(0, 10))
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      await().until(() -> running.open().get("/health").status() == 200);

      CompletableFuture<Void> stopped = CompletableFuture.runAsync(running::close);
      await()
          .untilAsserted(
              () -> {
                Answer ready = running.management().get("/readyz");
                assertThat(ready.status()).isEqualTo(503);
                assertThat(ready.json().getString("status")).isEqualTo("draining");
              });
      out.write(body.substring(10).getBytes(StandardCharsets.US_ASCII));
      out.flush();

      assertThat(firstLine(socket)).isEqualTo("HTTP/1.1 202 Accepted");
      stopped.get(20, TimeUnit.SECONDS);
    }

    try (RunningGateway again = RunningGateway.on(dir, Configuration.shipped(dir))) {
      assertThat(again.metric("proffer_log_entries_total")).isEqualTo(1);
    }
  }

  private static String firstLine(Socket socket) throws IOException {
    return new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
        .readLine();
  }

  @Test
  void canBeStoppedTwiceAndStartedAgainOnTheSameHomeAndPort() throws Exception {
    Settings settings = Configuration.shipped(dir).settings();
    Gateway first = Gateway.start(settings, dir.resolve("var"), Time.system());
    Settings samePorts =
        settings.with(settings.gateway().onPorts(first.port(), first.managementPort()));
    first.close();
    first.close();

    try (Gateway second = Gateway.start(samePorts, dir.resolve("var"), Time.system())) {
      assertThat(second.port()).isEqualTo(first.port());
      assertThat(new Client(second.port()).get("/health").status()).isEqualTo(200);
    }
  }
}
